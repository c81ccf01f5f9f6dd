"""The categories as a tree: who stands under whom, how deep, and in which order one reads them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.catalogue.models import Category, CategoryCard

MAX_DEPTH = 5
AnyCategory = TypeVar("AnyCategory", Category, CategoryCard)
"""To work on, or to look at."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[AnyCategory]):
    """A category where it stands: `depth` 1 is the top."""

    category: AnyCategory
    depth: int
    path: tuple[str, ...]
    is_first: bool
    is_last: bool

    @property
    def full_name(self) -> str:
        return " / ".join(self.path)


class Tree(Generic[AnyCategory]):
    def __init__(self, categories: Iterable[AnyCategory]) -> None:
        self._by_id: dict[int, AnyCategory] = {category.id: category for category in categories}
        self._below: dict[int | None, list[AnyCategory]] = {}
        for category in sorted(self._by_id.values(), key=lambda one: (one.position, one.name.lower(), one.id)):
            parent = category.parent_id if category.parent_id in self._by_id else None
            self._below.setdefault(parent, []).append(category)

    def get(self, category_id: int | None) -> AnyCategory | None:
        return self._by_id.get(category_id) if category_id is not None else None

    def children(self, parent_id: int | None) -> Sequence[AnyCategory]:
        return self._below.get(parent_id, [])

    def in_order(self) -> Iterator[Placed[AnyCategory]]:
        """As a reader meets them: each category, then what is under it."""
        return self._walk(None, ())

    def _walk(self, parent_id: int | None, path: tuple[str, ...]) -> Iterator[Placed[AnyCategory]]:
        siblings = self.children(parent_id)
        for category in siblings:
            here = (*path, category.name)
            yield Placed(category, len(here), here, category is siblings[0], category is siblings[-1])
            yield from self._walk(category.id, here)

    def above(self, category_id: int | None) -> Iterator[AnyCategory]:
        """From this one up to the top, itself first."""
        category = self.get(category_id)
        while category is not None:
            yield category
            category = self.get(category.parent_id)

    def depth_of(self, category_id: int | None) -> int:
        return sum(1 for _ in self.above(category_id))

    def height_of(self, category_id: int) -> int:
        """How many levels it brings along: 1 for one with nothing under it."""
        return 1 + max((self.height_of(child.id) for child in self.children(category_id)), default=0)

    def is_under(self, category_id: int | None, ancestor_id: int) -> bool:
        """Or the same one."""
        return any(category.id == ancestor_id for category in self.above(category_id))

    def places_for(self, category: AnyCategory) -> list[Placed[AnyCategory]]:
        """Where it may stand: not below itself, not too deep, not in the archive."""
        height = self.height_of(category.id)
        return [place for place in self.in_order() if self._has_room(place, height, category.id)]

    def places(self) -> list[Placed[AnyCategory]]:
        """Where a new one may stand."""
        return [place for place in self.in_order() if self._has_room(place, 1, None)]

    def _has_room(self, place: Placed[AnyCategory], height: int, moved_id: int | None) -> bool:
        own = moved_id is not None and self.is_under(place.category.id, moved_id)
        return not own and not place.category.is_archived and place.depth + height <= MAX_DEPTH
