"""The verbs of an approval: each locks the ticket (its caller did), asks the engine, and stores what it answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.activity.outbox import drop_waiting
from app.approvals.core import commands as c
from app.approvals.core.content import Change
from app.approvals.core.context import Context
from app.approvals.core.definition import Flow
from app.approvals.core.denied import DenialKind, Denied
from app.approvals.core.engine import decide, fold
from app.approvals.core.events import Event, ProcessResumed, ProcessStarted
from app.approvals.core.outcome import outcome
from app.approvals.core.state import ProcessStatus, State, TimerKind, state_from_json
from app.approvals.models import ApprovalProcess, ApprovalTemplateVersion
from app.approvals.repository import flow_of, known_flow
from app.db.constants import given
from app.errors import DomainError, NotAllowed, NotFound, NotPossible, Refused
from app.tickets.approving.edits import edits_of, rolled_back
from app.tickets.approving.events import facts_of, kind_for
from app.tickets.approving.facts import gather
from app.tickets.approving.foreseen import keep_foreseen
from app.tickets.approving.people import Directory, hold_still
from app.tickets.approving.projection import project
from app.tickets.approving.subject import Subject, subject_of
from app.tickets.approving.watching import reads_of_flow
from app.tickets.desk import Desk
from app.tickets.lifecycle import Move
from app.tickets.models import Ticket, TicketStatus
from app.web.formats import clock_or_day
from app.web.i18n import gettext as _

SENT_AFTER = timedelta(seconds=15)
"""What a decision sends waits out the ten seconds in which it can be taken back."""

_LATEST = (
    select(ApprovalProcess)
    .where(ApprovalProcess.ticket_id == given("ticket"))
    .order_by(ApprovalProcess.id.desc())
    .limit(1)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Running:
    """One ticket's latest approval, with everything the engine decides upon."""

    process: ApprovalProcess
    flow: Flow
    state: State
    context: Context
    directory: Directory
    subject: Subject

    @property
    def came_back_at(self) -> datetime:
        """Of a returned process: when its last step closed."""
        return max((run.closed_at for run in self.state.runs if run.closed_at), default=self.process.opened_at)


