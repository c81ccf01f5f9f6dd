"""Reads every template as its next reader would: does it parse, and is it called what it is?"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError

from app.actor import Actor, acting_as
from app.config import resource
from app.web.i18n import LOCALES
from app.web.templates import environment

NAME = re.compile(r"_?[a-z0-9_]+(\.swap)?\.(html|txt)")
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
JINJA = re.compile(r"{#.*?#}|{%.*?%}", re.DOTALL)
EXPRESSION = re.compile(r"{{.*?}}", re.DOTALL)
FIRST_TAG = re.compile(r"<[a-z][^>]*>", re.DOTALL)
WRITTEN_ID = re.compile(r'\sid="([^"{]+)"')
OTHERS = re.compile(r'{%-?\s*(?:include|extends|import|from)\s+"([^"]+)"')
SHARED_FOLDERS = {"components", "layouts", "activity", "ticket_templates"}
BELOW = {"work": {"tickets"}, "mailing": {"tickets"}, "dashboards": {"work"}}
"""Domains whose pages are made of what is right below them."""
MACRO = re.compile(r"{%-?\s*macro\b.*?endmacro\s*-?%}", re.DOTALL)
CALLED_FORM = re.compile(r"{%-?\s*call forms\.form\([^%]*\bid=")
IN_A_SWAP = re.compile(
    r"""{{ (?:navigation\.count|ui\.counted)\([^}]*oob=true\) }}|<(\w+) id="[^"]*" hx-swap-oob="delete"></\1>"""
)
"""A number of the menu or of a tab, and the removal of a row, are all that a swap says itself."""
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an address elsewhere": re.compile(r'(?:src|href|action|hx-[a-z]+)="(?:https?:)?//', re.IGNORECASE),
    "text that is trusted by name (|safe)": re.compile(r"\|\s*safe\b"),
}


def main() -> int:
    templates = resource("templates")
    paths = sorted(path for path in templates.rglob("*") if path.is_file())
    wrong = [f"{path.relative_to(templates)}: {said}" for path in paths for said in complaints(templates, path)]
    print("\n".join([*wrong, f"{len(paths)} templates, {len(wrong)} complaints"]))
    return 1 if wrong else 0


def complaints(templates: Path, path: Path) -> Iterator[str]:
    name, text = path.relative_to(templates).as_posix(), path.read_text(encoding="utf-8")
    yield from _does_not_parse(templates, name)
    if not NAME.fullmatch(path.name):
        yield "a page is show.html, a partial _show.html, a swap show.swap.html"
    markup = EXPRESSION.sub("x", JINJA.sub("", text))
    for what, pattern in FORBIDDEN.items():
        if pattern.search(text if "safe" in what else markup):
            yield f"holds {what}"
    yield from _shape(path, text)
    yield from _reaches_over(name, text)
    for written, times in Counter(WRITTEN_ID.findall(JINJA.sub("", text))).items():
        if times > 1:
            yield f"the id {written} is written {times} times"


def _does_not_parse(templates: Path, name: str) -> Iterator[str]:
    for locale in LOCALES:
        with acting_as(Actor(id=0, name="", locale=locale)):
            try:
                environment(templates, resource("static")).get_template(name)
            except TemplateSyntaxError as error:
                yield f"line {error.lineno}: {error.message}"
            except (KeyError, TypeError, ValueError) as error:
                yield f"something that is said in {locale} has places for what it is not given: {error!r}"


def _shape(path: Path, text: str) -> Iterator[str]:
    if path.parent.name in ("components", "layouts") or _is_macros(text):
        return
    if path.name.endswith(".swap.html"):
        if IN_A_SWAP.sub("", JINJA.sub("", IN_A_SWAP.sub("", text))).strip():
            yield "a swap is only a list of partials"
    elif path.name.startswith("_"):
        if not text.startswith("{# needs:"):
            yield "a partial's first line is {# needs: … #}"
        if path.name.endswith("_fields.html"):
            return  # the fields of a form stand in the form's own element
        first = FIRST_TAG.search(EXPRESSION.sub("x", JINJA.sub("", CALLED_FORM.sub("<form id=", MACRO.sub("", text)))))
        if first and " id=" not in first.group():
            yield "a partial is one element with an id from dom_id"
    elif path.suffix == ".html" and "{% extends" not in COMMENT.sub("", text):
        yield "a page extends a layout"


def _is_macros(text: str) -> bool:
    """Nothing but macros, for others to import."""
    return "{% macro" in text and not JINJA.sub("", MACRO.sub("", text)).strip()


def _reaches_over(name: str, text: str) -> Iterator[str]:
    own = name.split("/", 1)[0]
    for other in OTHERS.findall(text):
        folder = other.split("/", 1)[0]
        if folder != own and folder not in SHARED_FOLDERS | BELOW.get(own, set()):
            yield f"takes {other} from another domain"


if __name__ == "__main__":
    sys.exit(main())
