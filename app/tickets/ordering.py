"""The orders of a list, and how its pages go on from each other: from what the last row is sorted by.

A column or a field, then what tells apart what is equal, all of it the same way round, so that one index is read from
either end. What has nothing to sort by comes last, whichever way round.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import InvalidOperation
from functools import cached_property
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    and_,
    any_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from app.tickets.models import Ticket

Part = Callable[[Any, int], Select[Any]]
"""Narrows a page's rows to one part of the list, puts them in its order, and takes at most so many."""


@dataclass(frozen=True)
class Order:
    """`columns`: what it is sorted by, with `reads`, which make their values of a cursor's words; then `ties`."""

    columns: tuple[Any, ...]
    reads: tuple[Callable[[str], Any], ...]
    descending: bool
    nullable: bool = False
    ties: tuple[Any, ...] = (Ticket.id,)
    is_backwards: bool = False
    """From its end: what has nothing to sort by comes first."""

    @cached_property
    def selected(self) -> list[Any]:
        """Beside each row: where it stands."""
        return self._labelled()

    @property
    def backwards(self) -> Self:
        """What stands before a place, the nearest first."""
        return replace(self, descending=not self.descending, is_backwards=True)

    @property
    def kinds(self) -> tuple[type, ...]:
        """Of what a cursor holds."""
        return (*(str for _one in (*self.columns, *self.ties[1:])), int)

    def place_of(self, row: Any) -> list[Any]:
        """As a cursor says it."""
        *values, row_id = (getattr(row, f"sorted_{number}") for number in range(len(self.kinds)))
        return [*map(_written, values), row_id]

    def place_in(self, said: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        """None for what is no place in this list: it then starts at the top."""
        if said is None:
            return None
        *words, row_id = said
        readers = (*self.reads, *(moment for _one in self.ties[1:]))
        try:
            place = tuple(read(word) if word else None for read, word in zip(readers, words, strict=True))
        except (ValueError, LookupError, OverflowError, InvalidOperation):
            return None
        sorts, ties = place[: len(self.columns)], place[len(self.columns) :]
        is_last = self.nullable and set(sorts) == {None}
        return None if None in ties or (None in sorts and not is_last) else (*place, row_id)

    def by(self, found: Any = None) -> tuple[ColumnElement[Any], ...]:
        """The whole list in one statement; `found`: the columns of a subquery that selected it."""
        keys = [*self._sorted, *self.ties]
        if found is not None:
            keys = [found[f"sorted_{number}"] for number in range(len(keys))]
        turned = [self._turned(key) for key in keys]
        if not self.nullable:
            return tuple(turned)
        return tuple(key.nulls_first() if self.is_backwards else key.nulls_last() for key in turned)

    def after(self, place: tuple[Any, ...]) -> ColumnElement[bool]:
        """The rest of the whole list."""
        if place[0] is None:
            rest = and_(~self._has_place, self._beyond(self.ties, place[len(self.columns) :]))
            return or_(rest, self._has_place) if self.is_backwards else rest
        further = self._beyond((*self.columns, *self.ties), place)
        return or_(further, ~self._has_place) if self.nullable and not self.is_backwards else further

    def parts(self, place: tuple[Any, ...] | None) -> Iterator[Part]:
        """One after the other, each found by its index; the next is asked for while a page is not full."""
        is_unplaced = place is not None and place[0] is None
        if self.is_backwards and is_unplaced:
            yield self._unplaced(place)
        if self.is_backwards or not is_unplaced:
            yield from self._placed(None if is_unplaced else place)
        if self.nullable and not self.is_backwards:
            yield self._unplaced(place if is_unplaced else None)

    def _placed(self, place: tuple[Any, ...] | None) -> Iterator[Part]:
        yield self._part(self._has_place if self.nullable else true(), (*self.columns, *self.ties), place)

    def _unplaced(self, place: tuple[Any, ...] | None) -> Part:
        return self._part(~self._has_place, self.ties, place[len(self.columns) :] if place is not None else None)

    def _part(self, belongs: ColumnElement[bool], keys: Sequence[Any], after: Sequence[Any] | None) -> Part:
        def part(rows: Any, most: int) -> Select[Any]:
            found = rows.where(belongs)
            if after is not None:
                found = found.where(self._beyond(keys, after))
            taken: Select[Any] = found.order_by(*map(self._turned, keys)).limit(most)
            return taken

        return part

    def _labelled(self) -> list[Any]:
        return [column.label(f"sorted_{number}") for number, column in enumerate((*self._sorted, *self.ties))]

    @cached_property
    def _has_place(self) -> ColumnElement[bool]:
        return and_(true(), *(column.is_not(None) for column in self.columns))

    @cached_property
    def _sorted(self) -> tuple[Any, ...]:
        """An amount without its currency is none."""
        if len(self.columns) == 1:
            return self.columns
        return tuple(case((self._has_place, column)) for column in self.columns)

    def _turned(self, key: Any) -> Any:
        return key.desc() if self.descending else key.asc()

    def _beyond(self, keys: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        here, there = tuple_(*keys), tuple_(*(_literal(value) for value in values))
        beyond: ColumnElement[bool] = here < there if self.descending else here > there
        return beyond


@dataclass(frozen=True)
class NamedOrder(Order):
    """By what stands for the values: options as their form lists them, people by their names.

    `names`: the values in that order. One that is not among them comes last, as nothing does.
    """

    value: Any = None
    names: tuple[str, ...] = ()

    @cached_property
    def selected(self) -> list[Any]:
        return [*self._labelled(), self.value.label("sorted_as")]

    def place_of(self, row: Any) -> list[Any]:
        """With the value itself: its place among the others may be another by the next page."""
        place, *ties = Order.place_of(self, row)
        return [_written(row.sorted_as) if place else "", *ties]

    def _placed(self, place: tuple[Any, ...] | None) -> Iterator[Part]:
        names = self.names[::-1] if self.descending else self.names
        if place is not None:
            here = self.names[place[0] - 1]
            yield self._part(self.value == literal(here, Text()), self.ties, place[1:])
            names = names[names.index(here) + 1 :]
        if names:
            yield self._through(names)

    def _through(self, names: Sequence[str]) -> Part:
        def part(rows: Any, most: int) -> Select[Any]:
            inner = rows.order_by(*map(self._turned, self.ties))
            return one_by_one(inner, self.value, literal(list(names), ARRAY(Text())), most, self._ties_of)

        return part

    def _ties_of(self, found: Any) -> Sequence[Any]:
        return [self._turned(found[f"sorted_{number}"]) for number in range(1, len(self.ties) + 1)]

    @cached_property
    def _has_place(self) -> ColumnElement[bool]:
        return func.coalesce(self.value == any_(literal(list(self.names), ARRAY(Text()))), false())


def one_by_one(
    rows: Any, column: Any, values: ColumnElement[Any], most: int, by: Callable[[Any], Sequence[Any]]
) -> Select[Any]:
    """The rows of each value in turn, read no further than a page goes: the planner stops when it is full."""
    each = func.unnest(values).table_valued("value", with_ordinality="place", name="each_value").render_derived()
    found = rows.where(column == each.c.value).limit(most).correlate(each).lateral("found")
    joined = select(found).select_from(each.join(found, true()))
    return joined.order_by(each.c.place, *by(found.c)).limit(most)


def moment(word: str) -> datetime:
    moment = datetime.fromisoformat(word)
    if moment.tzinfo is None:
        raise ValueError("a cursor's time has a zone")
    return moment


def _written(value: Any) -> str:
    """Nothing is an empty word, so a text has a mark before it."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else f":{value}" if isinstance(value, str) else str(value)


def _literal(value: Any) -> ColumnElement[Any]:
    return literal(value, Text()) if isinstance(value, str) else literal(value)
