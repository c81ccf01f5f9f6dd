"""Tickets, who may see them, and what people typed but have not sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.actor import current_actor
from app.clock import utc_now
from app.db.base import SCHEMA, Record, Table, user_reference

_LIVE = text("deleted_at IS NULL")


class TicketStatus(StrEnum):
    DRAFT = "draft"
    WAITING_APPROVAL = "waiting_approval"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


DONE = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED, TicketStatus.REJECTED, TicketStatus.CANCELLED})
"""Nobody is late with it any more."""


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Visibility(StrEnum):
    INTERNAL = "internal"
    RESTRICTED = "restricted"


class Ticket(Record):
    """`version` and `updated_at` move by the service's hand only: votes, views and the chain move neither."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft','waiting_approval','open','in_progress','resolved','closed','rejected','cancelled')",
            name="status",
        ),
        CheckConstraint("priority IN ('low','medium','high','urgent')", name="priority"),
        CheckConstraint("visibility IN ('internal','restricted')", name="visibility"),
        # `open_to_all` along: tabs are counted from the index, only what is not open to all is looked up
        Index(
            "ix_tickets_newest",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_include=["open_to_all"],
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_status_newest",
            "status",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_include=["open_to_all"],
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_updated",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_due",
            "due_at",
            "id",
            postgresql_where=text("deleted_at IS NULL AND due_at IS NOT NULL"),
        ),
        Index(
            "ix_tickets_still_due",
            "due_at",
            "id",
            postgresql_include=["open_to_all"],
            postgresql_where=text("deleted_at IS NULL AND status NOT IN ('cancelled', 'closed')"),
        ),
        Index("ix_tickets_resolved", "resolved_at", postgresql_where=_LIVE),
        Index("ix_tickets_status_since", "status", "status_since", postgresql_where=_LIVE),
        Index("ix_tickets_assignee", "assignee_id", "status", postgresql_where=_LIVE),
        Index(
            "ix_tickets_assignee_newest",
            "assignee_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_assigned_role",
            "assigned_role_id",
            "status",
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_creator",
            "created_by",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_requester",
            "requester_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=_LIVE,
        ),
        Index("ix_tickets_creator_status", "created_by", "status", postgresql_where=_LIVE),
        Index("ix_tickets_requester_status", "requester_id", "status", postgresql_where=_LIVE),
        Index(
            "ix_tickets_template",
            "template_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_template_status",
            "template_id",
            "status",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_tickets_approval",
            "approval",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL AND approval IS NOT NULL"),
        ),
        Index(
            "ix_tickets_late",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL AND resolved_at > due_at"),
        ),
        Index(
            "ix_tickets_priority",
            text("array_position(ARRAY['low'::text, 'medium'::text, 'high'::text, 'urgent'::text], priority::text)"),
            "id",
            postgresql_where=_LIVE,
        ),
        Index("ix_tickets_search", "search", postgresql_using="gin"),
        Index("ix_tickets_not_open", "id", postgresql_where=text("deleted_at IS NULL AND NOT open_to_all")),
        {"postgresql_with": {"fillfactor": 80}},
    )
    """A row that has room to change beside itself costs its forty indexes nothing where no column of theirs changes."""

    ticket_no: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    template_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.ticket_templates.id"), default=None
    )
    template_version_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.ticket_template_versions.id"), default=None
    )
    approval_template_version_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.approval_template_versions.id"), default=None
    )
    custom_fields_data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    picks: Mapped[dict[str, list[int]]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    """Ids of the approvers whom the requester chose, by the key of the step."""
    status: Mapped[str] = mapped_column(String(20), default=TicketStatus.DRAFT)
    approval: Mapped[str | None] = mapped_column(String(12), default=None)
    """The status of its latest approval process, null without one: `returned` on a draft reads "Sent back"."""
    priority: Mapped[str] = mapped_column(String(10), default=Priority.MEDIUM)
    visibility: Mapped[str] = mapped_column(String(12), default=Visibility.INTERNAL)
    due_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    assignee_id: Mapped[int | None] = user_reference(default=None)
    assigned_role_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"), default=None)
    requester_id: Mapped[int] = user_reference(nullable=False)
    resolution: Mapped[str | None] = mapped_column(Text, default=None)
    submitted_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    """Its first submission; until then nobody but its own people may see it."""
    status_since: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    resolved_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    open_to_all: Mapped[bool] = mapped_column(
        Boolean,
        Computed("visibility = 'internal' AND submitted_at IS NOT NULL", persisted=True),
    )
    version: Mapped[int] = mapped_column(Integer, default=1)
    chain_seq: Mapped[int] = mapped_column(Integer, default=0)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32), default=bytes(32))
    search: Mapped[str | None] = mapped_column(TSVECTOR, default=None, deferred=True)
    updated_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now, sort_order=92)
    updated_by: Mapped[int] = user_reference(nullable=False, default=lambda: current_actor().id, sort_order=93)

    @property
    def is_held_fast(self) -> bool:
        """What was approved stays as it was approved; the way to change it is back to draft."""
        return self.approval == "approved" and self.status != TicketStatus.DRAFT

    def touch(self, *, by: int, at: datetime) -> None:
        """Something of the ticket itself changed."""
        self.version += 1
        self.updated_at, self.updated_by = at, by


