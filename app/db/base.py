"""`Record`: what every table of user data has in common."""

from datetime import datetime
from typing import Any

from advanced_alchemy.base import (
    AdvancedDeclarativeBase,
    CommonTableAttributes,
    orm_registry,
)
from advanced_alchemy.mixins import IdentityPrimaryKey
from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.actor import current_actor
from app.clock import utc_now

SCHEMA = "ticket"
orm_registry.metadata.schema = SCHEMA


def _actor_id() -> int:
    return current_actor().id


def user_reference(*, nullable: bool = True, **options: Any) -> Any:
    """A column that names a person; every such column is a real foreign key."""
    return mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.users.id"), nullable=nullable, **options)


class Table(IdentityPrimaryKey, CommonTableAttributes, AdvancedDeclarativeBase):
    """A table without a life of its own: link rows, logs, queues."""

    __abstract__ = True


class Record(Table):
    """Audit columns and soft delete; a row with `deleted_at` exists for the record and nowhere else."""

    __abstract__ = True

    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        DateTimeUTC(timezone=True), default=utc_now, onupdate=utc_now, sort_order=92
    )
    deleted_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None, sort_order=94)

    @declared_attr
    def created_by(cls) -> Mapped[int]:
        column: Mapped[int] = user_reference(nullable=False, default=_actor_id, sort_order=91)
        return column

    @declared_attr
    def updated_by(cls) -> Mapped[int]:
        column: Mapped[int] = user_reference(nullable=False, default=_actor_id, onupdate=_actor_id, sort_order=93)
        return column

    @declared_attr
    def deleted_by(cls) -> Mapped[int | None]:
        column: Mapped[int | None] = user_reference(default=None, sort_order=95)
        return column

    def delete_softly(self, *, at: datetime) -> None:
        self.deleted_at, self.deleted_by = at, _actor_id()

    def bring_back(self) -> None:
        self.deleted_at = self.deleted_by = None
