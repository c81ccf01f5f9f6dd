"""What the database counts along, so that no dashboard scans the tickets."""

from datetime import datetime

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, Boolean, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Table


class TicketRollup(Table):
    """Sums by hour, kept by triggers in the transaction of the change (migrations: `ticket.count_ticket`).

    A change only ever adds rows (`is_delta`), so no two writers meet; a job adds them up now and then.
    """

    __tablename__ = "ticket_rollup"
    __table_args__ = (
        Index(
            "uq_ticket_rollup", "measure", "team_id", "key", "hour", "open_to_all",
            unique=True, postgresql_where=text("NOT is_delta"), postgresql_include=["number"],
        ),
        Index(
            "ix_ticket_rollup_deltas", "measure", "team_id", "key", "hour", "open_to_all",
            postgresql_where=text("is_delta"), postgresql_include=["number"],
        ),
    )  # fmt: skip

    measure: Mapped[str] = mapped_column(String(10))
    """`now` (in this state), `created`, `resolved`, `on_time`, `closed`, `moved` (more came into a state than left)."""
    team_id: Mapped[int] = mapped_column(BigInteger)
    """A role, or 0 for all tickets with and without a team: each is counted under both."""
    key: Mapped[str] = mapped_column(String(20))
    """A status, `yes` or `no`, or nothing."""
    hour: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    open_to_all: Mapped[bool] = mapped_column(Boolean)
    number: Mapped[int] = mapped_column(BigInteger)
    is_delta: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
