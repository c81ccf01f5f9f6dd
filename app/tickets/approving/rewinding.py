"""Rule 9: what an edit does to the approval that runs, and what its editor is told before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.activity.vocabulary import word
from app.approvals.core.commands import ContentChanged
from app.approvals.core.content_changes import lost_votes
from app.approvals.core.context import Context
from app.approvals.core.state import Seat, StepRun
from app.errors import NotPossible
from app.tickets.approving.deciding import rows_of_seats
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.approving.facts import StepReader
from app.tickets.models import Ticket, TicketStatus
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class LostVote:
    """A decision that no longer counts once what it was about has changed."""

    seat_id: int
    step_key: str
    step_name: str
    user_id: int
    name: str
    decision: str
    decided_at: datetime
    fields: tuple[str, ...] = ()
    """What it is about where its step names that; empty: all of the request."""

    @property
    def told(self) -> str:
        return _("%(step)s: %(person)s, %(decision)s") % {
            "step": self.step_name, "person": self.name, "decision": word(self.decision).lower(),
        }  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.seat_id, "step": {"key": self.step_key, "name": self.step_name},
            "user": {"id": self.user_id, "name": self.name}, "decision": self.decision,
            "decided_at": self.decided_at.isoformat(),
        }  # fmt: skip


class WouldRewind(NotPossible):
    """Nothing was saved: these decisions would be lost, and the editor has not said that they may be."""

    def __init__(self, sentence: str, lost: Sequence[LostVote]) -> None:
        super().__init__(sentence, code="rewind", lost=[vote.to_json() for vote in lost])
        self.lost = lost


class Rewinding(ApprovalDesk):
    async def content_changed(self, ticket: Ticket, fields: Iterable[str]) -> None:
        """After the values changed, in the same transaction; whatever was decided upon other values is asked anew."""
        changed = tuple(sorted(fields))
        if not changed or ticket.status != TicketStatus.WAITING_APPROVAL:
            return
        await self.session.flush()
        running = await self._needed(ticket)
        command = ContentChanged(self.actor.id, changed, self.accept_rewind)
        try:
            await self._apply(ticket, running, command)
        except NotPossible as error:
            if error.extra.get("code") != "rewind":
                raise
            raise WouldRewind(error.sentence, await self._lost(running, running.context)) from error

    async def at_risk(self, ticket: Ticket) -> list[LostVote]:
        """The decisions that are lost if everything is changed that they are about."""
        if ticket.status != TicketStatus.WAITING_APPROVAL:
            return []
        running = await self._needed(ticket)
        return await self._lost(running, _with_other_content(running))

    async def has_rounds_left(self, ticket: Ticket) -> bool:
        running = await self.running(ticket) if ticket.status == TicketStatus.WAITING_APPROVAL else None
        return running is None or running.state.round <= running.flow.max_rounds

    async def _lost(self, running: Running, context: Context) -> list[LostVote]:
        lost = lost_votes(running.state, context)
        rows = await rows_of_seats(self.session, running.process.id) if lost else {}
        return [self._told(running, rows[seat.number], seat) for seat in lost]

    def _told(self, running: Running, row_id: int, seat: Seat) -> LostVote:
        step, voter = running.flow.steps[_run_of(running, seat).step_key], seat.acted_by or 0
        return LostVote(
            seat_id=row_id, step_key=step.key, step_name=step.name, user_id=voter,
            name=running.directory.names.get(voter, _("somebody")), decision=str(seat.status),
            decided_at=seat.decided_at or running.context.now,
            fields=tuple(running.subject.label(name) for name in step.watches or ()),
        )  # fmt: skip


def _run_of(running: Running, seat: Seat) -> StepRun:
    found = running.state.seat(seat.number)
    if found is None:
        raise LookupError(f"no seat {seat.number}")
    return found[0]


def _with_other_content(running: Running) -> Context:
    """As if nothing were any more what those who decided saw."""
    reader = StepReader(running.subject, running.directory, running.context.now)
    steps = {
        key: replace(facts, watch_hash="") if reader.watched(running.flow.steps[key]) else facts
        for key, facts in running.context.steps.items()
    }
    return replace(running.context, steps=steps)
