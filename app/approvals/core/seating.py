"""From resolved lines to seats: who is asked, who cannot be and why, and who comes in instead (rule 4)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.approvals.core.context import Candidate, Context, ResolvedLine
from app.approvals.core.counting import placed
from app.approvals.core.definition import Mode, Source, Step, WhenRequester
from app.approvals.core.eligibility import Entry, ineligible, of_own_making, why_void
from app.approvals.core.state import Origin, RunStatus, Seat, SeatStatus, State, StepRun, VoidReason


def opening_seats(state: State, ctx: Context, step: Step, first_number: int) -> tuple[Seat, ...]:
    """A seat void from the start lowers the bar; in mode `all` one of a line that names one person does not,
    for two signatures never become one."""
    seats: list[Seat] = []
    for line in ctx.facts(step.key).lines:
        for seat in _seats_of(state, ctx, step, line):
            at = _place_of(seats, seat)
            if at is None:
                seats.append(replace(seat, number=first_number + len(seats)))
            elif seats[at].void_reason is VoidReason.OWN_MAKING and seat.is_pending:
                seats[at] = replace(seat, number=seats[at].number)
    return tuple(seats)


def _place_of(seats: list[Seat], new: Seat) -> int | None:
    """Where this principal sits already: the first line that leads to somebody is kept, but for an entry that keeps
    them out, which must not shut them out of their own line."""
    if new.user_id is None and new.role_id is None:
        return None
    who = new.user_id, new.role_id
    return next((at for at, seat in enumerate(seats) if (seat.user_id, seat.role_id) == who), None)


def _seats_of(state: State, ctx: Context, step: Step, line: ResolvedLine) -> Iterator[Seat]:
    """Numbered by whoever keeps them."""
    if line.is_pool:
        yield pool_for(line, 0, Origin.LINE)
        return
    people = candidates(state, ctx, step, line)
    for candidate in people:
        reason = ineligible(state, ctx, step, None, candidate.user_id, _entry(candidate))
        yield _line_seat(step, line, candidate, reason)
    if not people and line.names_one:
        yield _line_seat(step, line, None, VoidReason.NOBODY)


def _line_seat(step: Step, line: ResolvedLine, candidate: Candidate | None, reason: VoidReason | None) -> Seat:
    return Seat(
        0,
        user_id=candidate.user_id if candidate else None,
        status=SeatStatus.VOID if reason else SeatStatus.PENDING,
        void_reason=reason,
        counted=reason is None or (step.mode is Mode.ALL and line.names_one),
        line=line.line,
        names_one=line.names_one,
        provenance=line.provenance,
        member_of=_group(line, candidate) if candidate else None,
        made_by=candidate.made_by if candidate else None,
        made_at=candidate.made_at if candidate else None,
    )


def _entry(source: Candidate | ResolvedLine) -> Entry:
    return Entry(source.made_by, source.made_at)


def _group(line: ResolvedLine, candidate: Candidate) -> int | None:
    """The role that the seat rests on. Whoever sits in a requester's place is not there as a member."""
    return line.role_id if not line.is_pool and candidate in line.people else None


def candidates(state: State, ctx: Context, step: Step, line: ResolvedLine) -> tuple[Candidate, ...]:
    """The line's people; where the step says so, a requester's manager in the requester's place."""
    people = _managers_of_previous(state, ctx, step) if line.source is Source.PREVIOUS_MANAGER else line.people
    if step.requester is not WhenRequester.MANAGER:
        return people
    swapped = (manager_of(ctx, one.user_id) if one.user_id in state.askers else one for one in people)
    return tuple(one for one in swapped if one is not None)


def manager_of(ctx: Context, user_id: int) -> Candidate | None:
    person = ctx.person(user_id)
    if person.manager_id is None:
        return None
    return Candidate(person.manager_id, person.manager_by, person.manager_at)


def _managers_of_previous(state: State, ctx: Context, step: Step) -> tuple[Candidate, ...]:
    """Of everybody whose approval counted in the nearest earlier stage that was approved."""
    stage = ctx.flow.stage_of[step.key]
    before = [run for run in state.live_runs if run.status is RunStatus.APPROVED and run.stage < stage]
    nearest = max((run.stage for run in before), default=None)
    votes = [seat for run in before if run.stage == nearest for seat in run.seats]
    deciders = [seat.user_id for seat in votes if seat.status is SeatStatus.APPROVED and seat.user_id is not None]
    managers = (manager_of(ctx, decider) for decider in dict.fromkeys(deciders))
    return tuple(manager for manager in managers if manager is not None)


def free_candidates(
    state: State, ctx: Context, run: StepRun, lines: Iterable[ResolvedLine]
) -> Iterator[tuple[ResolvedLine, Candidate]]:
    """Eligible people of these lines (a pool's members too) who have no place in the step yet."""
    step = ctx.flow.steps[run.step_key]
    taken = set(placed(state, ctx, run))
    for line in lines:
        people = ctx.members_of(line.role_id) if line.is_pool else candidates(state, ctx, step, line)
        for candidate in people:
            if candidate.user_id in taken or of_own_making(state, ctx, candidate.user_id, _entry(line)):
                continue
            if why_void(state, ctx, run, seat_for(line, candidate, 0, Origin.LINE)) is None:
                taken.add(candidate.user_id)
                yield line, candidate


def seat_for(line: ResolvedLine, candidate: Candidate, number: int, origin: Origin) -> Seat:
    return Seat(
        number,
        user_id=candidate.user_id,
        origin=origin,
        line=line.line,
        names_one=line.names_one,
        provenance=line.provenance,
        member_of=_group(line, candidate),
        made_by=candidate.made_by,
        made_at=candidate.made_at,
    )


def pool_for(line: ResolvedLine, number: int, origin: Origin) -> Seat:
    return Seat(
        number, role_id=line.role_id, origin=origin, line=line.line, provenance=line.provenance,
        made_by=line.made_by, made_at=line.made_at,
    )  # fmt: skip
