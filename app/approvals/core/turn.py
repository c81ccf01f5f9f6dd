"""One command at work: the state as it moves, and what happened so far."""

from typing import Any

from app.approvals.core.context import Context
from app.approvals.core.events import Event
from app.approvals.core.evolve import evolve
from app.approvals.core.state import Seat, State, StepRun


class Turn:
    """`closable`: the runs that this command may close. A void or a directory change alone closes none."""

    def __init__(self, state: State, ctx: Context, actor: int) -> None:
        self.state = state
        self.ctx = ctx
        self.actor = actor
        self.number = state.turn + 1
        self.events: list[Event] = []
        self.closable: set[int] = set()

    def happened(self, kind: type[Event], **facts: Any) -> None:
        event = kind(at=self.ctx.now, actor=self.actor, turn=self.number, **facts)
        self.state = evolve(self.state, event)
        self.events.append(event)

    def run(self, number: int) -> StepRun:
        found = self.state.run(number)
        if found is None:
            raise LookupError(f"no step run {number}")
        return found

    def seat(self, number: int) -> tuple[StepRun, Seat]:
        found = self.state.seat(number)
        if found is None:
            raise LookupError(f"no seat {number}")
        return found
