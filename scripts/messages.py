"""What people read, from the sources into the catalogues: `make messages`.

Finds every message in `app` and `templates`, brings each catalogue of `app/locale` up to date (new ones without a
translation, those that nothing says any more left out), compiles it, and says what is still to be translated. The
compiled catalogues are committed: an installation compiles nothing.
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "app/locale"
DOMAIN = "countersign"
MARKS = {"_", "N_", "gettext"}
REFUSALS = {"NotAllowed", "NotPossible", "Refused", "RowRefused", "Stale", "TooLarge", "TooMany", "Unavailable"}
"""A refusal's sentences are translated where it is answered, so whatever is written into one is a message."""
OF_TEMPLATES = {"_": None, "gettext": None, "translated": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
AS_THE_PAGES_ARE = {
    "extensions": "jinja2.ext.i18n,jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true",
    "newstyle_gettext": "true", "silent": "false",
}  # fmt: skip


def from_python(file: Any, *_: Any, **__: Any) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Babel's own would glue `_("a" if x else "b")` together, and sees no sentences in a refusal's dictionary."""
    for call in ast.walk(ast.parse(file.read())):
        if not isinstance(call, ast.Call):
            continue
        name = _called(call)
        if name in {"ngettext", "pgettext"}:
            yield call.lineno, name, tuple(_written(arg) for arg in call.args[:2]), []
        elif name in MARKS:
            yield from ((call.lineno, "_", said, []) for said in _messages(call.args[0]))
        elif name in REFUSALS:
            yield from ((call.lineno, "_", said, []) for arg in call.args for said in _messages(arg))


def _called(call: ast.Call) -> str:
    """`Refused` of `Refused.at("field", …)` too, whose first argument is no message, and where an error has its own."""
    if ast.unparse(call.func) == "super().__init__":
        return "Refused"
    if isinstance(call.func, ast.Attribute) and call.func.attr == "at" and isinstance(call.func.value, ast.Name):
        call.args = call.args[1:]
        return call.func.value.id
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _messages(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(said)) if said:
            yield said
        case ast.IfExp():
            yield from (*_messages(node.body), *_messages(node.orelse))
        case ast.Dict():
            yield from (said for value in node.values for said in _messages(value))


def _written(node: ast.AST) -> str:
    return next(_messages(node))


def extracted(root: Path = ROOT) -> Catalog:
    """What the sources say now."""
    found = Catalog(fuzzy=False)
    for folder in ("app", "templates"):
        for name, line, message, _comments, context in extract_from_dir(
            root / folder,
            method_map=[("**.py", from_python), ("**.html", "jinja2"), ("**.txt", "jinja2")],  # type: ignore[list-item]
            options_map={"**.html": AS_THE_PAGES_ARE, "**.txt": AS_THE_PAGES_ARE},
            keywords=OF_TEMPLATES,
        ):
            found.add(message, None, [(f"{folder}/{name}", line)], context=context)
    return found


def languages() -> list[str]:
    return sorted(path.parent.parent.name for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def path_of(language: str, suffix: str = ".po") -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}{suffix}"


def catalogue(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


def compiled(translated: Catalog) -> bytes:
    into = BytesIO()
    write_mo(into, translated)
    return into.getvalue()


def untranslated(translated: Catalog) -> Iterator[Message]:
    for message in translated:
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(said)):
            yield message


def shown(message: Message) -> str:
    """Where it is and what it says."""
    return f"{', '.join(dict.fromkeys(name for name, _line in message.locations))}: {message.id!r}"


def update(language: str, found: Catalog) -> Catalog:
    translated = catalogue(language)
    translated.update(found, no_fuzzy_matching=True, update_creation_date=False)
    with path_of(language).open("wb") as file:  # without line numbers: else every change of code changes it
        write_po(file, translated, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    path_of(language, ".mo").write_bytes(compiled(catalogue(language)))
    return translated


def main() -> int:
    found = extracted()
    for language in languages():
        missing = list(untranslated(update(language, found)))
        print(
            f"{language}: {len(found)} messages, {len(missing)} to translate in {path_of(language).relative_to(ROOT)}"
        )
        print("".join(f"  {shown(message)}\n" for message in missing), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
