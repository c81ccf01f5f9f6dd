"""That somebody watches a ticket: a wish of their own, which opens nothing to them."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Table, user_reference


class TicketWatcher(Table):
    """It stays while the ticket is hidden from them, and counts again when that is over; nothing is told meanwhile."""

    __tablename__ = "ticket_watchers"
    __table_args__ = (
        UniqueConstraint("ticket_id", "user_id", name="uq_ticket_watchers"),
        Index("ix_ticket_watchers_user", "user_id", "ticket_id"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    user_id: Mapped[int] = user_reference(nullable=False)
    since: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
