"""A condition over tickets, as a query asks it: where each built-in field stands, and who is "me"."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from app.actor import Actor
from app.conditions import All, Any_, Condition, Context, Fields, Leaf, Not
from app.conditions.fields import RULES_ONLY
from app.conditions.sql import Links, compile_condition
from app.tickets.models import Ticket, TicketCategory, TicketLabel
from app.web.formats import zone_of

_CATEGORY: Any = TicketCategory.category_id
_LABEL: Any = TicketLabel.label_id
_DATA: Any = Ticket.custom_fields_data
_COLUMNS: dict[str, Any] = {
    "title": Ticket.title, "description": Ticket.description, "status": Ticket.status, "priority": Ticket.priority,
    "visibility": Ticket.visibility, "requester_id": Ticket.requester_id, "created_by": Ticket.created_by,
    "assignee_id": Ticket.assignee_id, "assigned_role_id": Ticket.assigned_role_id, "due_at": Ticket.due_at,
    "created_at": Ticket.created_at, "updated_at": Ticket.updated_at, "resolved_at": Ticket.resolved_at,
    "closed_at": Ticket.closed_at,
    "category": Links(_CATEGORY, TicketCategory.ticket_id == Ticket.id),
    "labels": Links(_LABEL, TicketLabel.ticket_id == Ticket.id),
}  # fmt: skip


def asked(condition: Condition, fields: Fields, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """What this person may see is not said here: it stands beside it."""
    ctx = Context(now=now, zone=zone_of(actor.time_zone), me=actor.id, my_roles=frozenset(actor.role_ids))
    return compile_condition(condition, fields, data_column=_DATA, columns=_COLUMNS, ctx=ctx)


def looks_at_a_change(condition: Condition) -> bool:
    """A query sees none."""
    match condition:
        case Leaf(op=op):
            return op in RULES_ONLY
        case Not(part):
            return looks_at_a_change(part)
        case All(parts) | Any_(parts):
            return any(map(looks_at_a_change, parts))
    return False
