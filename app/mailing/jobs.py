"""Sends what the reader queued, with a fresh link each time; what fails is tried again, and then shown to admins."""

import logging
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.recognise import person_acting
from app.accounts.repository import people
from app.actor import Actor, acting_as
from app.approvals.core.explain import PossibleVote, explain
from app.approvals.email_links import LinkFor, new_link
from app.approvals.models import EmailLink
from app.clock import utc_now
from app.db.session import Database
from app.errors import NotFound
from app.jobs.registry import job, periodic
from app.mailing.letters import Asking, letter
from app.mailing.models import MailDelivery
from app.mailing.post import PostOffice, Undeliverable, post_office
from app.tickets.approving.deciding import rows_of_seats
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.models import Ticket

ATTEMPTS = 6
"""As many as the queue makes of any job."""
DAY = 86_400
logger = logging.getLogger(__name__)


@job("mail.deliver")
async def deliver(database: Database, payload: Mapping[str, Any]) -> None:
    """The link is stored before the mail leaves, and that it left afterwards: at least once, with one Message-ID."""
    office, delivery = post_office(), int(payload["delivery"])
    if office is None:
        return
    try:
        message = await _written(database, office, delivery)
        if message is not None:
            await office.send(message)
            await _settle(database, delivery, "sent")
    except (Undeliverable, ValueError) as error:
        await _failed(database, delivery, error, is_final=True)
    except (OSError, smtplib.SMTPException) as error:
        if not await _failed(database, delivery, error, is_final=False):
            raise


async def _written(database: Database, office: PostOffice, delivery_id: int) -> EmailMessage | None:
    """None where there is nothing to send, or nobody any more who may get it (L9)."""
    async with database.in_its_own() as session:
        query = select(MailDelivery).where(MailDelivery.id == delivery_id, MailDelivery.status == "queued")
        delivery = (await session.execute(query.with_for_update())).scalar_one_or_none()
        if delivery is None:
            return None
        reader = await person_acting(session, delivery.user_id)
        asked = await _asked(session, reader, delivery) if reader else None
        if reader is None or asked is None:
            delivery.status, delivery.settled_at = "dropped", utc_now()
            return None
        with acting_as(reader):
            return letter(office, reader, await _asking(session, office, reader, delivery, asked), delivery=delivery.id)


@dataclass(frozen=True, slots=True)
class _Asked:
    ticket: Ticket
    running: Running
    vote: PossibleVote


async def _asked(session: AsyncSession, reader: Actor, delivery: MailDelivery) -> _Asked | None:
    """What the engine says they may decide on this seat now: what it refuses, nobody is written to about."""
    number = (await session.execute(select(Ticket.ticket_no).where(Ticket.id == delivery.ticket_id))).scalar_one()
    desk = ApprovalDesk(session, reader)
    try:
        ticket = await desk.find(number)
    except NotFound:
        return None
    running = await desk.running(ticket)
    if running is None:
        return None
    rows = await rows_of_seats(session, running.process.id)
    votes = explain(running.state, reader.id, running.context).votes
    vote = next((one for one in votes if rows[one.seat] == delivery.seat_id), None)
    return _Asked(ticket, running, vote) if vote else None


async def _asking(
    session: AsyncSession, office: PostOffice, reader: Actor, delivery: MailDelivery, asked: _Asked
) -> Asking:
    ticket, running, vote = asked.ticket, asked.running, asked.vote
    run = running.state.run(vote.run)
    due_at = run.due_at if run else None
    token = await new_link(session, LinkFor(delivery.seat_id, reader.id, vote.content_hash, due_at))
    known = await people(session, [ticket.requester_id, *([vote.on_behalf_of] if vote.on_behalf_of else [])])
    return Asking(
        ticket=ticket, asker=known[ticket.requester_id].name, step=running.flow.steps[vote.step_key].name,
        on_behalf_of=known[vote.on_behalf_of].name if vote.on_behalf_of else "", due_at=due_at,
        url=f"{office.public_url}/a/{token}",
    )  # fmt: skip


async def _failed(database: Database, delivery_id: int, error: Exception, *, is_final: bool) -> bool:
    """Whether it was the last attempt."""
    logger.warning("mail %s was not sent: %s", delivery_id, type(error).__name__)
    async with database.in_its_own() as session:
        delivery = await session.get_one(MailDelivery, delivery_id, with_for_update=True, populate_existing=True)
        delivery.attempts += 1
        delivery.failure = str(error)[:300]
        given_up = is_final or delivery.attempts >= ATTEMPTS
        if given_up:
            delivery.status, delivery.settled_at = "failed", utc_now()
        return given_up


async def _settle(database: Database, delivery_id: int, status: str) -> None:
    async with database.in_its_own() as session:
        settled = update(MailDelivery).where(MailDelivery.id == delivery_id, MailDelivery.status == "queued")
        await session.execute(settled.values(status=status, settled_at=utc_now(), failure=None))


@periodic(DAY)
async def forget_old_mail(database: Database) -> None:
    """A quarter of a year later nobody asks why a link no longer holds."""
    long_ago = func.now() - text("interval '90 days'")
    async with database.in_its_own() as session:
        await session.execute(delete(EmailLink).where(EmailLink.expires_at < long_ago))
        await session.execute(delete(MailDelivery).where(MailDelivery.created_at < long_ago))