class TicketCategory(Table):
    __tablename__ = "ticket_categories"
    __table_args__ = (UniqueConstraint("ticket_id", "category_id", name="uq_ticket_categories"),)

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    category_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.categories.id"), index=True)


class TicketLabel(Table):
    __tablename__ = "ticket_labels"
    __table_args__ = (UniqueConstraint("ticket_id", "label_id", name="uq_ticket_labels"),)

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    label_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.labels.id"), index=True)


class AccessReason(StrEnum):
    CREATOR = "creator"
    REQUESTER = "requester"
    ASSIGNEE = "assignee"
    ASKED = "asked"
    DEPUTY = "deputy"
    WAS_ASKED = "was_asked"
    ACTED = "acted"
    GRANTED = "granted"


class TicketAccess(Table):
    """Who may see a ticket that is not open to all, and why; derived in the transaction that changes the cause.

    `source_id` tells apart several causes of one reason: the seat's row, or the grant's.
    """

    __tablename__ = "ticket_access"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (role_id IS NULL)", name="one_principal"),
        Index(
            "uq_ticket_access",
            "ticket_id",
            text("coalesce(user_id, 0)"),
            text("coalesce(role_id, 0)"),
            "reason",
            "source_id",
            unique=True,
        ),
        Index("ix_ticket_access_user", "user_id", "ticket_id"),
        Index("ix_ticket_access_role", "role_id", "ticket_id"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    user_id: Mapped[int | None] = user_reference(default=None)
    role_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"), default=None)
    reason: Mapped[str] = mapped_column(String(12))
    source_id: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class TicketViewPermission(Record):
    """A restricted ticket opened to one user or one role."""

    __tablename__ = "ticket_view_permissions"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (role_id IS NULL)", name="one_principal"),
        Index(
            "uq_ticket_view_permissions",
            "ticket_id",
            text("coalesce(user_id, 0)"),
            text("coalesce(role_id, 0)"),
            unique=True,
            postgresql_where=_LIVE,
        ),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    user_id: Mapped[int | None] = user_reference(default=None)
    role_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"), default=None)


class TicketView(Table):
    """Somebody was sent a restricted ticket's content in this hour (`restricted_viewed`)."""

    __tablename__ = "ticket_views"
    __table_args__ = (UniqueConstraint("ticket_id", "user_id", "hour", name="uq_ticket_views"),)

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    user_id: Mapped[int] = user_reference(nullable=False)
    hour: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class FormDraft(Table):
    """What somebody typed into a new request and has not kept as a ticket: no number, no event."""

    __tablename__ = "form_drafts"
    __table_args__ = (UniqueConstraint("user_id", "template_key", name="uq_form_drafts"),)

    user_id: Mapped[int] = user_reference(nullable=False)
    template_key: Mapped[str] = mapped_column(String(63))
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now, onupdate=utc_now)


class CommandLog(Table):
    """The first answer to a command, for whoever sends it again (approvals.md, rule 13)."""

    __tablename__ = "command_log"
    __table_args__ = (UniqueConstraint("actor_id", "command_id", name="uq_command_log"),)

    actor_id: Mapped[int] = user_reference(nullable=False)
    command_id: Mapped[str] = mapped_column(String(36))
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    kind: Mapped[str] = mapped_column(String(60))
    request_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
