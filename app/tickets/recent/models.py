"""When somebody last opened a ticket's page."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Table, user_reference


class RecentTicket(Table):
    """This person's own, and nobody else's business: no event, and forgotten after a while."""

    __tablename__ = "recent_tickets"
    __table_args__ = (
        UniqueConstraint("user_id", "ticket_id", name="uq_recent_tickets"),
        Index("ix_recent_tickets_seen", "user_id", "seen_at"),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
