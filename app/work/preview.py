"""All that is needed to decide, on one pane: facts, checks, text, earlier decisions, the verbs."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import people
from app.actor import Actor
from app.ticket_templates import values
from app.ticket_templates.showing import Names, Row, display
from app.tickets.approving.card import ApprovalCard, Ballot, card_for
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.approving.facts import CALENDAR_ZONE
from app.tickets.approving.readable import readable_on
from app.tickets.models import Ticket
from app.tickets.views import note_view, note_view_by_job
from app.web.markdown import made_ready


@dataclass(frozen=True, slots=True)
class Preview:
    """`seat_id` is the request that the pane shows; decision keys act on nothing else (ux.md, 51)."""

    seat_id: int
    ticket: Ticket
    asker: UserCard | None
    card: ApprovalCard | None
    facts: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    """Long answers, below the facts."""

    @property
    def ballot(self) -> Ballot | None:
        """The decision on this very seat, else the first that is mine to make here."""
        ballots = self.card.ballots if self.card else []
        return next((one for one in ballots if one.seat_id == self.seat_id), ballots[0] if ballots else None)

    @property
    def key(self) -> str:
        return str(self.seat_id)


async def preview_of(
    session: AsyncSession, actor: Actor, ticket: Ticket, seat_id: int, *, another_is_locked: bool = False
) -> Preview:
    await (note_view_by_job if another_is_locked else note_view)(session, actor, ticket)
    desk = ApprovalDesk(session, actor)
    running = await desk.running(ticket)
    card = await card_for(session, actor, ticket, running) if running else None
    form = running.subject.form if running else None
    named, _roles = values.references(form, ticket.custom_fields_data) if form else (set[int](), set[int]())
    known = await people(session, {ticket.requester_id, *named})
    rows: list[Row] = []
    if form is not None:
        may_read = await readable_on(session, actor, ticket, form)
        names = Names(people=known, roles=running.directory.role_names if running else {})
        shown = values.visible_fields(
            form,
            ticket.custom_fields_data,
            now=running.context.now if running else ticket.created_at,
            zone=CALENDAR_ZONE,
        )
        rows = display(form, ticket.custom_fields_data, names, only=may_read & shown)
    await made_ready([(ticket.description, (), ())])
    short = [row for row in rows if not row.wide]
    money_first = sorted(short, key=lambda row: row.kind != "money")
    return Preview(
        seat_id=seat_id, ticket=ticket, asker=known.get(ticket.requester_id), card=card,
        facts=money_first, texts=[row for row in rows if row.wide],
    )  # fmt: skip
