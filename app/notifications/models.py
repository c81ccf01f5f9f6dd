"""Notification rules, and the bell's inbox."""

from datetime import datetime
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Record, Table, user_reference


class NotificationRule(Record):
    """When (`events`, on `template_ids` or all) / if (`condition`) / to whom (`recipients`, users, roles)."""

    __tablename__ = "notification_rules"
    __table_args__ = (
        Index(
            "uq_notification_rules_key",
            "key",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    enabled: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    events: Mapped[list[str]] = mapped_column(ARRAY(String(60)))
    template_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger), default=None)
    condition: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    recipients: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list, server_default=text("'{}'"))
    """Of `words.RECIPIENTS`."""
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class NotificationRuleUser(Table):
    __tablename__ = "notification_rule_users"
    __table_args__ = (UniqueConstraint("rule_id", "user_id", name="uq_notification_rule_users"),)

    rule_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.notification_rules.id"))
    user_id: Mapped[int] = user_reference(nullable=False)


class NotificationRuleRole(Table):
    __tablename__ = "notification_rule_roles"
    __table_args__ = (UniqueConstraint("rule_id", "role_id", name="uq_notification_rule_roles"),)

    rule_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.notification_rules.id"))
    role_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"))


class Notification(Table):
    """Told once per person and event; its text is made when it is read, from the event, if they may still see it."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "note_id", name="uq_notifications_event"),
        Index("ix_notifications_inbox", "user_id", text("id DESC")),
        Index(
            "ix_notifications_unread",
            "user_id",
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    note_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.ticket_notes.id"))
    rule_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.notification_rules.id"), default=None)
    reason: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """Which part of the rule named them: one of `words.WHY_TOLD`."""
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    read_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
