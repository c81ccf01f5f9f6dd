"""Rows of a form on the screen that are moved and removed; each keeps its number, wherever it goes."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Numbered(Protocol):
    @property
    def number(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


def numbers(sent: Iterable[str], most: int) -> list[int]:
    """The hidden inputs that say which rows there are."""
    known = [int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 5]
    return list(dict.fromkeys(known[:most]))


def free_number(rows: Iterable[Numbered]) -> int:
    return max((row.number for row in rows), default=-1) + 1


def rearrange(rows: list[Row], verb: str, number: str) -> None:
    """`up`, `down` or `remove`; anything else, and a number that is not there, changes nothing."""
    place = next((place for place, row in enumerate(rows) if str(row.number) == number), None)
    if place is None:
        return
    if verb == "remove":
        del rows[place]
    other = {"up": place - 1, "down": place + 1}.get(verb, -1)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
