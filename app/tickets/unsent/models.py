"""A comment that somebody has typed and not sent: theirs alone."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Table, user_reference


class CommentDraft(Table):
    __tablename__ = "comment_drafts"
    __table_args__ = (UniqueConstraint("user_id", "ticket_id", name="uq_comment_drafts"),)

    user_id: Mapped[int] = user_reference(nullable=False)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    text: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(String(10), default="everyone", server_default="everyone")
    updated_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
