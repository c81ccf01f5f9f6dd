"""Moving one thing up or down in its list."""

from enum import StrEnum
from typing import Protocol, TypeVar


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class Ordered(Protocol):
    position: int


One = TypeVar("One", bound=Ordered)


def moved(siblings: list[One], one: One, direction: Direction) -> bool:
    """Gives every sibling its place; false when it stands at that end already."""
    old = siblings.index(one)
    new = old + (1 if direction is Direction.DOWN else -1)
    if not 0 <= new < len(siblings):
        return False
    siblings.insert(new, siblings.pop(old))
    for place, sibling in enumerate(siblings):
        sibling.position = place
    return True
