"""Categories (a tree), labels, working hours and approval matrices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Record, user_reference


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """What pages show of a category; it belongs to no session."""

    id: int
    name: str
    icon: str
    parent_id: int | None
    position: int
    is_archived: bool


@dataclass(frozen=True, slots=True)
class LabelCard:
    id: int
    name: str
    color: str
    is_archived: bool

    @property
    def ink(self) -> str:
        return ink_on(self.color)


class Category(Record):
    __tablename__ = "categories"
    __table_args__ = (
        Index(
            "uq_categories_name",
            text("coalesce(parent_id, 0)"),
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str] = mapped_column(String(120))
    icon: Mapped[str] = mapped_column(String(40), default="folder", server_default="folder")
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.categories.id"), default=None)
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class Label(Record):
    __tablename__ = "labels"
    __table_args__ = (
        Index(
            "uq_labels_name",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str] = mapped_column(String(60))
    color: Mapped[str] = mapped_column(String(7), default="#3156c4", server_default="#3156c4")
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def ink(self) -> str:
        return ink_on(self.color)


def ink_on(color: str) -> str:
    """Which text can be read on it: `light` or `dark`, whichever contrasts more (at least 4.5 : 1)."""
    return "dark" if contrast_with_black(color) >= contrast_with_white(color) else "light"


def contrast_with_white(color: str) -> float:
    return 1.05 / (luminance(color) + 0.05)


def contrast_with_black(color: str) -> float:
    return (luminance(color) + 0.05) / 0.05


def luminance(color: str) -> float:
    """WCAG's relative luminance of `#rrggbb`."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


class Calendar(Record):
    """Working hours: `definition` as `business_time.calendar_from_json` reads it."""

    __tablename__ = "calendars"
    __table_args__ = (
        Index("uq_calendars_key", "key", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index(
            "uq_calendars_default",
            "is_default",
            unique=True,
            postgresql_where=text("is_default AND deleted_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_default: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class ApprovalMatrix(Record):
    """A look-up table that approver lines name by its key: a value of the request, and who answers for it."""

    __tablename__ = "approval_matrices"
    __table_args__ = (
        Index("uq_approval_matrices_key", "key", unique=True, postgresql_where=text("deleted_at IS NULL")),
    )

    key: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(120))
    archived_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class ApprovalMatrixRow(Record):
    """Added and removed, never changed: who made it, and when, decides whether it may seat somebody (rule 4)."""

    __tablename__ = "approval_matrix_rows"
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, role_id) = 1", name="names_one"),
        Index(
            "uq_approval_matrix_rows_entry",
            "matrix_id",
            "value",
            text("coalesce(user_id, 0)"),
            text("coalesce(role_id, 0)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    matrix_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.approval_matrices.id"))
    value: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None] = user_reference(default=None)
    role_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"), default=None)
