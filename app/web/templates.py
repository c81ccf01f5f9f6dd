"""The Jinja environment: what every template may use without being given it."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2 import Template as JinjaTemplate
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from litestar.plugins.jinja import JinjaTemplateEngine
from markupsafe import Markup

from app.actor import current_actor, hue_of, initials_of
from app.web import formats
from app.web.compiled import InOneLanguage
from app.web.dom import dom_id
from app.web.drawings import Drawings, draw_options, draw_time
from app.web.drawn import drawn
from app.web.i18n import gettext, in_quotes, labelled, language, ngettext, pgettext, series, translator
from app.web.icon_words import icon_words
from app.web.markdown import mark_calls, markdown_at_hand
from app.web.security import csrf_token
from app.web.shortcuts import shortcuts


class PageEngine(JinjaTemplateEngine):
    """Litestar's door to the templates, in the language of whoever reads."""

    def __init__(self, templates: Path, static: Path, *, debug: bool = False) -> None:
        self._present = partial(environment, templates, static, debug=debug)
        super().__init__(engine_instance=self._present())

    def get_template(self, template_name: str) -> JinjaTemplate:
        return self._present().get_template(template_name)


def environment(templates: Path, static: Path, *, debug: bool = False) -> Environment:
    """For pages and mails, in the language of whoever reads."""
    return _environment(templates, static, current_actor().locale, debug)


@lru_cache
def _environment(templates: Path, static: Path, locale: str, debug: bool) -> Environment:
    """One a language: to compile the templates takes a second."""
    env = InOneLanguage(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=debug, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], cache_size=1000,
    )  # fmt: skip
    env.said, env.drawings = translator(locale), SimpleNamespace()
    env.template_class = PageTemplate
    env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    asset = asset_urls(static)
    drawings = Drawings(asset("icons/sprite.svg"))
    env.globals.update(
        asset=asset,
        draw_icon=drawings.draw_icon,
        draw_avatar=drawings.draw_avatar,
        draw_time=draw_time,
        draw_options=draw_options,
        dom_id=dom_id,
        drawn=drawn,
        language=language,
        span_words=formats.span_words,
        icon_words=icon_words,
        csrf_input=csrf_input,
        new_command=new_command,
        initials_of=initials_of,
        hue_of=hue_of,
        shortcuts=shortcuts,
    )
    env.filters.update(_filters())
    return env


class PageTemplate(JinjaTemplate):
    """Litestar passes a `csrf_input` of its own, a string whose token knows no session; ours is the global."""

    def new_context(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> Context:
        if vars and isinstance(vars.get("csrf_input"), str):
            vars = {name: value for name, value in vars.items() if name != "csrf_input"}
        return super().new_context(vars, shared, locals)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        """What a page imports knows the environment's globals; Jinja would compare them with the page's each time."""
        return super()._get_default_module()


def new_command() -> str:
    """For the hidden `command` field: a form sent twice is one command."""
    return str(uuid4())


@pass_context
def csrf_input(context: Context) -> Markup:
    """The hidden field of every form: the token of this session."""
    request = context["request"]
    visit, settings = request.scope["visit"], request.app.state.settings
    if not visit.csrf and visit.actor:
        visit.csrf = csrf_token(settings.secret_key, visit.token)
    token = visit.csrf if visit.actor else ""
    return Markup('<input type="hidden" name="_csrf" value="{}">').format(token)


def _filters() -> dict[str, Any]:
    return {
        "relative": formats.relative, "exact": formats.exact, "day": formats.day,
        "short_day": formats.short_day, "day_and_time": formats.day_and_time, "clock": formats.clock_time,
        "heading_day": formats.heading_day, "due": formats.due, "due_said": formats.due_said,
        "due_tone": formats.due_tone,
        "duration": formats.short_duration, "money": formats.money, "short_money": formats.short_money,
        "number": formats.number, "series": series, "in_quotes": in_quotes, "labelled": labelled,
        "translated": gettext,  # of a sentence from elsewhere: `_` would take a % in it for a placeholder
        "calling": lambda text, mentioned=(): Markup(mark_calls(text, mentioned)),  # noqa: S704  (the renderer escaped it)
        "markdown": lambda text, images=(), mentioned=(): Markup(markdown_at_hand(text, images, mentioned)),  # noqa: S704  (nh3 cleaned it)
    }  # fmt: skip


def asset_urls(static: Path) -> Any:
    """`asset("css/base.css")` is its URL with a fingerprint, so that it can be cached for ever."""

    @lru_cache
    def asset(name: str) -> str:
        digest = hashlib.sha256((static / name).read_bytes()).hexdigest()[:12]
        return f"/static/{name}?v={digest}"

    return asset
