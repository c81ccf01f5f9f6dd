"""Which entries of a timeline somebody hears, beyond those for approvers only."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, literal_column, or_, select

from app.activity.models import TicketNote
from app.actor import Actor
from app.ticket_templates.definition import FormDefinition
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.i18n import N_

HIDDEN = N_("of an answer that you may not read")


def without_hidden(facts: Mapping[str, Any], form: FormDefinition | None, readable: frozenset[str]) -> dict[str, Any]:
    """What an event says, without the value in its reason where that rests on an answer that they may not read."""
    read = [key for key in facts.get("reads", ()) if form is not None and form.field(key) is not None]
    hidden = "why" in facts and not readable.issuperset(read)
    return {**facts, "why": HIDDEN, "why_elsewhere": {}} if hidden else dict(facts)


def names_nothing_hidden(actor: Actor) -> ColumnElement[bool]:
    """A condition on `TicketNote`: where it names another ticket (the fact `linked`), they may see that too (L5)."""
    return _names_nothing_hidden(actor.rights)


@lru_cache(maxsize=1000)
def _names_nothing_hidden(actor: Actor) -> ColumnElement[bool]:
    linked = TicketNote.event_details["linked"].astext
    seen = select(Ticket.id).where(Ticket.id == cast(linked, BigInteger), visible(actor))
    return or_(linked.is_(None), seen.correlate(TicketNote).offset(literal_column("0")).exists())
