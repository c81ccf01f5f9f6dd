"""Whatever a person reads, they read in their language: `make messages`, docs/CONTRIBUTING.md."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import pytest
from babel.messages.catalog import Catalog, Message

from app.config import PACKAGE
from app.web.i18n import LOCALES
from scripts import messages

MEND = "Run `make messages`, translate what it names in app/locale, and run it again"
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
SENTENCE = re.compile(r"[A-Z“].* .*[.?!]”?", re.DOTALL)
MARKUP = re.compile(r"</?\w+")
NOT_FOR_PEOPLE = {
    "app/web/openapi.py": "the description of the API is English",
    "app/config.py": "whoever installs it",
    "app/approvals/receipts.py": "the command line",
    "app/accounts/commands.py": "the command line",
    "app/web/errors.py": "the log",
}

others = pytest.mark.parametrize("language", [code for code in LOCALES if code != "en"])


@lru_cache
def said() -> Catalog:
    return messages.extracted()


@lru_cache
def translated(language: str) -> Catalog:
    return messages.catalogue(language)


def told(wrong: list[str]) -> str:
    return f"{MEND}:\n" + "\n".join(wrong)


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Each translation with what it is compared with."""
    many = message.id[-1] if isinstance(message.id, tuple) else message.id
    for one in message.string if isinstance(message.string, tuple) else (message.string,):
        yield many, one


def test_each_language_that_can_be_chosen_has_a_catalogue() -> None:
    assert {*messages.languages(), "en"} == set(LOCALES)


@others
def test_nothing_that_is_said_lacks_a_translation(language: str) -> None:
    known = translated(language)
    missing = [messages.shown(one) for one in said() if one.id and known.get(one.id, one.context) is None]
    assert not missing, told(missing)
    empty = [messages.shown(one) for one in messages.untranslated(known)]
    assert not empty, told(empty)


@others
def test_nothing_is_translated_that_is_said_no_more(language: str) -> None:
    left = [messages.shown(one) for one in translated(language) if one.id and said().get(one.id, one.context) is None]
    assert not left, told(left)
    assert not translated(language).obsolete, MEND


@others
def test_a_translation_fills_in_what_the_message_does_and_is_marked_up_alike(language: str) -> None:
    def parts(text: str) -> tuple[Counter[str], Counter[str], str, str]:
        edges = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) :]
        return Counter(PLACES.findall(text)), Counter(MARKUP.findall(text)), *edges

    wrong = [
        f"{messages.shown(one)} is said as {text!r}"
        for one in translated(language)
        for original, text in (texts(one) if one.id else ())
        if parts(original) != parts(text) or text != text.strip(" ") != original.strip(" ")
    ]
    assert not wrong, told(wrong)


@others
def test_the_compiled_catalogue_is_the_one_that_is_read(language: str) -> None:
    assert messages.path_of(language, ".mo").read_bytes() == messages.compiled(translated(language)), MEND


def test_no_sentence_in_the_code_is_left_out() -> None:
    """What begins as a sentence and ends as one is read by somebody, unless it is for whoever runs the product."""
    known = {part for one in said() for part in (one.id if isinstance(one.id, tuple) else (one.id,))}
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        if name in NOT_FOR_PEOPLE or name.startswith(("app/cli/", "app/seeds/", "app/db/")):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        wrong += [f"{name}:{line}: {text!r}" for line, text in sentences(tree) if text not in known]
    assert not wrong, "Mark these as messages, by _() or N_():\n" + "\n".join(wrong)


def sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    passed_over = {id(part) for node in ast.walk(tree) for part in _not_read(node)}
    for node in ast.walk(tree):
        text = _written(node) if id(node) not in passed_over else ""
        if SENTENCE.fullmatch(text):
            yield node.lineno, text  # type: ignore[attr-defined]


def _written(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _not_read(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, what describes the API, and the pieces of a text that is looked at as a whole."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"described", "Query"}:
        yield from ast.walk(node)
    elif isinstance(node, ast.JoinedStr):
        yield from node.values
