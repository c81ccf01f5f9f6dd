"""The forms a ticket is made from."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Record
from app.publishing.models import VersionColumns


class TicketTemplate(Record):
    """`name`, `description`, `icon`, `prefix` are those of the published version, for lists."""

    __tablename__ = "ticket_templates"
    __table_args__ = (
        Index(
            "uq_ticket_templates_key",
            "key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="", server_default="")
    icon: Mapped[str] = mapped_column(String(40), default="file-text", server_default="file-text")
    prefix: Mapped[str] = mapped_column(String(8), default="TIC", server_default="TIC")
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class TicketTemplateVersion(VersionColumns, Record):
    """`definition` is the ticket template of api.md, whole."""

    __tablename__ = "ticket_template_versions"
    __table_args__ = (
        UniqueConstraint("template_id", "number", name="uq_ticket_template_versions_number"),
        Index(
            "uq_ticket_template_versions_draft",
            "template_id",
            unique=True,
            postgresql_where=text("status = 'draft'"),
        ),
        Index(
            "uq_ticket_template_versions_published",
            "template_id",
            unique=True,
            postgresql_where=text("status = 'published'"),
        ),
    )

    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.ticket_templates.id"))
