"""Where categories, labels, roles and people are used: tickets that this viewer may see, forms and flows."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.db.constants import planned_each_time
from app.publishing.models import VersionStatus
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.tickets.models import Ticket, TicketCategory, TicketLabel, TicketStatus
from app.tickets.visibility import visible
from app.web.i18n import ngettext
from app.web.uses import Use, Uses

_KEYS: Mapping[str, frozenset[str]] = {
    "categories": frozenset({"category_ids"}),
    "labels": frozenset({"label_ids"}),
    "roles": frozenset({"role_id", "default_assigned_role_id", "usable_by", "readable_by"}),
    "users": frozenset({"user_id", "default_assignee_id"}),
}
_LISTS: Mapping[str, str] = {
    "categories": "/tickets?category={}",
    "labels": "/tickets?label={}",
    "roles": "/tickets?assigned_role={}&status=open&status=in_progress",
    "users": "/tickets?assignee={}&status=open&status=in_progress",
}


async def count_uses(session: AsyncSession, actor: Actor, kind: str, ids: Collection[int]) -> Uses:
    """Tickets of any state for categories and labels; only unfinished ones for those who work on them."""
    uses: dict[int, list[Use]] = {one: [] for one in ids}
    for one, number in (await session.execute(planned_each_time(_TICKETS[kind](actor, ids)))).all():
        text = ngettext("%(num)d ticket", "%(num)d tickets", number) % {"num": number}
        uses[one].append(Use(text, _LISTS[kind].format(one), number))
    for query, folder in _DEFINITIONS:
        seen: set[tuple[int, str]] = set()
        for key, name, definition in (await session.execute(query)).all():
            for one in _named_in(definition, _KEYS[kind]):
                if one in uses and (one, key) not in seen:
                    uses[one].append(Use(name, f"/admin/{folder}/{key}"))
                    seen.add((one, key))
    return uses


def _of_link(table: Any, column: Any) -> Callable[[Actor, Collection[int]], Select[Any]]:
    def query(actor: Actor, ids: Collection[int]) -> Select[Any]:
        linked = select(column, func.count()).join(Ticket, Ticket.id == table.ticket_id)
        return linked.where(column.in_(ids), visible(actor)).group_by(column)

    return query


def _of_work(column: Any) -> Callable[[Actor, Collection[int]], Select[Any]]:
    def query(actor: Actor, ids: Collection[int]) -> Select[Any]:
        unfinished = Ticket.status.in_((TicketStatus.OPEN, TicketStatus.IN_PROGRESS))
        return select(column, func.count()).where(column.in_(ids), unfinished, visible(actor)).group_by(column)

    return query


def _definitions(template: Any, version: Any) -> Select[Any]:
    """The live one and the draft: what is archived or replaced holds nothing back."""
    current = version.status.in_((VersionStatus.PUBLISHED, VersionStatus.DRAFT))
    return (
        select(template.key, template.name, version.definition)
        .join(version, version.template_id == template.id)
        .where(current, template.archived_at.is_(None))
        .order_by(template.name)
        .limit(2000)
    )


def _named_in(definition: Any, keys: Collection[str]) -> Iterator[int]:
    """The ids under these keys, at any depth."""
    if isinstance(definition, dict):
        for key, value in definition.items():
            if key in keys:
                yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int))
            else:
                yield from _named_in(value, keys)
    elif isinstance(definition, list):
        for value in definition:
            yield from _named_in(value, keys)


_TICKETS: Mapping[str, Callable[[Actor, Collection[int]], Select[Any]]] = {
    "categories": _of_link(TicketCategory, TicketCategory.category_id),
    "labels": _of_link(TicketLabel, TicketLabel.label_id),
    "roles": _of_work(Ticket.assigned_role_id),
    "users": _of_work(Ticket.assignee_id),
}
_DEFINITIONS = (
    (_definitions(TicketTemplate, TicketTemplateVersion), "ticket-templates"),
    (_definitions(ApprovalTemplate, ApprovalTemplateVersion), "approval-templates"),
)
