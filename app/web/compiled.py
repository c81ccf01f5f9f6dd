"""How templates become Python: what is the same for whoever reads is said when they are compiled; what they call and
show goes the shortest way."""

from collections.abc import Callable
from functools import cache
from types import BuiltinFunctionType, FunctionType, MethodType, SimpleNamespace
from typing import Any, cast

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escaped  # type: ignore[attr-defined]  # `escape` marks what it made as safe

Drawing = Callable[..., Any]
_UI = "components/ui.html"
_COMPONENTS = {"ui": _UI, "forms": "components/forms.html"}
"""By the name that every template gives it."""
_PLAIN = {Macro, FunctionType, MethodType, BuiltinFunctionType, type(cache(str))}


def shown(value: Any) -> str:
    """A text as a page may show it. It is joined with others at once, so nothing marks it as safe once more."""
    kind = type(value)
    if kind is str:
        return str(escaped(value))
    if kind is Markup:
        return cast("Markup", value)
    return str(value) if kind is int else escape(value)


class ShortContext(Context):
    """Of what is called few want to know in which context."""

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  (as Jinja has it)
        if type(__obj) in _PLAIN and (type(__obj) is Macro or not hasattr(__obj, "jinja_pass_arg")):
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


class ShortCode(CodeGenerator):
    """No filter, function or macro of ours is told the variables of the loop or the block that calls it."""

    environment: "InOneLanguage"

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("shown, drawings = environment.shown, environment.drawings")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("shown(")

    @optimizeconst
    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        drawing = None if forward_caller else self.environment.drawing_of(node)
        if drawing is None:
            self.write("context.call(")
            self.visit(node.node, frame)
            self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
            self.write(")")
            return
        name, macro = drawing
        given = dict(zip(macro.arguments, node.args, strict=False)) | {one.key: one.value for one in node.kwargs}
        self.write(f"Markup(drawings.{name}(")
        for argument in macro.arguments:
            if argument in given:
                self.visit(given[argument], frame)
            else:
                self.write("missing")
            self.write(", ")
        self.write("))")


class InOneLanguage(Environment):
    """What a template says alike to everybody who reads its language is said when the template is compiled."""

    code_generator_class = ShortCode
    context_class = ShortContext
    said: Callable[[str], str]
    shown = staticmethod(shown)
    drawings: SimpleNamespace
    """The functions behind the components' macros, by their names."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = _SaidAtOnce(self).visit(super()._parse(source, name, filename))
        return parsed

    def drawing(self, called: nodes.Expr) -> Drawing | None:
        """What draws the same for the same arguments, whoever reads: words, icons and `ui`'s macros."""
        match called:
            case nodes.Name(name="_"):
                return lambda words, **named: Markup(self.said(words)) % named  # noqa: S704  (as `_` marks it)
            case nodes.Name(name="icon"):
                return cast("Drawing", self.globals["draw_icon"])
            case nodes.Getattr(node=nodes.Name(name="ui"), attr=macro):
                return cast("Drawing", getattr(self.get_template(_UI).module, macro))
        return None

    def drawing_of(self, call: nodes.Call) -> tuple[str, Macro] | None:
        """A component's macro that is called with nothing but its own arguments, and what its function is called."""
        match call.node:
            case nodes.Getattr(node=nodes.Name(name=str(component)), attr=name) if component in _COMPONENTS:
                macro = getattr(self.get_template(_COMPONENTS[component]).module, name, None)
            case _:
                return None
        if not isinstance(macro, Macro) or macro.caller or macro.catch_kwargs or macro.catch_varargs:
            return None
        named = [one.key for one in call.kwargs]
        free = macro.arguments[len(call.args) :]
        if call.dyn_args or call.dyn_kwargs or len(call.args) > len(macro.arguments) or not set(named) <= set(free):
            return None
        setattr(self.drawings, f"{component}_{name}", macro._func)
        return f"{component}_{name}", macro


class _SaidAtOnce(NodeTransformer):
    def __init__(self, env: InOneLanguage) -> None:
        self._env = env

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  (the visitor's name for it)
        self.generic_visit(node)
        draw = self._env.drawing(node.node)
        if draw is None:
            return node
        try:
            args = [one.as_const() for one in node.args]
            kwargs = {one.key: one.value.as_const() for one in node.kwargs}
        except nodes.Impossible:
            return node
        return node if node.dyn_args or node.dyn_kwargs else nodes.Const(draw(*args, **kwargs), lineno=node.lineno)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        """Its call is given the block: it is no call of constants alone."""
        self.generic_visit(node.call)
        node.body = [self.visit(one) for one in node.body]
        return node
