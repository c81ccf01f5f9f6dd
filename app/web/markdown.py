"""Markdown to HTML that cannot run anything: no raw HTML in, an allow-list out."""

import asyncio
import re
from asyncio import wrap_future
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from html import escape
from importlib import import_module
from itertools import islice
from threading import Lock
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_TAGS = {
    "p", "br", "strong", "em", "s", "del", "a", "ul", "ol", "li", "blockquote", "code", "pre", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip
_CALL = re.compile(r"(?<![^\W\u2e80-\uffff])(?<![.@/])@(?=[^\s@])")
"""An `@` that may begin somebody's name: not that of a mail address, though in Chinese no space stands before it."""
LONGEST_CALL, MOST_CALLS = 200, 1_000
_SCHEME = re.compile(r"(?<![^\W\u2e80-\uffff])https?$", re.IGNORECASE)
_ADDRESS = re.compile(r"://[A-Za-z0-9][!-;=?-~]*")
"""After its scheme. It ends where the text goes on in Chinese: browsers copy such letters encoded (decisions/0015)."""
_MARKS = "\n|*_~`>#"
MOST_MARKS, MOST_BRACKETS = 5_000, 2_000
"""A text with more of them is shown as it was typed: each line and each mark costs some 40 microseconds, and each `[`
may begin a link and is compared with those that follow. As many addresses may be links."""
LONG = 1_000
"""Characters that take at most ten milliseconds, whatever they are."""
PATIENCE = 1.0
_TASKS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}


# Of short rows under a wide head; the library's own 65,536 take a second. (The package's `table` is its function.)
vars(import_module("markdown_it.rules_block.table"))["MAX_AUTOCOMPLETED_CELLS"] = 2_000


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 30})
    parser.inline.ruler.after("text", "pasted_address", _pasted)
    return parser.enable(["table", "strikethrough"])


Images = tuple[tuple[str, str], ...]
Names = tuple[str, ...]
Key = tuple[str, Images, Names]


def render_markdown(text: str, images: Images = (), mentioned: Names = ()) -> str:
    """`images`: (file name, address) of those that the text may show, as `![…](attachment:name)`; no others are.

    `mentioned`: names of people that stand out where the text calls them.
    """
    key = (text, images, mentioned)
    made = _SHELF.get(key)
    if made is None:
        made = _plain(text) if _is_costly(text) else _rendered(text, images, mentioned)
        _SHELF.put(key, made)
    return made


def markdown_at_hand(text: str, images: Images = (), mentioned: Names = ()) -> str:
    """For pages, which are drawn on the event loop: a long text that nobody made ready is shown as it was typed."""
    if len(text) <= LONG:
        return render_markdown(text, images, mentioned)
    return _SHELF.get((text, images, mentioned)) or _plain(text)


async def made_ready(texts: Iterable[Key]) -> None:
    """Before a page shows them. Long ones are made one after the other beside the event loop, and a page waits only so
    long, for it holds a connection: whatever somebody typed, the pages of others go on."""
    begun = [wrap_future(_begun(key)) for key in texts if len(key[0]) > LONG and _SHELF.get(key) is None]
    if begun:
        await asyncio.wait(begun, timeout=PATIENCE)


def _begun(key: Key) -> Future[str]:
    if (begun := _BEGUN.get(key)) is not None:
        return begun
    _BEGUN[key] = begun = _BESIDE.submit(render_markdown, *key)
    begun.add_done_callback(lambda _: _BEGUN.pop(key, None))
    return begun


def _is_costly(text: str) -> bool:
    return (
        max(text.count("["), text.count("://")) > MOST_BRACKETS or sum(text.count(mark) for mark in _MARKS) > MOST_MARKS
    )


class _Shelf:
    """What was made last, within so many characters: a text may become ten times as long as it was typed."""

    def __init__(self, room: int) -> None:
        self._made: OrderedDict[Key, str] = OrderedDict()
        self._room, self._lock = room, Lock()

    def get(self, key: Key) -> str | None:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def put(self, key: Key, made: str) -> None:
        with self._lock:
            self._room += _size(key, self._made.pop(key, "")) if key in self._made else 0
            self._made[key] = made
            self._room -= _size(key, made)
            while self._room < 0 and len(self._made) > 1:
                self._room += _size(*self._made.popitem(last=False))


def _size(key: Key, made: str) -> int:
    return len(key[0]) + len(made) + 500


_SHELF = _Shelf(16_000_000)
_BESIDE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="markdown")
_BEGUN: dict[Key, Future[str]] = {}


def _plain(text: str) -> str:
    return "<p>" + escape(text).replace("\n", "<br>\n") + "</p>\n"


_WORDS = re.compile(r"[^\W\d_][^\W_]*[,.;:!?]?(?: [^\W_]+[,.;:!?]?)*")
"""One line of words and numbers that begins with a letter: most of what people write. No mark in it means anything."""


def _rendered(text: str, images: Images, mentioned: Names) -> str:
    if _WORDS.fullmatch(text):
        return f"<p>{text}</p>\n"
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
    """The words alone of its beginning, for a line that quotes them: an image is its description, a box stays a box."""
    tokens = _parser().parse(text[:LONG])
    _tick(tokens)
    return "\n".join(_said(token) for token in tokens if token.content)


def _said(token: Token) -> str:
    if token.children is None:
        return token.content.rstrip("\n")
    return "".join("\n" if "break" in inner.type else inner.content for inner in token.children)


def mark_calls(text: str, mentioned: tuple[str, ...]) -> str:
    """Plain words, shown as they are; names that stand out where they call somebody."""
    parser: Any = _parser()
    return str(parser.renderer.renderInline(list(_called(_words(text), mentioned)), parser.options, {}))


def calls_in(text: str) -> list[str]:
    """What follows each `@` that may call somebody, in plain words: not in code, not in an address."""
    if "@" not in text:
        return []
    if _is_costly(text):
        return []
    runs = (inner.content for token in _parser().parse(text) for inner in token.children or () if inner.type == "text")
    calls = (run[found.end() : found.end() + LONGEST_CALL] for run in runs for found in _CALL.finditer(run))
    return list(islice(calls, MOST_CALLS))


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
        call = token.content[found.end() : found.end() + LONGEST_CALL]
        name = max((one for one in names if is_called(one, call)), key=len, default=None)
        if name is None or found.start() < done:
            continue
        end = found.end() + len(name)
        yield _words(token.content[done : found.start()])
        yield Token("mention_open", "span", 1, attrs={"class": "mention"})
        yield _words(token.content[found.start() : end])
        yield Token("mention_close", "span", -1)
        done = end
    yield _words(token.content[done:])


def _pasted(state: StateInline, silent: bool) -> bool:
    """A pasted address becomes a link, before its `_` and `*` mean anything; the words of a link stay as they are."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme, rest = _SCHEME.search(state.pending[-6:]), _ADDRESS.match(state.src, state.pos)
    if scheme is None or rest is None:
        return False
    address = _without_the_sentence(scheme.group() + rest.group())
    if not silent:
        state.pending = state.pending[: -len(scheme.group())]
        state.push("link_open", "a", 1).attrs = {"href": address}
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1)
    state.pos += len(address) - len(scheme.group())
    return True


def _without_the_sentence(address: str) -> str:
    """A full stop after it, and the end of a bracket that stands around it, are not part of it."""
    open_ends, end = address.count(")") - address.count("("), len(address)
    while address[end - 1] in ".,:;!?'\"*_~]}" or (address[end - 1] == ")" and open_ends > 0):
        open_ends -= address[end - 1] == ")"
        end -= 1
    return address[:end]


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
