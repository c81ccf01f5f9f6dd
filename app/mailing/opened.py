"""What a link from an e-mail leads to: the decision, or why there is none to make by it any more."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.state import VOTED
from app.approvals.email_links import link_of
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover, EmailLink
from app.approvals.repository import gave_advice
from app.clock import utc_now
from app.errors import NotFound
from app.tickets.approving.card import Ballot
from app.tickets.approving.changed import Changed, changed_since_seen, told
from app.tickets.approving.deciding import SeatPlace, find_seat
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.models import Ticket
from app.web.i18n import gettext as _
from app.work.preview import Preview, preview_of


@dataclass(frozen=True, slots=True)
class Opened:
    link: EmailLink
    place: SeatPlace
    ticket: Ticket
    preview: Preview
    ballots: list[Ballot]
    """What this person may decide on the seat; none where the link holds no longer."""
    difference: Changed | None
    vote: ApprovalProcessStepApprover | None
    """Their own decision, which a second one by the same link is answered with."""
    advised: bool
    """It was advice: a comment, which decided nothing."""

    @property
    def why_not(self) -> str:
        if self.link.revoked_at is None and self.link.expires_at <= utc_now():
            return _("This link has expired. The request may still wait for you.")
        if self.difference:
            return _("The request has changed since this mail was sent, so this link no longer decides on it.")
        return _(
            "This request no longer waits for you by this link: it was decided, changed, withdrawn or handed over."
        )


async def open_link(session: AsyncSession, actor: Actor, token: str) -> Opened:
    """Another's link, an unknown one and one to a ticket that is hidden now are one answer."""
    link = await link_of(session, actor.id, token)
    if link is None:
        raise NotFound
    place = await find_seat(session, actor, link.seat_id)
    ticket = await ApprovalDesk(session, actor).find(place.ticket_no)
    preview = await preview_of(session, actor, ticket, place.id)
    holds = link.revoked_at is None and link.expires_at > utc_now()
    mine = [one for one in (preview.card.ballots if preview.card else []) if one.seat_id == place.id]
    vote, advised = await _own_vote(session, actor, place)
    return Opened(
        link, place, ticket, preview, mine if holds else [], await _difference(session, actor, ticket, link, place),
        vote, advised,
    )  # fmt: skip


async def _difference(
    session: AsyncSession, actor: Actor, ticket: Ticket, link: EmailLink, place: SeatPlace
) -> Changed | None:
    """Between what they were written to about and what is there now."""
    running: Any = await ApprovalDesk(session, actor).running(ticket)
    if running is None:
        return None
    changes = await changed_since_seen(
        session, actor, ticket, running, seat=place.number, seen_hash=link.seen_hash
    )  # fmt: skip
    values = await told(session, actor, ticket, running.subject, changes)
    return Changed(_("Changed since this mail was sent"), values) if values else None


async def _own_vote(
    session: AsyncSession, actor: Actor, place: SeatPlace
) -> tuple[ApprovalProcessStepApprover | None, bool]:
    seat = ApprovalProcessStepApprover
    query = (
        select(seat, gave_advice().label("advised"))
        .join(ApprovalProcessStep, ApprovalProcessStep.id == seat.step_id)
        .join(ApprovalProcess, ApprovalProcess.id == ApprovalProcessStep.process_id)
        .where(or_(seat.id == place.id, seat.pool_id == place.id), seat.acted_by == actor.id)
    )
    row = (await session.execute(query.where(seat.status.in_(sorted(VOTED))))).first()
    return (row[0], row.advised) if row else (None, False)
