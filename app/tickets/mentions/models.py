"""Whom a text called when it was written."""

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Table, user_reference


class TicketMention(Table):
    """`note_id`: the comment, or the event by which the description came to say it."""

    __tablename__ = "ticket_mentions"
    __table_args__ = (
        UniqueConstraint("note_id", "user_id", name="uq_ticket_mentions"),
        Index("ix_ticket_mentions_ticket", "ticket_id"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    note_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.ticket_notes.id"))
    user_id: Mapped[int] = user_reference(nullable=False)