class ApprovalDesk(Desk):
    async def running(self, ticket: Ticket, *people: int) -> Running | None:
        """The latest process of a ticket that was locked, or is only read; `people` may be given a seat in it."""
        process = await self._latest(ticket.id)
        if process is None:
            return None
        flow = await self._flow(process)
        state, subject = state_from_json(process.state), await subject_of(self.session, ticket)
        context, directory = await gather(
            self.session, subject, flow, state, self.actor.id, *people, process_id=process.id
        )  # fmt: skip
        return Running(process, flow, state, context, directory, subject)

    async def start(self, ticket: Ticket, version: ApprovalTemplateVersion) -> None:
        """A new process, in the version that is published now."""
        earlier = await self._latest(ticket.id)
        flow, subject = flow_of(version), await subject_of(self.session, ticket)
        command = c.Start(
            self.actor.id, creator_id=ticket.created_by, requester_id=ticket.requester_id,
            flow_version=version.number, flow_sha256=version.sha256, reopens=earlier.id if earlier else None,
        )  # fmt: skip
        context, directory = await gather(self.session, subject, flow, State(), self.actor.id)
        process = ApprovalProcess(
            ticket_id=ticket.id, template_version_id=version.id, definition_sha256=version.sha256, status="running",
            opened_at=context.now, state={},
        )  # fmt: skip
        ticket.approval_template_version_id = version.id
        fresh = Running(process, flow, State(), context, directory, subject)
        changes = await changes_since(self.session, fresh, earlier.closed_at) if earlier and earlier.closed_at else []
        await self._apply(ticket, fresh, command, changes=changes)

    async def resubmit(self, ticket: Ticket) -> None:
        running = await self._needed(ticket)
        changes = await changes_since(self.session, running, running.came_back_at)
        await self._apply(ticket, running, c.Resubmit(self.actor.id), changes=changes)

    async def decide(
        self, ticket: Ticket, *, seat: int, decision: c.Decision, seen_hash: str, comment: str = "",
        on_behalf_of: int | None = None,
    ) -> Running:  # fmt: skip
        await hold_still(self.session, [self.actor.id, *([on_behalf_of] if on_behalf_of else [])])
        command = c.Decide(
            self.actor.id, seat=seat, decision=decision, seen_hash=seen_hash, comment=comment.strip() or None,
            on_behalf_of=on_behalf_of, via=self.actor.channel, signed_in_at=self.actor.signed_in_at,
        )  # fmt: skip
        return await self._apply(ticket, await self._needed(ticket), command, held=True)

    async def retract(self, ticket: Ticket, *, seat: int) -> Running:
        await hold_still(self.session, [self.actor.id])
        running = await self._needed(ticket)
        undone = running.state.undo
        after = await self._apply(ticket, running, c.Retract(self.actor.id, seat))
        if undone is not None:
            await drop_waiting(self.session, await self._notes_of_turn(ticket, running.process, undone.turn))
        return after

    async def delegate(self, ticket: Ticket, *, seat: int, to: int, reason: str = "") -> Running:
        """One seat, for good: by its holder, or by an administrator with a reason (approvals.md, rule 8)."""
        await hold_still(self.session, [self.actor.id, to])
        command = c.Delegate(self.actor.id, seat=seat, to=to, reason=reason.strip() or None)
        return await self._apply(ticket, await self._needed(ticket, to), command)

    async def withdraw(self, ticket: Ticket, *, reason: str = "") -> None:
        """While it waits it becomes a draft again; a returned one stays the draft that it is."""
        if ticket.status == TicketStatus.WAITING_APPROVAL:
            self.insist(ticket, Move.WITHDRAW)
        await self._apply(ticket, await self._needed(ticket), c.Withdraw(self.actor.id, reason or None), reason=reason)

    async def cancel(self, ticket: Ticket, *, reason: str) -> None:
        self.insist(ticket, Move.CANCEL)
        if not reason.strip():
            raise Refused("Say why this is cancelled.", {"reason": "Say why this is cancelled."})
        await self._apply(ticket, await self._needed(ticket), c.Cancel(self.actor.id, reason.strip()), reason=reason)

    async def end_before_deletion(self, ticket: Ticket) -> None:
        """Nobody stays asked about what is gone (approvals.md, rule 7); who asked withdraws, anybody else cancels."""
        running = await self.running(ticket)
        if running is None or running.state.status.is_final:
            return
        reason = _("The request was deleted.")
        own = self.actor.id in running.state.askers
        command = c.Withdraw(self.actor.id, reason) if own else c.Cancel(self.actor.id, reason)
        await self._apply(ticket, running, command, reason=reason)

    async def settle(self, ticket: Ticket) -> None:
        """After a directory change: seats of those who may no longer vote are void."""
        if (running := await self.running(ticket)) and not running.state.status.is_final:
            await self._apply(ticket, running, c.Settle(self.actor.id))

    async def fire(self, ticket: Ticket, *, run: int, kind: TimerKind, ordinal: int, due_at: datetime) -> None:
        """A reminder or deadline has come; the engine refuses one that no longer means anything."""
        command = c.FireTimer(self.actor.id, run=run, kind=kind, ordinal=ordinal, due_at=due_at)
        await self._apply(ticket, await self._needed(ticket), command)

    async def _apply(
        self, ticket: Ticket, before: Running, command: c.Command, *, held: bool = False, reason: str = "",
        changes: Sequence[dict[str, Any]] = (),
    ) -> Running:  # fmt: skip
        answer = decide(before.state, command, before.context)
        if isinstance(answer, Denied):
            raise refusal(answer, before.directory)
        state = fold(before.state, answer)
        process, before = before.process, reading_on(before)
        if before.state.status is ProcessStatus.NEW:
            self.session.add(process)
            await self.session.flush()
        keep_foreseen(process, state, before.context)
        await project(self.session, process, state, before.context)
        await self._record(ticket, before, state, answer, held=held, changes=changes)
        await self._move_ticket(ticket, before, state, answer, reason=reason, held=held)
        # Nothing can have followed what happened just now, whatever followed the vote before it.
        context = replace(before.context, touched_since_vote=False)
        return Running(process, before.flow, state, context, before.directory, before.subject)

    async def _record(
        self, ticket: Ticket, before: Running, state: State, happened: Sequence[Event], *, held: bool,
        changes: Sequence[dict[str, Any]],
    ) -> None:  # fmt: skip
        """`changes`: what was changed since it was submitted last, told with its next submission."""
        not_before = before.context.now + SENT_AFTER if held else None
        told = [(event, facts_of(event, state, before.flow, process_id=before.process.id)) for event in happened]
        for event, facts in told:
            if changes and isinstance(event, ProcessStarted | ProcessResumed):
                facts["changes"] = list(changes)
        rows = [(kind_for(event), facts) for event, facts in told]
        notes = await self.log.record_all(rows, ticket, not_before=not_before)
        for note, (kind, facts) in zip(notes, rows, strict=True):
            await self.calls.hear(self.session, note, facts.get(kind.quote or "") or "")

    async def _move_ticket(
        self, ticket: Ticket, before: Running, state: State, happened: Sequence[Event], *, reason: str, held: bool
    ) -> None:
        """The ticket follows its approval; that is a change of the ticket, a vote alone is none."""
        ticket.approval = state.status
        target = outcome(before.state, state).ticket_status
        if target is not None and target != ticket.status:
            told = reason or next((text for event in happened if (text := getattr(event, "comment", None))), "")
            turn = {"process": before.process.id, "turn": state.turn}
            not_before = before.context.now + SENT_AFTER if held else None
            await self.become(ticket, target, reason=told, not_before=not_before, **turn)
        await self.session.flush()

    async def _needed(self, ticket: Ticket, *people: int) -> Running:
        running = await self.running(ticket, *people)
        if running is None:
            raise NotPossible(_("This ticket has no approval."), possible=self.possible(ticket))
        return running

    async def _latest(self, ticket_id: int) -> ApprovalProcess | None:
        return (await self.session.execute(_LATEST, {"ticket": ticket_id})).scalar_one_or_none()

    async def _flow(self, process: ApprovalProcess) -> Flow:
        if known := known_flow(process.definition_sha256):
            return known
        version = await self.session.get(ApprovalTemplateVersion, process.template_version_id)
        if version is None:
            raise NotFound
        return flow_of(version)

    async def _notes_of_turn(self, ticket: Ticket, process: ApprovalProcess, turn: int) -> Sequence[int]:
        facts: Any = TicketNote.event_details
        query = select(TicketNote.id).where(
            TicketNote.ticket_id == ticket.id,
            TicketNote.system,
            facts["process"].as_integer() == process.id,
            facts["turn"].as_integer() == turn,
        )
        return (await self.session.execute(query)).scalars().all()


