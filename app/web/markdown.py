"""Markdown to HTML that cannot run anything: no raw HTML in, an allow-list out."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "p", "br", "strong", "em", "s", "del", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip
_CALL = re.compile(r"(?<![^\W\u2e80-\uffff])(?<![.@/])@(?=[^\s@])")
"""An `@` that may begin somebody's name: not that of a mail address, though in Chinese no space stands before it."""
_TASKS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 30}).enable(
        ["table", "strikethrough"]
    )


@lru_cache(maxsize=2048)
def render_markdown(text: str, images: tuple[tuple[str, str], ...] = (), mentioned: tuple[str, ...] = ()) -> str:
    """`images`: (file name, address) of those that the text may show, as `![…](attachment:name)`; no others are.

    `mentioned`: names of people that stand out where the text calls them.
    """
    known = {f"attachment:{name}": address for name, address in images}
    parser, environment = _parser(), dict[str, Any]()
    tokens = parser.parse(text, environment)
    _tick(tokens)
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "image":
                _place(inner, known.get(unquote(str(inner.attrs.get("src", "")))))
        if mentioned and token.children:
            token.children = [part for inner in token.children for part in _called(inner, mentioned)]
    return nh3.clean(
        parser.renderer.render(tokens, parser.options, environment),
        tags=_TAGS | ({"img"} if images else set()),
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        allowed_classes={"span": {"mention"}, "li": {"task"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def plain_text(text: str) -> str:
    """The words alone, for a line that quotes them: an image is its description, a box stays a box."""
    tokens = _parser().parse(text)
    _tick(tokens)
    return "\n".join(_said(token) for token in tokens if token.content)


def _said(token: Token) -> str:
    if token.children is None:
        return token.content.rstrip("\n")
    return "".join("\n" if "break" in inner.type else inner.content for inner in token.children)


def calls_in(text: str) -> list[str]:
    """What follows each `@` that may call somebody, in plain words: not in code, not in an address."""
    if "@" not in text:
        return []
    runs = [inner.content for token in _parser().parse(text) for inner in token.children or () if inner.type == "text"]
    return [run[found.end() :] for run in runs for found in _CALL.finditer(run)]


def is_called(name: str, called: str) -> bool:
    """Whether the words after an `@` begin with this name, whole."""
    if not called.lower().startswith(name.lower()):
        return False
    rest = called[len(name) :]
    goes_on = rest[:1].isalnum() and name[-1:].isalnum()
    return not goes_on or not (name[-1].isascii() or rest[0].isascii())


def _called(token: Token, names: tuple[str, ...]) -> Iterator[Token]:
    """The token, cut where it calls somebody."""
    if token.type != "text":
        yield token
        return
    done = 0
    for found in _CALL.finditer(token.content):
        name = max((one for one in names if is_called(one, token.content[found.end() :])), key=len, default=None)
        if name is None or found.start() < done:
            continue
        end = found.end() + len(name)
        yield _words(token.content[done : found.start()])
        yield Token("mention_open", "span", 1, attrs={"class": "mention"})
        yield _words(token.content[found.start() : end])
        yield Token("mention_close", "span", -1)
        done = end
    yield _words(token.content[done:])


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _tick(tokens: list[Token]) -> None:
    """`- [ ]` and `- [x]` become boxes; a sign, not an input: nothing is to be pressed, and mails and print have it."""
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        if box := _TASKS.get(first.content[:4]) if first.type == "text" else None:
            first.content = f"{box} {first.content[4:]}"
            item.attrJoin("class", "task")


def _place(image: Token, address: str | None) -> None:
    """One that is not at hand is its words: nothing is fetched from elsewhere."""
    if address is not None:
        image.attrs["src"] = address
        return
    image.type, image.children = "text", None
