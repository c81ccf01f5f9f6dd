"""What hangs on a ticket, asked by one statement: its page then reads nothing that is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalProcess
from app.attachments.models import TicketAttachment, TicketNoteAttachment
from app.catalogue.models import LabelCard
from app.catalogue.repository import known_labels, known_tree
from app.db.constants import given
from app.tickets.linking.models import TicketLink
from app.tickets.mentions.models import TicketMention
from app.tickets.models import Ticket, TicketCategory, TicketLabel, TicketViewPermission
from app.tickets.unsent.models import CommentDraft
from app.tickets.watchers.models import TicketWatcher


@dataclass(frozen=True, slots=True)
class Hanging:
    labels: Sequence[LabelCard]
    categories: Sequence[tuple[int, str]]
    """Each with its whole name. Archived ones too, as with labels."""
    kinds: frozenset[str]
    """Of what else there is any: `approval`, `grant`, `watcher`, `link`, `file`, `comment_file`, `mention`, `draft`.
    Some of it may be hidden from this reader: whoever reads it asks for that."""


def _any(kind: str, *conditions: ColumnElement[bool]) -> Select[str, int]:
    return select(literal(kind), literal(0)).where(exists().where(*conditions))


_TICKET = given("ticket")
_ALL: CompoundSelect[Any] = union_all(
    select(literal("label").label("kind"), TicketLabel.label_id.label("id")).where(TicketLabel.ticket_id == _TICKET),
    select(literal("category"), TicketCategory.category_id).where(TicketCategory.ticket_id == _TICKET),
    _any("approval", ApprovalProcess.ticket_id == _TICKET, ApprovalProcess.deleted_at.is_(None)),
    _any("grant", TicketViewPermission.ticket_id == _TICKET, TicketViewPermission.deleted_at.is_(None)),
    _any("watcher", TicketWatcher.ticket_id == _TICKET),
    _any("link", TicketLink.source_id == _TICKET, TicketLink.deleted_at.is_(None)),
    _any("link", TicketLink.target_id == _TICKET, TicketLink.deleted_at.is_(None)),
    _any("file", TicketAttachment.ticket_id == _TICKET, TicketAttachment.deleted_at.is_(None)),
    _any("comment_file", TicketNoteAttachment.ticket_id == _TICKET, TicketNoteAttachment.deleted_at.is_(None)),
    _any("mention", TicketMention.ticket_id == _TICKET),
    _any("draft", CommentDraft.ticket_id == _TICKET, CommentDraft.user_id == given("person")),
)


async def hanging_on(session: AsyncSession, actor: Actor, ticket: Ticket) -> Hanging:
    """The ticket was found for this actor."""
    rows = (await session.execute(_ALL, {"ticket": ticket.id, "person": actor.id})).all()
    found = {(row.kind, row.id) for row in rows}
    labels = [one for one in await known_labels(session) if ("label", one.id) in found]
    tree = (await known_tree(session)).in_order()
    categories = [(one.category.id, one.full_name) for one in tree if ("category", one.category.id) in found]
    return Hanging(labels, categories, frozenset(row.kind for row in rows))
