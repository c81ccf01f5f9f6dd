"""The forms one may choose from: by category, those this person uses most in front."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.ticket_templates.repository import OfferedTemplate

MOST_POPULAR = 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """One category with its forms; `category_id` null holds those without one."""

    category_id: int | None
    name: str
    icon: str
    templates: tuple[OfferedTemplate, ...]


@dataclass(frozen=True, slots=True)
class Gallery:
    popular: tuple[OfferedTemplate, ...]
    shelves: tuple[Shelf, ...]

    @property
    def is_empty(self) -> bool:
        return not self.shelves


def gallery(
    offered: Iterable[OfferedTemplate],
    *,
    categories: Sequence[tuple[int, str, str]],
    used: Mapping[int, int],
    words: str = "",
    other: str = "",
) -> Gallery:
    """`categories` are (id, name, icon) in the tree's order; `used` says how often each template was, by its id.

    A form in several categories stands in each of them. `other` names the shelf of those without a category.
    """
    found = [each for each in offered if _matches(each, words)]
    ranked = sorted(found, key=lambda each: (-used.get(each.id, 0), each.name.casefold()))
    shelves = [
        Shelf(row, name, icon, tuple(each for each in ranked if row in each.category_ids))
        for row, name, icon in categories
    ]
    known = {row for row, _, _ in categories}
    shelves.append(Shelf(None, other, "folder", tuple(each for each in ranked if known.isdisjoint(each.category_ids))))
    popular = [each for each in ranked if used.get(each.id)][:MOST_POPULAR]
    return Gallery(() if words else tuple(popular), tuple(shelf for shelf in shelves if shelf.templates))


def _matches(template: OfferedTemplate, words: str) -> bool:
    text = f"{template.name} {template.description} {template.prefix}".casefold()
    return all(word in text for word in words.casefold().split())
