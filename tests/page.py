"""Reading a page as a browser would: the form that a person sees, with its hidden fields."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any


@dataclass
class FoundForm:
    action: str
    values: dict[str, Any]
    """A name that stands there several times has all of its values."""

    def add(self, name: str, value: str) -> None:
        if name not in self.values:
            self.values[name] = value
        else:
            several = self.values[name]
            self.values[name] = [*(several if isinstance(several, list) else [several]), value]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[FoundForm] = []
        self._open: FoundForm | None = None
        self._area: str | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = FoundForm(given.get("action", ""), {})
            self.found.append(self._open)
        elif self._open is not None and tag == "input" and given.get("name"):
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if ticked:
                self._open.add(given["name"], given.get("value", "on"))
        elif self._open is not None and tag == "textarea" and given.get("name"):
            self._area = given["name"]
            self._open.values[self._area] = ""
        elif tag == "select":
            self._select = given.get("name", "")
        elif self._open is not None and tag == "option" and "selected" in given and self._select:
            self._open.add(self._select, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            self._open.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "form":
            self._open = None


def form_values(html: str, action: str) -> FoundForm:
    """The first form whose action ends so."""
    reader = _Forms()
    reader.feed(html)
    found = next((form for form in reader.found if form.action.endswith(action)), None)
    assert found is not None, f"no form for {action} among {[form.action for form in reader.found]}"
    return found


def first(pattern: str, text: str) -> str:
    found = re.search(pattern, unescape(text))
    assert found is not None, f"{pattern} is not in: {text[:500]}"
    return found.group(1)
