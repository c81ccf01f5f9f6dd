"""Who asked for access to which number, whether there is such a ticket or not."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import Table, user_reference

LONGEST_REASON = 1_000


class AccessRequest(Table):
    """Points to no ticket: whoever asks for a number that was never used leaves the same row."""

    __tablename__ = "access_requests"
    __table_args__ = (Index("ix_access_requests_user", "user_id", "created_at"),)

    user_id: Mapped[int] = user_reference(nullable=False)
    ticket_no: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
