"""What a condition may know besides the ticket, and what its relative values and references mean then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.conditions.fields import Kind
from app.conditions.nodes import Leaf, Moment, Ref, Relative, Single


@dataclass(frozen=True, slots=True)
class Context:
    """`previous`: what the fields were before the change; a key that is not in it did not change.

    `known`: the keys of the ticket's form, for values that leave out what is empty. A key that is in neither is a
    field that the form lacks, and nothing is decided by it (approvals.md, rule 5)."""

    now: datetime
    zone: ZoneInfo
    me: int | None = None
    requester: int | None = None
    my_roles: frozenset[int] = frozenset()
    previous: Mapping[str, Any] | None = None
    known: frozenset[str] = frozenset()


class Unresolved(Exception):
    """The context names nobody whom the leaf asks for."""


def resolve(leaf: Leaf, ctx: Context) -> Any:
    """The leaf's operand with nothing relative left in it."""
    if leaf.value is Ref.MY_ROLES:
        return tuple(sorted(ctx.my_roles))
    if isinstance(leaf.value, tuple):
        return tuple(_single(leaf.kind, one, ctx) for one in leaf.value)
    return _single(leaf.kind, leaf.value, ctx)


def _single(kind: Kind, value: Single | None, ctx: Context) -> Any:
    if isinstance(value, Relative):
        return _moment(kind, value, ctx)
    if isinstance(value, Ref):
        person = ctx.me if value is Ref.ME else ctx.requester
        if person is None:
            raise Unresolved
        return person
    return value


def _moment(kind: Kind, value: Relative, ctx: Context) -> date | datetime:
    if value.moment is Moment.NOW:
        moment = ctx.now.astimezone(UTC) + timedelta(days=value.days, hours=value.hours)
        return moment.replace(microsecond=0)
    day = ctx.now.astimezone(ctx.zone).date() + timedelta(days=value.days)
    return day if kind is Kind.DATE else datetime.combine(day, time(), ctx.zone).astimezone(UTC)
