"""Mails on their way, and those that did not arrive."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Table, user_reference


class MailDelivery(Table):
    """One mail that asks one person about one seat; `dropped` is one that they had lost the right to get.

    It holds no content: that is made when it is sent, from what its reader may see then (L9).
    """

    __tablename__ = "mail_deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'sent', 'dropped', 'failed')", name="status"),
        Index(
            "uq_mail_deliveries_queued",
            "seat_id",
            "user_id",
            unique=True,
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_mail_deliveries_failed", text("id DESC"), postgresql_where=text("status = 'failed'")),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    seat_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.approval_process_step_approvers.id", ondelete="CASCADE")
    )
    status: Mapped[str] = mapped_column(String(10), default="queued", server_default="queued")
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    failure: Mapped[str | None] = mapped_column(String(300), default=None)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    settled_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
