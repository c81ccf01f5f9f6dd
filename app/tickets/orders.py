"""Which orders a list can have: by what every ticket has, and by the fields that are marked as used in filters."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Text, cast, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User
from app.conditions import Field, Kind
from app.conditions.fields import UNSORTED
from app.conditions.sql_index import sorted_by
from app.tickets.filters import TicketFilters
from app.tickets.models import Priority, Ticket
from app.tickets.ordering import NamedOrder, Order, moment

MOST_NAMES = 20_000
_PRIORITIES = ", ".join(f"'{priority}'::text" for priority in Priority)
_RANK = func.array_position(literal_column(f"ARRAY[{_PRIORITIES}]", ARRAY(Text())), cast(Ticket.priority, Text()))
"""From 1, in the words of its index."""
_DATA: Any = Ticket.custom_fields_data
_AGE = (Ticket.created_at, Ticket.id)


def sortable(field: Field) -> bool:
    """Fields of forms of which a ticket has one value."""
    return field.column is None and field.kind not in UNSORTED


def usual_order(sort: str) -> Order | None:
    """By what every ticket has."""
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key not in _BUILT_IN:
        return None
    column, read, nullable = _BUILT_IN[key]
    return Order((column,), (read,), descending, nullable)


async def order_of(session: AsyncSession, filters: TicketFilters) -> Order:
    """Only people and roles are asked for: their names are not on the ticket."""
    if usual := usual_order(filters.sort):
        return usual
    field, descending = filters.sort_field, filters.sort.startswith("-")
    if field is None:
        raise ValueError("the order of these filters has not been read: see list_fields.understood")
    columns = sorted_by(field.kind, _DATA, field.key)
    if field.kind in _NAMED:
        names = await _NAMED[field.kind](session, field)
        place = func.array_position(literal(names, ARRAY(Text())), columns[0])
        places = {name: number for number, name in enumerate(names, 1)}
        reads = (lambda word: places[word[1:]],)
        return NamedOrder((place,), reads, descending, True, _AGE, value=columns[0], names=tuple(names))
    return Order(columns, _READS.get(field.kind, (_text,)), descending, True, _AGE)


async def _options(session: AsyncSession, field: Field) -> list[str]:
    return list(field.options)


async def _people(session: AsyncSession, field: Field) -> list[str]:
    query = select(User.id).order_by(func.lower(User.name), User.id).limit(MOST_NAMES)
    return [str(one) for one in (await session.execute(query.execution_options(include_deleted=True))).scalars()]


async def _roles(session: AsyncSession, field: Field) -> list[str]:
    query = select(Role.id).order_by(func.lower(Role.name), Role.id).limit(MOST_NAMES)
    return [str(one) for one in (await session.execute(query.execution_options(include_deleted=True))).scalars()]


def _rank(word: str) -> int:
    rank = int(word[:3])
    if not 1 <= rank <= len(Priority):
        raise LookupError(word)
    return rank


def _text(word: str) -> str:
    return word[1:]


def _number(word: str) -> Decimal:
    number = Decimal(word)
    if not number.is_finite() or abs(number.adjusted()) > 60:
        raise ValueError("not a number of a ticket")
    return number


_BUILT_IN: Mapping[str, tuple[Any, Callable[[str], Any], bool]] = {
    "created_at": (Ticket.created_at, moment, False),
    "updated_at": (Ticket.updated_at, moment, False),
    "priority": (_RANK, _rank, False),
    "due_at": (Ticket.due_at, moment, True),
}
_READS: Mapping[Kind, tuple[Callable[[str], Any], ...]] = {
    Kind.NUMBER: (_number,),
    Kind.MONEY: (_text, _number),
}
_NAMED = {Kind.CHOICE: _options, Kind.USER: _people, Kind.ROLE: _roles}
