"""A view of the list under a name, and who keeps it in their menu."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Record, Table, user_reference
from app.tickets.filters import TicketFilters

LONGEST_NAME = 60
_ALIVE = text("deleted_at IS NULL")


class SavedView(Record):
    """`query`: the list's address as pairs. Without a role it is its owner's alone."""

    __tablename__ = "saved_views"
    __table_args__ = (
        Index("ix_saved_views_owner", "owner_id", postgresql_where=_ALIVE),
        Index("ix_saved_views_role", "role_id", postgresql_where=_ALIVE),
    )

    owner_id: Mapped[int] = user_reference(nullable=False)
    role_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.roles.id"), default=None)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[list[Any]] = mapped_column(JSONB)

    @property
    def filters(self) -> TicketFilters:
        """Read anew each time: what is understood no longer is left out."""
        return TicketFilters.read((str(name), str(value)) for name, value in self.query)

    @property
    def url(self) -> str:
        return self.filters.url()


class SavedViewPin(Table):
    """This person keeps this view in their menu. `is_default`: their menu's "Tickets" opens it, one at most."""

    __tablename__ = "saved_view_pins"
    __table_args__ = (
        UniqueConstraint("user_id", "view_id", name="uq_saved_view_pins"),
        Index("uq_saved_view_pins_default", "user_id", unique=True, postgresql_where=text("is_default")),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    view_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.saved_views.id", ondelete="CASCADE"))
    is_default: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
