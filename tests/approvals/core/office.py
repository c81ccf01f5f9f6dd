"""A small office for the engine's tests: the cast by id, flows in the API's shape, and one process to act on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.approvals.core import commands as c
from app.approvals.core.context import Candidate, Context, Person, Proxy, ResolvedLine, StepFacts, Verdict
from app.approvals.core.definition import ApproverLine, Flow, Step
from app.approvals.core.definition_json import flow_from_json
from app.approvals.core.denied import Denied
from app.approvals.core.engine import decide, evolve, fold
from app.approvals.core.events import Event, event_from_json, event_to_json
from app.approvals.core.state import SeatStatus, State, StepRun, state_from_json, state_to_json

HANA, DANIEL, MAYA, TOMAS, RUTH, AISHA, INGRID, JONAS, ADA, OTTO = range(1, 11)
EVERYBODY = range(1, 11)
SYSTEM = 99
FINANCE, LEGAL = 100, 101
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def user(person: int) -> dict[str, Any]:
    return {"source": "user", "user_id": person}


def any_of(role: int) -> dict[str, Any]:
    return {"source": "role", "role_id": role, "members": "any"}


def each_of(role: int) -> dict[str, Any]:
    return {"source": "role", "role_id": role, "members": "each"}


def step(key: str, *approvers: Mapping[str, Any], **rules: Any) -> dict[str, Any]:
    return {"key": key, "name": key.title(), "approvers": list(approvers), **rules}


def flow(*stages: list[dict[str, Any]], **rules: Any) -> Flow:
    return flow_from_json({"key": "purchase", "name": "Purchase", "stages": [{"steps": s} for s in stages], **rules})


@dataclass
class Office:
    """What the shell would read: change it between commands to change the world."""

    people: dict[int, Person] = field(default_factory=dict)
    members: dict[int, tuple[Candidate, ...]] = field(default_factory=dict)
    proxies: tuple[Proxy, ...] = ()
    editors: frozenset[int] = frozenset()
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    deadlines: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    now: datetime = NINE

    def __post_init__(self) -> None:
        managers = {HANA: DANIEL, MAYA: INGRID, TOMAS: INGRID, RUTH: INGRID, DANIEL: INGRID, AISHA: INGRID}
        self.people = {one: Person(one, manager_id=managers.get(one)) for one in EVERYBODY}
        self.people[ADA] = replace(self.people[ADA], is_admin=True)
        self.people[DANIEL] = replace(self.people[DANIEL], is_manager=True)
        self.set_members(FINANCE, MAYA, TOMAS, RUTH)
        self.set_members(LEGAL, AISHA)

    def set_members(self, role: int, *people: int) -> None:
        self.members[role] = tuple(Candidate(one) for one in people)

    def deactivate(self, person: int) -> None:
        self.people[person] = replace(self.people[person], active=False)

    def away(self, principal: int, proxy: int, *, created_by: int | None = None) -> None:
        spans = NINE - timedelta(days=1), NINE + timedelta(days=5)
        number = len(self.proxies) + 1
        new = Proxy(number, principal, proxy, *spans, created_by=created_by or principal, created_at=spans[0])
        self.proxies = (*self.proxies, new)

    def context(self, flow: Flow, state: State, *, touched: bool = False, target: Flow | None = None) -> Context:
        return Context(
            flow=flow,
            target=self.context(target, state) if target else None,
            now=self.now,
            steps={key: self._facts(one, state) for key, one in flow.steps.items()},
            people=self.people,
            members=self.members,
            proxies=self.proxies,
            editors=self.editors,
            admins=frozenset(one.id for one in self.people.values() if one.is_admin and one.active),
            touched_since_vote=touched,
        )

    def _facts(self, one: Step, state: State) -> StepFacts:
        due = self.deadlines.get(one.key, ())
        return StepFacts(
            watch_hash=self.hashes.get(one.key, "v1"),
            reads_hash=self.reads.get(one.key, "r1"),
            condition=self.verdicts.get(one.key, Verdict(True, sentence="it applies")) if one.condition else None,
            lines=self.lines(one.approvers, state),
            fallback=self.lines(one.fallback, state),
            escalation=self.lines(one.deadline.to, state) if one.deadline else (),
            due_at=due[-1] if due else None,
            remind_at=due[:-1],
        )

    def lines(self, lines: tuple[ApproverLine, ...], state: State) -> tuple[ResolvedLine, ...]:
        return tuple(self._line(number, line, state) for number, line in enumerate(lines, 1))

    def _line(self, number: int, line: ApproverLine, state: State) -> ResolvedLine:
        people: tuple[Candidate, ...] = ()
        if line.user_id is not None:
            people = (Candidate(line.user_id),)
        elif line.role_id is not None and not line.is_pool:
            people = self.members[line.role_id]
        elif line.source.value == "manager":
            boss = self.people[state.requester_id or HANA].manager_id
            people = (Candidate(boss),) if boss else ()
        why = {"source": line.source.value, "line": number}
        return ResolvedLine(number, line.source, people, line.role_id, line.is_pool, line.names_one, why)


def check_it_can_be_told(denied: Denied) -> None:
    """A refusal is sentences whose places can be filled, and whom it speaks of is a person."""
    told = denied.message % denied.params
    assert all(re.fullmatch(r"[A-Z0-9].*[a-z].*", sentence) for sentence in told.split(". ")), told
    assert told.endswith("."), told
    assert isinstance(denied.params.get("user", HANA), int)
    assert isinstance(denied.params.get("at", NINE), datetime)


class Desk:
    """One process. Each accepted command is replayed from JSON, so every test tests rule 16.1 on its way."""

    def __init__(self, flow: Flow, office: Office | None = None) -> None:
        self.flow = flow
        self.office = office or Office()
        self.state = State()
        self.events: list[Event] = []
        self.touched = False
        self.target: Flow | None = None
        """The version to which a migration leads; its flow once it went through."""

    @property
    def context(self) -> Context:
        return self.office.context(self.flow, self.state, touched=self.touched, target=self.target)

    def try_to(self, command: c.Command) -> Denied | list[Event]:
        answer = decide(self.state, command, self.context)
        if isinstance(answer, Denied):
            check_it_can_be_told(answer)
            return answer
        happened = [event_from_json(event_to_json(event)) for event in answer]
        assert happened == answer
        self.events += happened
        self.state = fold(self.state, happened)
        if isinstance(command, c.Migrate) and self.target:
            self.flow, self.target = self.target, None
        assert state_from_json(state_to_json(self.state)) == self.state
        return answer

    def do(self, command: c.Command) -> list[Event]:
        answer = self.try_to(command)
        assert not isinstance(answer, Denied), answer
        return answer

    def refuse(self, command: c.Command) -> str:
        answer = self.try_to(command)
        assert isinstance(answer, Denied), answer
        return answer.code

    def submit(self, creator: int = HANA, requester: int | None = None) -> "Desk":
        self.do(c.Start(creator, creator, requester or creator, flow_version=1, flow_sha256="sha"))
        return self

    def vote(
        self, actor: int, decision: str = "approve", key: str | None = None, *, behalf: int | None = None
    ) -> c.Decide:
        run = self.run(key)
        holder = behalf or actor
        mine = [seat for seat in run.seats if seat.is_pending and holder in (seat.user_id, *seat.deputies)]
        pools = [seat for seat in run.seats if seat.is_pending and seat.is_pool]
        others = [seat for seat in run.seats if seat.user_id == holder] or list(run.seats)
        seat = (mine or pools or others)[0]
        seen = self.office.hashes.get(run.step_key, "v1")
        return c.Decide(actor, seat.number, c.Decision(decision), seen, comment="because", on_behalf_of=behalf)

    def approve(self, *actors: int, key: str | None = None) -> "Desk":
        for actor in actors:
            self.do(self.vote(actor, key=key))
        return self

    def reject(self, actor: int, key: str | None = None) -> "Desk":
        self.do(self.vote(actor, "reject", key))
        return self

    def run(self, key: str | None = None) -> StepRun:
        """The latest run of the step; without a key the latest open one, or the latest of all."""
        runs = [run for run in self.state.runs if key in (None, run.step_key)]
        return ([run for run in runs if run.is_open] or runs)[-1]

    def status(self, key: str) -> str:
        return self.run(key).status.value

    def seats(self, key: str | None = None) -> dict[int | None, str]:
        return {seat.user_id: seat.word for seat in self.run(key).seats if not seat.is_pool}

    def seat_of(self, person: int, key: str | None = None) -> int:
        seats = [seat for seat in self.run(key).seats if seat.user_id == person]
        return next((seat for seat in reversed(seats) if seat.status is not SeatStatus.VOID), seats[-1]).number

    @property
    def flags(self) -> list[str]:
        return [one.code for one in self.state.attention]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def later(self, **span: float) -> "Desk":
        self.office.now += timedelta(**span)
        return self


__all__ = ["Desk", "Office", "evolve"]


def with_a_stage_kept_whole() -> Desk:
    """An administrator had the skipped step "s" asked, "c" sent the request back, and what "b" said still counts."""
    office = Office(verdicts={"s": Verdict(False)})
    skipped = step("s", user(RUTH), condition={"v": 1, "all": []})
    stages = [step("a", user(MAYA)), skipped], [step("b", user(TOMAS))], [step("c", user(OTTO))]
    desk = Desk(flow(*stages, resubmit="returning_step"), office).submit().approve(MAYA, TOMAS)
    desk.do(c.OpenStep(ADA, desk.run("s").number, "ask her all the same"))
    desk.do(desk.vote(OTTO, "return", "c"))
    desk.office.verdicts["s"] = Verdict(True)
    desk.do(c.Resubmit(HANA))
    return desk
