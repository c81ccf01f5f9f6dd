"""Flows with their versions, and what runs: processes, steps, seats, proxies. A ticket is an id here."""

from datetime import datetime
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Record, Table, user_reference
from app.publishing.models import VersionColumns


class ApprovalTemplate(Record):
    __tablename__ = "approval_templates"
    __table_args__ = (
        Index(
            "uq_approval_templates_key",
            "key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class ApprovalTemplateVersion(VersionColumns, Record):
    """`definition` is the approval template of api.md, whole."""

    __tablename__ = "approval_template_versions"
    __table_args__ = (
        UniqueConstraint("template_id", "number", name="uq_approval_template_versions_number"),
        Index(
            "uq_approval_template_versions_draft",
            "template_id",
            unique=True,
            postgresql_where=text("status = 'draft'"),
        ),
        Index(
            "uq_approval_template_versions_published",
            "template_id",
            unique=True,
            postgresql_where=text("status = 'published'"),
        ),
    )

    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_templates.id"))


class ApprovalProcess(Record):
    """`state` is the engine's state, whole; the other columns and the tables below are what queries need of it."""

    __tablename__ = "approval_processes"
    __table_args__ = (
        Index(
            "uq_approval_processes_running",
            "ticket_id",
            unique=True,
            postgresql_where=text("status IN ('running', 'returned')"),
        ),
        Index("ix_approval_processes_ticket_id", "ticket_id"),
        Index(
            "ix_approval_processes_attention",
            "id",
            postgresql_where=text("attention IS NOT NULL AND closed_at IS NULL"),
        ),
        Index("ix_approval_processes_closed_at", "closed_at"),
        Index(
            "ix_approval_processes_running_by",
            "template_version_id",
            "ticket_id",
            postgresql_where=text("status IN ('running', 'returned')"),
        ),
        Index(
            "ix_approval_processes_foreseen_users",
            "foreseen_user_ids",
            postgresql_using="gin",
            postgresql_where=text("status = 'running'"),
        ),
        Index(
            "ix_approval_processes_foreseen_roles",
            "foreseen_role_ids",
            postgresql_using="gin",
            postgresql_where=text("status = 'running'"),
        ),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    template_version_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_template_versions.id"))
    definition_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(12))
    stage: Mapped[int] = mapped_column(Integer, default=0)
    round: Mapped[int] = mapped_column(Integer, default=1)
    attention: Mapped[str | None] = mapped_column(Text, default=None)
    opened_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    foreseen: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    """The steps that have not begun, each with the people and roles that would be asked as things are now."""
    foreseen_user_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default=text("'{}'"))
    foreseen_role_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default=text("'{}'"))
    foreseen_skips: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default=text("'{}'"))
    """The keys of those steps that would be skipped as things are now."""


class ApprovalProcessStep(Record):
    """One run of a step; `number` is the engine's own id for it, unique in its process."""

    __tablename__ = "approval_process_steps"
    __table_args__ = (
        UniqueConstraint("process_id", "number", name="uq_approval_process_steps_number"),
        Index(
            "ix_approval_process_steps_open",
            "step_key",
            "opened_at",
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_approval_process_steps_due",
            "due_at",
            postgresql_where=text("status = 'open' AND due_at IS NOT NULL"),
        ),
    )

    process_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_processes.id"))
    number: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer)
    stage: Mapped[int] = mapped_column(Integer)
    step_key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    due_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    superseded: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    barred_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default=text("'{}'"))
    """While it is open: who changed the request or decided a step apart from this one, and has no say in it."""


FAR_AWAY = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


