"""Files of a ticket and of its comments: what is known about them; their bytes are in the storage."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.attachments.looks import Looks
from app.clock import utc_now
from app.db.base import SCHEMA, Record, Table, user_reference

LONGEST_NAME = 200


class StoredFile(Looks):
    """`storage_path` is our own key, `mime_type` what its bytes look like; neither is the sender's word."""

    id: Mapped[int]
    created_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    storage_path: Mapped[str] = mapped_column(String(80), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mime_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    swept_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    """Its bytes are gone: it was removed, and the time to undo that is over."""


class TicketAttachment(StoredFile, Record):
    __tablename__ = "ticket_attachments"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_ticket_attachments_ticket", "ticket_id", "id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_ticket_attachments_sender", "created_by", "created_at"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    field_key: Mapped[str | None] = mapped_column(String(63), default=None)
    """The question of its form that it answers; read by whoever may read that answer. None: the ticket's own."""


class TicketNoteAttachment(StoredFile, Record):
    """`ticket_id` is that of its comment, so that a ticket's files are counted without its timeline."""

    __tablename__ = "ticket_note_attachments"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_ticket_note_attachments_ticket", "ticket_id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_ticket_note_attachments_note", "note_id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_ticket_note_attachments_sender", "created_by", "created_at"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    note_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.ticket_notes.id"))


class DraftFile(StoredFile, Table):
    """Kept with what somebody types into a form: theirs alone until the ticket takes it over."""

    __tablename__ = "form_draft_files"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_form_draft_files_form", "user_id", "template_key", "id"),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    template_key: Mapped[str] = mapped_column(String(63))
    """The form's, or the number of a ticket whose content is being edited."""
    field_key: Mapped[str | None] = mapped_column(String(63), default=None)
    """The question that it answers; None: it goes with the request as a whole."""
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
