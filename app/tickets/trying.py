"""How many tickets a condition finds while somebody writes it: of those they may see, if it is quickly said."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.conditions import ConditionError, Fields, parse
from app.db.constants import planned_each_time
from app.db.patience import Patience
from app.publishing.models import VersionStatus
from app.ticket_templates.models import TicketTemplateVersion
from app.tickets.asking import asked, looks_at_a_change
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.paging import Count, capped, counting

AT_MOST = 400
"""Milliseconds; what takes longer is not worth a number that changes with the next key."""


async def count_matching(
    session: AsyncSession, actor: Actor, tree: Mapping[str, Any], fields: Fields, *, flow: str | None = None,
    templates: Sequence[int] = (),
) -> Count | None:  # fmt: skip
    """None where it cannot be read (yet), asks what has changed, or takes too long. `flow`: of its forms only."""
    try:
        condition = parse(tree, fields, rule_only=True)
    except ConditionError:
        return None
    if looks_at_a_change(condition):
        return None
    where = [visible(actor), *_of(flow, templates), asked(condition, fields, actor, utc_now())]
    return await quick_count(session, where)


async def quick_count(session: AsyncSession, where: Sequence[ColumnElement[bool]]) -> Count | None:
    query = planned_each_time(counting(select(Ticket.id).where(*where)))

    async def number() -> int | None:
        return (await session.execute(query)).scalar_one()

    found = await Patience(session, at_most=AT_MOST).wait_for("matches", number, None)
    return None if found is None else capped(found)


def _of(flow: str | None, templates: Sequence[int]) -> list[ColumnElement[bool]]:
    if templates:
        return [Ticket.template_id.in_(templates)]
    if flow is None:
        return []
    version = TicketTemplateVersion
    runs = version.definition["approval_template"].as_string() == flow
    live = select(version.template_id).where(version.status == VersionStatus.PUBLISHED, runs)
    return [Ticket.template_id.in_(live)]
