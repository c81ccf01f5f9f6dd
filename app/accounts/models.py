"""People, roles, sessions and tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.actor import SYSTEM_ID, Capability, hue_of, initials_of
from app.clock import utc_now
from app.db.base import SCHEMA, Record, Table, user_reference
from app.web.i18n import series

CAPABILITIES = tuple(Capability)


class User(Record):
    __tablename__ = "users"
    __table_args__ = (
        Index(
            "uq_users_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_users_manager_id", "manager_id"),
    )

    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    password_hash: Mapped[str | None] = mapped_column(String(300), default=None, deferred=True)
    manager_id: Mapped[int | None] = user_reference(default=None)
    manager_set_by: Mapped[int | None] = user_reference(default=None)
    manager_set_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    locale: Mapped[str] = mapped_column(String(20), default="en", server_default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin", server_default="Europe/Berlin")
    theme: Mapped[str] = mapped_column(String(10), default="", server_default="")
    density: Mapped[str] = mapped_column(String(12), default="", server_default="")
    single_keys: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    deactivated_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)

    @property
    def is_active(self) -> bool:
        return is_here(self)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def hue(self) -> int:
        return hue_of(self.id)


def is_here(user: Any) -> bool:
    """Of a user, or of a row with their columns. The system is nobody who could be asked for anything."""
    return user.deactivated_at is None and user.deleted_at is None and user.id != SYSTEM_ID


@dataclass(frozen=True, slots=True)
class UserCard:
    """What pages show of somebody; it belongs to no session."""

    id: int
    name: str
    email: str
    title: str
    manager_id: int | None
    is_active: bool
    locale: str
    time_zone: str

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def hue(self) -> int:
        return hue_of(self.id)


class Details(TypedDict):
    """What is said about somebody, apart from whom they report to and what they may do."""

    name: str
    email: str
    title: str
    locale: str
    time_zone: str


class Role(Record):
    """A named group: team, approver group, target of view permissions and carrier of capabilities at once."""

    __tablename__ = "roles"
    __table_args__ = (
        Index(
            "uq_roles_name",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500), default="", server_default="")
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list, server_default=text("'{}'"))
    capacity: Mapped[int | None] = mapped_column(Integer, default=None)
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class UserRole(Record):
    """`created_by` and `created_at` tell who made somebody an approver, and when (approvals.md, rule 4)."""

    __tablename__ = "user_roles"
    __table_args__ = (
        Index(
            "uq_user_roles",
            "user_id",
            "role_id",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_user_roles_role_id",
            "role_id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    role_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"))


class BrowserSession(Table):
    """The cookie holds 256 random bits; only their SHA-256 is stored."""

    __tablename__ = "sessions"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = user_reference(nullable=False, index=True)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    signed_in_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    """When this browser last proved who sits before it; later than `created_at` where a step asked for it again."""
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    agent: Mapped[str] = mapped_column(String(300), default="", server_default="")

    @property
    def browser(self) -> str:
        """`Firefox, Windows`, as far as it says so."""
        known = [next((word for mark, word in marks if mark in self.agent), "") for marks in (_BROWSERS, _SYSTEMS)]
        return series(word for word in known if word)


_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


class AccessToken(Record):
    """A bearer JWT that was handed out; `jti` finds it again, so that it can be revoked."""

    __tablename__ = "access_tokens"

    jti: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = user_reference(nullable=False, index=True)
    name: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class SignInFailure(Table):
    """One wrong password; counted per account and per address, across processes and restarts."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_account", "account_sha256", "at"),
        Index("ix_sign_in_failures_address", "address", "at"),
    )

    account_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
