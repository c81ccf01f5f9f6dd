"""A filter in a page's address, short enough to read and to edit by hand.

One text is one chip; all of them must hold. A chip is `field:operator:values`, or `not(…)`, `all(…;…)`, `any(…;…)`,
`some(table;…)`, `every(table;…)` around others. Values are parted by commas; one that has any of `,;()'` in it, begins
with `@` or `~` or is empty is put in `'…'`, in which `''` is a quotation mark:

    status:in:open,in_progress    amount:ge:5000.00EUR    title:contains:'pay, now'    assignee:eq:@me
    due:lt:today-30d              created:ge:now-4h       start:le:~due                 not(cost_center:empty)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.conditions.fields import Fields
from app.conditions.nodes import All, Condition
from app.conditions.problems import N_, ConditionError, Problem, Refused
from app.conditions.tree import parse
from app.conditions.url_reading import read_chip
from app.conditions.url_writing import write_chip

CHIPS = 50
LENGTH = 8_000
"""Of all chips together; with it the number of parts and values is bounded too."""
TOO_LONG = N_("the filter is too long")


@dataclass(frozen=True, slots=True)
class Chip:
    """Red and ignored where there are problems; `text` is what stood in the address."""

    text: str
    condition: Condition | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class UrlFilter:
    chips: tuple[Chip, ...]

    @property
    def condition(self) -> Condition:
        return All(tuple(chip.condition for chip in self.chips if chip.condition is not None))

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for chip in self.chips for problem in chip.problems)


def from_url(texts: Sequence[str], fields: Fields) -> UrlFilter:
    """Never an error: what can't be read is a chip that says so."""
    chips, length = [], 0
    for text in texts[:CHIPS]:
        length += len(text)
        chips.append(_chip(text, fields) if length <= LENGTH else _refused(text[:LENGTH], TOO_LONG))
    chips += [_refused(text[:LENGTH], TOO_LONG) for text in texts[CHIPS : CHIPS + 1]]
    return UrlFilter(tuple(chips))


def to_url(condition: Condition) -> list[str]:
    """One text a chip, as `from_url` takes them."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return [write_chip(part) for part in parts]


def _chip(text: str, fields: Fields) -> Chip:
    try:
        return Chip(text, parse(read_chip(text, fields), fields))
    except Refused as refused:
        return _refused(text, refused.template, **refused.details)
    except ConditionError as error:
        return Chip(text, None, error.problems)


def _refused(text: str, template: str, **details: str) -> Chip:
    return Chip(text, None, (Problem("$", template, details),))
