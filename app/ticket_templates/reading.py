"""Strict reading of a JSON definition: every mistake at once, each with its path."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from app.web.forms import MAX_ID, clean
from app.web.i18n import gettext as _
from app.web.i18n import series

Part = TypeVar("Part")
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(slots=True)
class Reader:
    """One JSON object being read; `errors` is shared by the readers of its parts."""

    json: Any
    path: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.json, dict):
            self.refuse("", _("An object is expected here."))
            self.json = {}

    def only(self, names: Iterable[str]) -> None:
        """Refuses what nobody would read."""
        known = list(names)
        for name in self.json:
            if name not in known:
                near = get_close_matches(str(name), known, 1)
                hint = " " + _("Did you mean “%(name)s”?") % {"name": near[0]} if near else ""
                self.refuse(str(name)[:80], _("This is not known here.") + hint)

    def refuse(self, name: str, sentence: str) -> None:
        self.errors.setdefault(".".join(part for part in (self.path, name) if part), sentence)

    def text(self, name: str, *, limit: int, multiline: bool = False, default: str = "") -> str:
        value = self.json.get(name, default)
        if not isinstance(value, str):
            self.refuse(name, _("A text is expected here."))
            return default
        try:
            value = clean(value, multiline=multiline)
        except ValueError as error:
            self.refuse(name, str(error))
            return default
        if len(value) > limit:
            self.refuse(
                name, _("At most %(limit)d characters, this has %(length)d.") % {"limit": limit, "length": len(value)}
            )
        return value

    def optional_text(self, name: str, *, limit: int) -> str | None:
        return None if self.json.get(name) in (None, "") else self.text(name, limit=limit)

    def flag(self, name: str) -> bool:
        value = self.json.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, _("Only true or false."))
            return False
        return value

    def optional_flag(self, name: str) -> bool | None:
        return None if self.json.get(name) is None else self.flag(name)

    def choice(self, name: str, options: Collection[str], default: str) -> str:
        value = self.json.get(name, default)
        if not isinstance(value, str) or value not in options:
            self.refuse(name, _("One of: %(options)s.") % {"options": series(options)})
            return default
        return value

    def row(self, name: str) -> int | None:
        value = self.json.get(name)
        if value is None:
            return None
        if not _is_id(value):
            self.refuse(name, _("An id is expected here."))
            return None
        return int(value)

    def rows(self, name: str) -> tuple[int, ...]:
        return tuple(dict.fromkeys(value for value in self.list_of(name, _("ids"), _is_id)))

    def optional_rows(self, name: str) -> tuple[int, ...] | None:
        return None if self.json.get(name) is None else self.rows(name)

    def currencies(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.list_of(name, _("currency codes like EUR"), _is_currency)))

    def tree(self, name: str) -> dict[str, Any] | None:
        """A condition: what it says is checked when it is published."""
        value = self.json.get(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, _("A condition is an object."))
            return None
        return value or None

    def list_of(self, name: str, what: str, fits: Callable[[Any], bool], limit: int = 200) -> list[Any]:
        value = self.json.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > limit or not all(fits(each) for each in value):
            self.refuse(name, _("A list of %(what)s.") % {"what": what})
            return []
        return value

    def parts(self, name: str, read: Callable[["Reader"], Part], limit: int = 200) -> tuple[Part, ...]:
        """A list of objects, each read by `read`."""
        listed = self.list_of(name, _("objects"), lambda each: True, limit)
        place = ".".join(part for part in (self.path, name) if part)
        return tuple(read(Reader(each, f"{place}.{number}", self.errors)) for number, each in enumerate(listed))


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and _CURRENCY.fullmatch(value) is not None
