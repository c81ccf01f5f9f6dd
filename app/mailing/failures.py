"""Mails that were given up: who did not hear about which ticket, for admins who may see it (L13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.actor import Actor
from app.db.constants import planned_each_time
from app.errors import NotFound, NotPossible
from app.jobs import enqueue
from app.mailing.models import MailDelivery
from app.mailing.post import post_office
from app.tickets.models import Ticket
from app.tickets.visibility import visible, visible_ids

MOST = 200


@dataclass(frozen=True, slots=True)
class FailedMail:
    id: int
    person: User
    ticket_no: str
    failure: str
    attempts: int
    at: datetime


async def failed_mails(session: AsyncSession, actor: Actor) -> Sequence[FailedMail]:
    query = (
        select(MailDelivery, User, Ticket.ticket_no)
        .join(User, User.id == MailDelivery.user_id)
        .join(Ticket, Ticket.id == MailDelivery.ticket_id)
        .where(MailDelivery.status == "failed", visible(actor))
        .order_by(MailDelivery.id.desc())
        .limit(MOST)
    )
    return [
        FailedMail(mail.id, person, number, mail.failure or "", mail.attempts, mail.settled_at or mail.created_at)
        for mail, person, number in (await session.execute(planned_each_time(query))).all()
    ]


async def send_again(session: AsyncSession, actor: Actor, delivery_id: int) -> None:
    """Once, however often it is pressed; whether it may still be sent is looked at when it is."""
    if post_office() is None:
        raise NotPossible("No mail is sent: SMTP_URL is not set where this runs.")
    mail = update(MailDelivery).where(MailDelivery.id == delivery_id, MailDelivery.status == "failed")
    mine = mail.where(MailDelivery.ticket_id.in_(visible_ids(actor)))
    again = mine.values(status="queued", attempts=0, settled_at=None).returning(MailDelivery.id)
    if (await session.execute(again, execution_options={"synchronize_session": False})).scalar() is None:
        raise NotFound
    await enqueue(session, "mail.deliver", {"delivery": delivery_id})
