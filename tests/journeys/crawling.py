"""Follows every link that a person is offered, and reads each page the way a strict browser would."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

MOST_PAGES = 70
OF_ONE_KIND = 2
_NAMED = re.compile(
    r"(?<=/)(?:\d+|[A-Z]{2,6}-\d+|(?<=templates/)[a-z][a-z0-9-]*|(?<=tickets/new/)[a-z][a-z0-9-]*)(?=/|$)"
)


@dataclass
class Found(HTMLParser):
    """One page: where it leads, and what it must not have."""

    url: str
    links: list[str] = field(default_factory=list)
    h1: int = 0
    title: str = ""
    inline: list[str] = field(default_factory=list)
    _in_title: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [name for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)
        if tag == "h1":
            self.h1 += 1
        if tag == "title" and not self.title:
            self._in_title = True
        if tag == "a" and (href := given.get("href")) and "download" not in given:
            self.links.append(urldefrag(urljoin(self.url, href)).url)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    @property
    def faults(self) -> list[str]:
        wrong = [f"has {name} inline" for name in self.inline]
        if self.h1 != 1:
            wrong.append(f"has {self.h1} h1")
        if not self.title.strip():
            wrong.append("has no title")
        return [f"{self.url} {fault}" for fault in wrong]


def kind_of(url: str) -> str:
    """Pages that differ in an id or in what their query asks for are of one kind; a list filtered or not makes two."""
    parts = urlsplit(url)
    return _NAMED.sub("*", parts.path) + ("?" if parts.query else "")


async def crawl(client: httpx.AsyncClient, site: str) -> tuple[list[str], list[str]]:
    """The pages, and what is wrong with them."""
    waiting, seen, pages, faults = [f"{site}/"], {f"{site}/"}, list[str](), list[str]()
    kinds: dict[str, int] = {}
    while waiting and len(pages) < MOST_PAGES:
        url = waiting.pop(0)
        if kinds.setdefault(kind_of(url), 0) >= OF_ONE_KIND:
            continue
        kinds[kind_of(url)] += 1
        answer = await client.get(url, follow_redirects=True)
        if answer.status_code != 200:
            faults.append(f"{url} answers {answer.status_code}")
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        page = Found(str(answer.url))
        page.feed(answer.text)
        pages.append(url)
        faults += page.faults
        for link in page.links:
            if link.startswith(f"{site}/") and "/static/" not in link and link not in seen:
                seen.add(link)
                waiting.append(link)
    return pages, faults
