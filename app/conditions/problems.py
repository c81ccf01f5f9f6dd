"""What is wrong with a condition, said so that its author can mend it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

Translate = Callable[[str], str]


def N_(message: str) -> str:  # noqa: N802
    """Marks a message for the catalogue; it is translated where it is told."""
    return message


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    template: str
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.told(str)

    def told(self, translate: Translate) -> str:
        return translate(self.template).format_map(self.details)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ConditionError(ValueError):
    """Carries every problem at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


class Refused(Exception):
    """One value can't be taken; whoever knows the path makes a `Problem` of it."""

    def __init__(self, template: str, **details: str) -> None:
        super().__init__(template)
        self.template, self.details = template, details


def shown(value: Any) -> str:
    """A short form of anything that JSON can hold, whatever its size."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{_cut(value)}'"
        case int() if value.bit_length() > 256:
            return "…"
        case int() | float() | Decimal():
            return _cut(str(value))
        case list() | tuple():
            return "[…]"
    return "{…}"


def nearest(name: str, known: Sequence[str]) -> str | None:
    return next(iter(get_close_matches(name[:64], known, n=1)), None)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