class ApprovalProcessStepApprover(Record):
    """A seat, or the row of a pool (`role_id`); a member's vote adds a row with `pool_id`."""

    __tablename__ = "approval_process_step_approvers"
    __table_args__ = (
        CheckConstraint(
            "(user_id IS NULL) <> (role_id IS NULL) OR (num_nonnulls(user_id, role_id) = 0 AND void_reason = 'nobody')",
            name="one_principal",
        ),
        UniqueConstraint("step_id", "number", name="uq_approval_process_step_approvers_number"),
        Index(
            "uq_approval_process_step_approvers_seat",
            "step_id",
            "user_id",
            unique=True,
            postgresql_where=text("status NOT IN ('void', 'not_needed') AND user_id IS NOT NULL"),
        ),
        Index(
            "uq_approval_process_step_approvers_vote",
            "step_id",
            "acted_by",
            unique=True,
            postgresql_where=text("status IN ('approved', 'rejected', 'returned', 'abstained')"),
        ),
        Index(
            "ix_approvers_pending_user",
            "user_id",
            "id",
            postgresql_where=text("status = 'pending' AND user_id IS NOT NULL"),
        ),
        Index(
            "ix_approvers_pending_role",
            "role_id",
            "id",
            postgresql_where=text("status = 'pending' AND role_id IS NOT NULL"),
        ),
        Index(
            "ix_approvers_queue_user",
            "user_id",
            "queue_due",
            "queue_since",
            "id",
            postgresql_where=text("queue_due IS NOT NULL"),
        ),
        Index(
            "ix_approvers_queue_role",
            "role_id",
            "queue_due",
            "queue_since",
            "id",
            postgresql_where=text("queue_due IS NOT NULL"),
        ),
        Index(
            "ix_approvers_deputies",
            "deputy_ids",
            postgresql_using="gin",
            postgresql_where=text("queue_due IS NOT NULL AND deputy_ids <> '{}'"),
        ),
        Index(
            "ix_approvers_acted",
            "acted_by",
            text("decided_at DESC"),
            postgresql_where=text("acted_by IS NOT NULL"),
        ),
    )

    step_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_process_steps.id"))
    number: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int | None] = user_reference(default=None)
    role_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"), default=None)
    pool_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey(f"{SCHEMA}.approval_process_step_approvers.id"),
        default=None,
    )
    status: Mapped[str] = mapped_column(String(12))
    origin: Mapped[str] = mapped_column(String(20), default="line", server_default="line")
    provenance: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    void_reason: Mapped[str | None] = mapped_column(String(60), default=None)
    acted_by: Mapped[int | None] = user_reference(default=None)
    on_behalf_of: Mapped[int | None] = user_reference(default=None)
    proxy_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_proxies.id"), default=None)
    comment: Mapped[str | None] = mapped_column(Text, default=None)
    decided_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    seen_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    via: Mapped[str | None] = mapped_column(String(10), default=None)
    queue_due: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    """When its step is due, `FAR_AWAY` without a deadline; null unless it is asked now and its holder may still say."""
    queue_since: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    deputy_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default=text("'{}'"))
    """Of an overdue seat those to whom it was escalated, as far as they may still answer for it."""


class ApprovalProxy(Record):
    """`[starts_at, ends_at)`; `scope` is null for everything, or `{"templates": [ticket template ids]}`."""

    __tablename__ = "approval_proxies"
    __table_args__ = (
        CheckConstraint("principal_id <> proxy_id", name="somebody_else"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        Index(
            "ix_approval_proxies_proxy",
            "proxy_id",
            "ends_at",
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(
            "ix_approval_proxies_principal",
            "principal_id",
            "ends_at",
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    principal_id: Mapped[int] = user_reference(nullable=False)
    proxy_id: Mapped[int] = user_reference(nullable=False)
    scope: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    starts_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    revoked_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class ApprovalTimer(Table):
    __tablename__ = "approval_timers"
    __table_args__ = (
        UniqueConstraint("step_id", "kind", "ordinal", "due_at", name="uq_approval_timers"),
        Index(
            "ix_approval_timers_due",
            "due_at",
            postgresql_where=text("fired_at IS NULL AND cleared_at IS NULL"),
        ),
    )

    step_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_process_steps.id"))
    kind: Mapped[str] = mapped_column(String(10))
    ordinal: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    fired_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    cleared_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class ApprovalReceipt(Table):
    """The signed receipt of one vote, made once it can't be taken back any more."""

    __tablename__ = "approval_receipts"

    seat_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.approval_process_step_approvers.id"), unique=True
    )
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"), index=True)
    token: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class EmailLink(Table):
    """The way from an e-mail to one seat, for one person; of its token only the SHA-256 is kept (approvals.md, 15)."""

    __tablename__ = "email_links"
    __table_args__ = (
        UniqueConstraint("token_sha256", name="uq_email_links_token"),
        Index("ix_email_links_open", "seat_id", "user_id", postgresql_where=text("revoked_at IS NULL")),
    )

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    seat_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.approval_process_step_approvers.id", ondelete="CASCADE")
    )
    user_id: Mapped[int] = user_reference(nullable=False)
    seen_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
