"""What is done to one of many tickets: the verbs of its own page, all of them or none."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.errors import NotPossible, Refused
from app.ticket_templates import values as answers
from app.ticket_templates.asking import labels
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.migrating import MigrationDesk
from app.tickets.approving.readable import readable_on
from app.tickets.approving.rewinding import Rewinding
from app.tickets.content import Content
from app.tickets.conversation import Conversation
from app.tickets.drafting import Drafting
from app.tickets.models import Priority, Ticket, TicketCategory, TicketLabel, TicketStatus, Visibility
from app.tickets.moving import Moving
from app.tickets.properties import Properties
from app.web.formats import zone_of
from app.web.i18n import labelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """As plain JSON. An empty text leaves things as they are; `none` is nobody, or no date."""

    priority: str = ""
    due_at: str = ""
    assignee: str = ""
    assigned_role: str = ""
    visibility: str = ""
    add_labels: tuple[int, ...] = ()
    remove_labels: tuple[int, ...] = ()
    add_categories: tuple[int, ...] = ()
    remove_categories: tuple[int, ...] = ()
    comment: str = ""
    move_to: str = ""
    flow_version: str = ""
    """The row of the version that its approval goes on with."""
    reason: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """`template`, whose form asks it, the question's `key`, and its `value` in stored form; null takes it away."""

    @classmethod
    def from_json(cls, json: dict[str, Any]) -> Self:
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in json.items()
        }
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        given = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {name: value for name, value in given.items() if value}

    def __bool__(self) -> bool:
        return bool(self.to_json().keys() - {"reason"})


class Changing:
    """For one actor, one ticket, one transaction: the first thing that is refused undoes the rest with it."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self.told: set[str] = set()
        self.desk = Properties(session, actor, together=self.told)

    async def apply(self, ticket: Ticket, changes: Changes) -> dict[str, Any]:
        """Answers with the changes that take it back: properties only, what was said and moved stays."""
        before = await self._before(ticket, changes)
        await self._set_values(ticket, changes)
        await self._set_links(ticket, changes)
        if changes.answer:
            await self._set_answer(ticket, changes.answer)
        await Rewinding(self.session, self.actor).content_changed(ticket, self.told)
        if changes.flow_version:
            desk = MigrationDesk(self.session, self.actor)
            await desk.move_on(ticket, version_id=int(changes.flow_version), reason=changes.reason)
        if changes.comment:
            await Conversation(self.session, self.actor).comment(ticket, changes.comment)
        if changes.move_to and changes.move_to != ticket.status:
            await Moving(self.session, self.actor).move_to(ticket, TicketStatus(changes.move_to), reason=changes.reason)
        await self.session.flush()
        return before.to_json()

    async def _set_values(self, ticket: Ticket, changes: Changes) -> None:
        if changes.priority:
            await self.desk.prioritise(ticket, Priority(changes.priority))
        if changes.due_at:
            await self.desk.due(ticket, None if changes.due_at == "none" else datetime.fromisoformat(changes.due_at))
        if changes.assignee or changes.assigned_role:
            person = _row(changes.assignee, ticket.assignee_id)
            role = _row(changes.assigned_role, ticket.assigned_role_id)
            await self.desk.assign(ticket, user_id=person, role_id=role)
        if changes.visibility:
            await self.desk.show_to(ticket, Visibility(changes.visibility))

    async def _set_links(self, ticket: Ticket, changes: Changes) -> None:
        for verb, ids in (
            (self.desk.label, changes.add_labels),
            (self.desk.unlabel, changes.remove_labels),
            (self.desk.categorise, changes.add_categories),
            (self.desk.uncategorise, changes.remove_categories),
        ):
            for row_id in ids:
                await verb(ticket, row_id)

    async def _set_answer(self, ticket: Ticket, said: Mapping[str, Any]) -> None:
        """As its own page would: by the form in the version that it keeps, and what this person may answer."""
        drafting = Drafting(self.session, self.actor, together=self.told)
        drafting.insist_on_editing(ticket)
        form = await drafting.form_of(ticket)
        one = form.field(said["key"]) if form and ticket.template_id == said["template"] else None
        if form is None or one is None:
            raise NotPossible("Its form does not ask this.")
        reading = answers.read(
            form, {one.key: said["value"]}, now=utc_now(), zone=zone_of(self.actor.time_zone),
            before=ticket.custom_fields_data, only=await readable_on(self.session, self.actor, ticket, form),
            lenient=ticket.status == TicketStatus.DRAFT,
        )  # fmt: skip
        templates = TicketTemplates(self.session, self.actor)
        errors = reading.errors | await templates.check_references(form, reading.values)
        if errors:
            told = labels(form)
            raise Refused(" ".join(labelled(told.get(name, name), sentence) for name, sentence in errors.items()))
        content = Content(title=ticket.title, description=ticket.description, fields=reading.values)
        await drafting.edit(ticket, content)

    async def _before(self, ticket: Ticket, changes: Changes) -> Changes:
        labels = await self._linked(select(TicketLabel.label_id).where(TicketLabel.ticket_id == ticket.id))
        under = select(TicketCategory.category_id).where(TicketCategory.ticket_id == ticket.id)
        categories = await self._linked(under)
        assigning = bool(changes.assignee or changes.assigned_role)
        due = ticket.due_at.isoformat() if ticket.due_at else "none"
        return Changes(
            priority=ticket.priority if changes.priority else "", due_at=due if changes.due_at else "",
            assignee=str(ticket.assignee_id or "none") if assigning else "",
            assigned_role=str(ticket.assigned_role_id or "none") if assigning else "",
            visibility=ticket.visibility if changes.visibility else "",
            add_labels=tuple(row for row in changes.remove_labels if row in labels),
            remove_labels=tuple(row for row in changes.add_labels if row not in labels),
            add_categories=tuple(row for row in changes.remove_categories if row in categories),
            remove_categories=tuple(row for row in changes.add_categories if row not in categories),
            answer=_answer_of(ticket, changes.answer),
        )  # fmt: skip

    async def _linked(self, query: Any) -> set[int]:
        return set((await self.session.execute(query)).scalars())


def _answer_of(ticket: Ticket, said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**said, "value": ticket.custom_fields_data.get(said["key"])} if said else {}


def _row(said: str, now: int | None) -> int | None:
    return now if not said else None if said == "none" else int(said)
