"""That somebody's browser shows a ticket: true for half a minute, and said again while it is."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Table, user_reference


class TicketPresence(Table):
    """Names its ticket by number only: a reference would wait for whoever changes the ticket."""

    __tablename__ = "ticket_presence"
    __table_args__ = (UniqueConstraint("ticket_id", "user_id", name="uq_ticket_presence"),)

    ticket_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int] = user_reference(nullable=False)
    seen_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), server_default=func.clock_timestamp())
