"""The admins' list of what has versions: what its address asks for, and which rows it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Asked:
    """`path` is the list's own address."""

    path: str
    words: str
    archived: bool
    cursor: str | None

    @classmethod
    def read(cls, path: str, query: Mapping[str, Any]) -> Self:
        words = str(query.get("q", ""))[:100].replace("\0", " ").strip()
        return cls(path, words, query.get("show") == "archived", query.get("cursor"))

    def url(self, **changed: Any) -> str:
        now = {"q": self.words, "show": "archived" if self.archived else "", **changed}
        query = urlencode({name: value for name, value in now.items() if value})
        return self.path + (f"?{query}" if query else "")