def reading_on(running: Running) -> Running:
    """After a migration everything is read by the version that it led to."""
    target = running.context.target
    return replace(running, flow=target.flow, context=target) if target is not None else running


_ERRORS: dict[DenialKind, type[DomainError]] = {
    DenialKind.FORBIDDEN: NotAllowed,
    DenialKind.CONFLICT: NotPossible,
    DenialKind.INVALID: Refused,
}


_FIELDS = {"comment_required": "comment", "reason_required": "reason"}
"""Of a refusal that is about one of the things sent."""


def refusal(denied: Denied, directory: Directory) -> DomainError:
    """The engine's sentence with people by name."""
    names = {name: _written(name, value, directory) for name, value in denied.params.items()}
    error = _ERRORS[denied.kind](_(denied.message) % names if names else _(denied.message))
    if isinstance(error, Refused) and denied.code in _FIELDS:
        error.errors = {_FIELDS[denied.code]: error.sentence}
    error.extra["code"] = denied.params.get("void_reason", denied.code)
    if isinstance(user := denied.params.get("user"), int):
        error.extra["who"] = {"id": user, "name": directory.names.get(user, "")}
    if isinstance(at := denied.params.get("at"), datetime):
        error.extra["when"] = at.isoformat()
    return error


def _written(name: str, value: Any, directory: Directory) -> Any:
    if name in {"user", "actor", "holder"}:
        return directory.names.get(value, _("somebody"))
    return clock_or_day(value) if isinstance(value, datetime) else value


LONGEST_TOLD = 500


async def changes_since(session: AsyncSession, running: Running, moment: datetime) -> list[dict[str, Any]]:
    """For the timeline: long texts are only named there, their own events hold both versions."""
    subject = running.subject
    watched = subject.watched(reads_of_flow(running.flow))
    found = rolled_back(watched, await edits_of(session, running.process.ticket_id, since=moment))
    return [_told(change, subject) for change in found]


def _told(change: Change, subject: Subject) -> dict[str, Any]:
    told: dict[str, Any] = {"field": change.field, "label": subject.label(change.field)}
    if all(len(str(value)) <= LONGEST_TOLD for value in (change.before, change.after)):
        told |= {"old": change.before, "new": change.after}
    return told
