"""A link between two tickets, and how it reads from either end."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import SCHEMA, Record

_LIVE = text("deleted_at IS NULL")


class LinkKind(StrEnum):
    RELATES = "relates"
    BLOCKS = "blocks"
    DUPLICATES = "duplicates"
    PARENT = "parent"

    @property
    def has_an_order(self) -> bool:
        """What comes before or above may not come round to itself."""
        return self in {LinkKind.BLOCKS, LinkKind.PARENT}


class Relation(StrEnum):
    """How a link reads from one of its ends."""

    RELATES = "relates"
    BLOCKS = "blocks"
    BLOCKED_BY = "blocked_by"
    DUPLICATES = "duplicates"
    DUPLICATED_BY = "duplicated_by"
    PARENT = "parent"
    CHILD = "child"

    @property
    def kind(self) -> LinkKind:
        return LinkKind(_FORWARD.get(self, self).value)

    @property
    def is_seen_from_target(self) -> bool:
        return self in _FORWARD

    @classmethod
    def of(cls, kind: str, *, from_target: bool) -> "Relation":
        return _BACKWARD.get(cls(kind), cls(kind)) if from_target else cls(kind)


_FORWARD = {
    Relation.BLOCKED_BY: Relation.BLOCKS,
    Relation.DUPLICATED_BY: Relation.DUPLICATES,
    Relation.CHILD: Relation.PARENT,
}
_BACKWARD = {forward: backward for backward, forward in _FORWARD.items()}


class TicketLink(Record):
    """Read "source kind target". What relates has no direction: its source is the ticket that was made first.

    It moves no ticket's version: who reads one end and may not see the other would notice.
    """

    __tablename__ = "ticket_links"
    __table_args__ = (
        CheckConstraint("kind IN ('relates','blocks','duplicates','parent')", name="kind"),
        CheckConstraint("source_id <> target_id", name="two_ends"),
        Index("uq_ticket_links", "source_id", "target_id", "kind", unique=True, postgresql_where=_LIVE),
        Index("ix_ticket_links_target", "target_id", postgresql_where=_LIVE),
    )

    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    target_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    kind: Mapped[str] = mapped_column(String(12))
