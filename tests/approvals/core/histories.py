"""Random lives of random processes, from a seed: the same seed is the same history for ever."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from app.approvals.core import commands as c
from app.approvals.core.context import Candidate, Context, Verdict
from app.approvals.core.definition import Flow, Stage
from app.approvals.core.outcome import pending_timers
from app.approvals.core.state import RunStatus, SeatKind, State, TimerKind
from tests.approvals.core.office import (
    ADA,
    DANIEL,
    EVERYBODY,
    FINANCE,
    HANA,
    INGRID,
    JONAS,
    LEGAL,
    NINE,
    SYSTEM,
    Office,
    any_of,
    each_of,
    flow,
    step,
    user,
)

KEYS = "abcd"


def random_flow(random: Random) -> Flow:
    stages: list[list[dict[str, Any]]] = []
    for key in KEYS[: random.randint(1, 4)]:
        one = _random_step(random, key, [other["key"] for stage in stages for other in stage])
        if stages and random.random() < 0.35:
            one.pop("auto_satisfy", None)
            stages[-1].append(one)
        else:
            stages.append([one])
    return flow(
        *stages,
        force_close=random.random() < 0.4,
        when_nothing_applies=random.choice(["attention", "attention", "approve"]),
        resubmit=random.choice(["start", "returning_step"]),
        max_rounds=random.choice([1, 3, 10]),
    )


def _random_step(random: Random, key: str, earlier: list[str]) -> dict[str, Any]:
    mode = random.choice(["any", "all", "count", "percent"])
    lines = [user(random.randint(1, 8)), each_of(FINANCE), {"source": "manager", "level": 1}]
    if mode in ("any", "count"):
        lines += [any_of(FINANCE), any_of(LEGAL), any_of(FINANCE)]
    if earlier:
        lines.append({"source": "previous_manager"})
    rules: dict[str, Any] = {
        "mode": mode,
        "threshold": {"count": random.randint(1, 3), "percent": random.choice([1, 34, 50, 67, 100])}.get(mode),
        "reject": random.choice([None, "veto", "threshold"]),
        "on_reject": random.choice(["end", "return", *({"back_to": other} for other in earlier)]),
        "requester": random.choice(["void", "void", "manager", "allow"]),
        "editors": random.choice(["void", "void", "allow"]),
        "distinct_from": random.choice([[], [], earlier[:1], "all"]),
        "condition": random.choice([None, None, {"v": 1, "all": []}]),
        "fallback": random.choice([[], [user(random.randint(1, 10))], [each_of(LEGAL), user(INGRID)]]),
        "replace_inactive": random.choice(["none", "manager"]),
        "auto_satisfy": random.random() < 0.2,
        "ad_hoc": random.random() < 0.5,
        "wait_all": random.random() < 0.2,
        "comment_on_approve": random.random() < 0.1,
    }
    then = random.choice(["remind", "escalate", "replace", "reject"])
    if random.random() < 0.5:
        rules["deadline"] = {"business_hours": 8, "remind": [4], "then": then, "to": [user(random.randint(1, 10))]}
    return step(key, *random.sample(lines, random.randint(1, 3)), **rules)


class History:
    """One process and the world around it, which changes too."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.office = Office()
        self.office.people[JONAS] = replace(self.office.people[JONAS], is_admin=True)
        self.flow = random_flow(self.random)
        self.requester = self.random.choice([HANA, HANA, HANA, DANIEL, INGRID])
        self.changed_world = False
        self.target: Flow | None = None
        """The version that a migration would lead to."""

    def start(self) -> c.Command:
        self.plan()
        creator = self.random.choice([HANA, self.requester])
        return c.Start(creator, creator, self.requester, 1, "sha")

    def context(self, state: State) -> Context:
        return self.office.context(self.flow, state, target=self.target)

    def move_on(self) -> None:
        """A migration went through."""
        if self.target is not None:
            self.flow, self.target = self.target, None
            self.plan()

    def plan(self) -> None:
        """Deadlines count from now on, so they are worked out again for whatever opens next."""
        now = self.office.now
        for key, one in self.flow.steps.items():
            if one.deadline:
                self.office.deadlines[key] = now + timedelta(hours=4), now + timedelta(hours=8)
            if self.random.random() < 0.1:
                self.office.verdicts[key] = Verdict(self.random.random() < 0.5, self.random.random() < 0.3)

    def turn_the_world(self) -> None:
        random, office = self.random, self.office
        office.now += timedelta(seconds=random.choice([1, 1, 5, 30, 3600, 5 * 3600]))
        self.plan()
        kind = random.randint(1, 14)
        person = random.choice(EVERYBODY)
        if kind == 1:
            office.people[person] = replace(office.people[person], active=not office.people[person].active)
        elif kind == 2:
            self._move_members(random.choice([FINANCE, LEGAL]))
        elif kind == 3 and len(office.proxies) < 4:
            office.away(person, random.choice([one for one in EVERYBODY if one != person]))
        elif kind == 4:
            boss = random.choice([None, *EVERYBODY])
            office.people[person] = replace(
                office.people[person], manager_id=boss, manager_by=random.choice(EVERYBODY), manager_at=office.now
            )
        self.changed_world = kind <= 4

    def _move_members(self, role: int) -> None:
        members = [one for one in self.office.members[role] if self.random.random() < 0.7]
        joins = self.random.choice(EVERYBODY)
        if joins not in {one.user_id for one in members}:
            made_at = self.random.choice([NINE - timedelta(days=9), self.office.now])
            members.append(Candidate(joins, self.random.choice(EVERYBODY), made_at))
        self.office.members[role] = tuple(members)

    def command(self, state: State) -> c.Command:
        """Mostly what people would do, at times what they may not."""
        kinds = (
            [self._vote] * 12 + [self._whole] * 2 + [self._staffing] * 3 + [self._admin, self._retract, self._retract]
        )
        kinds += [self._timer, self._timer, self._content, lambda state: c.Settle(SYSTEM), self._migrate]
        if state.status == "returned":
            kinds += [lambda state: c.Resubmit(state.requester_id)] * 12
        if any(run.status is RunStatus.SKIPPED for run in state.live_runs):
            kinds += [self._open_step] * 2
        return self.random.choice(kinds)(state)

    def _vote(self, state: State) -> c.Command:
        random = self.random
        open_seats = [seat for run in state.open_runs for seat in run.seats if seat.is_pending]
        seats = open_seats or [seat for run in state.runs for seat in run.seats]
        if not seats:
            return c.Settle(SYSTEM)
        seat = random.choice(seats)
        members = [one.user_id for one in self.office.members.get(seat.role_id or 0, ())]
        holder = seat.user_id or random.choice(members or list(EVERYBODY))
        stand_ins = [proxy.proxy_id for proxy in self.office.proxies if proxy.principal_id == holder] + list(
            seat.deputies
        )
        actor, behalf = holder, None
        if stand_ins and random.random() < 0.5:
            actor, behalf = random.choice(stand_ins), holder
        elif random.random() < 0.1:
            actor, behalf = random.choice(EVERYBODY), random.choice([None, holder])
        run = state.seat(seat.number)
        key = run[0].step_key if run else ""
        seen = self.office.hashes.get(key, "v1") if random.random() < 0.95 else "stale"
        decision = random.choice([*["approve"] * 8, "reject", "reject", "return", "abstain"])
        return c.Decide(actor, seat.number, c.Decision(decision), seen, random.choice(["why", "why", None]), behalf)

    def _whole(self, state: State) -> c.Command:
        actor = self.random.choice([state.creator_id, state.requester_id, DANIEL, ADA])
        rare = self.random.random()
        if rare < 0.06:
            return c.Withdraw(actor)
        if rare < 0.12:
            return c.Cancel(actor, "gone")
        return c.Resubmit(actor)

    def _retract(self, state: State) -> c.Command:
        undo = state.undo
        return c.Retract(undo.actor, undo.seat) if undo else c.Retract(HANA, 1)

    def _staffing(self, state: State) -> c.Command:
        random = self.random
        runs = state.open_runs or state.runs
        if not runs:
            return c.Settle(SYSTEM)
        run = random.choice(runs)
        target, admin = random.choice(EVERYBODY), random.choice([ADA, JONAS, ADA, HANA])
        seat = random.choice(run.seats) if run.seats else None
        commands: list[c.Command] = [c.AddApprover(admin, run.number, target, random.choice(list(SeatKind)), "help")]
        if seat is not None:
            commands += [
                c.Delegate(seat.user_id or admin, seat.number, target, "busy"),
                c.AddApprover(seat.user_id or admin, run.number, target, random.choice(list(SeatKind)), "help"),
                c.ReplaceSeat(admin, seat.number, target, "left"),
                c.GoOnWithout(admin, seat.number, "not needed"),
            ]
        return random.choice(commands)

    def _admin(self, state: State) -> c.Command:
        random = self.random
        admin = random.choice([ADA, JONAS])
        number = random.choice(state.runs).number if state.runs else 1
        later = self.office.now + timedelta(hours=9)
        return random.choice(
            [
                c.ReResolve(admin, number, "again"),
                c.OpenStep(admin, number, "ask them"),
                c.ExtendDeadline(admin, number, later, "holiday"),
                c.ReturnToRequester(admin, "incomplete"),
                c.ForceClose(admin, number, random.choice([RunStatus.APPROVED, RunStatus.REJECTED]), "urgent"),
            ]
        )

    def _migrate(self, state: State) -> c.Command:
        """Mostly to what begins the same and goes on another way; at times to what was never asked so."""
        random, other = self.random, random_flow(self.random)
        kept = self.flow.stages[: max(0, state.stage - (random.random() < 0.1))]
        taken = {one.key for stage in kept for one in stage.steps}
        rest = (tuple(one for one in stage.steps if one.key not in taken) for stage in other.stages)
        stages = (*kept, *(Stage(steps) for steps in rest if steps))
        self.target = replace(other, stages=stages or other.stages)
        return c.Migrate(random.choice([ADA, ADA, JONAS, HANA]), state.flow_version + 1, "newer", "the rules changed")

    def _open_step(self, state: State) -> c.Command:
        skipped = [run.number for run in state.live_runs if run.status is RunStatus.SKIPPED]
        return c.OpenStep(ADA, self.random.choice(skipped), "ask them all the same")

    def _timer(self, state: State) -> c.Command:
        timers = sorted(pending_timers(state))
        if not timers:
            return c.FireTimer(SYSTEM, 1, TimerKind.DEADLINE, 0, self.office.now)
        timer = self.random.choice(timers)
        if self.random.random() < 0.8:
            self.office.now = max(self.office.now, timer.due_at)
            self.plan()
        return c.FireTimer(SYSTEM, timer.run, timer.kind, timer.ordinal, timer.due_at)

    def _content(self, state: State) -> c.Command:
        editor = self.random.choice([state.requester_id, state.requester_id, self.random.choice(EVERYBODY)])
        key = self.random.choice(KEYS)
        return c.ContentChanged(editor, (key,), self.random.random() < 0.8)

    def edit(self, command: c.ContentChanged) -> None:
        """What the shell has done by the time it asks: the new hash, and the editor among the editors."""
        self.office.hashes[command.fields[0]] = f"v{self.random.randint(1, 3)}"
        self.office.editors |= {command.actor}
