"""Who may see what, worked out again over plain sets from promises.md (L17, L18) and product.md (section 4).

Knows nothing of the product's code: people, roles and tickets are words and numbers here.
"""

from copy import deepcopy
from dataclasses import dataclass, field, replace

PAIR, POOL, LAST = "pair", "pool", "last"
"""The flow that every request goes through: two named people both, any two of a role, one named person."""
ENOUGH = 2
"""Approvals by members of the role."""


@dataclass(frozen=True)
class StandIn:
    """`now`: it has begun; one that has ended is taken away. `covers`: it holds for these tickets too."""

    number: int
    principal: str
    proxy: str
    now: bool
    covers: bool


@dataclass
class Approval:
    """Of one ticket, all its rounds: who is asked now, and who may go on reading because they were."""

    asked: set[str] = field(default_factory=set)
    asked_role: str | None = None
    spoken: set[str] = field(default_factory=set)
    """Whose vote in the role's step is cast: they are asked nothing more in it, and nobody for them."""
    approvals: int = 0
    """Of the role's step."""
    kept: set[str] = field(default_factory=set)
    lacks: bool = False
    """A seat of the open step fell away: its votes alone close it no more."""


@dataclass
class Case:
    """A ticket."""

    creator: str
    requester: str
    restricted: bool
    team: str | None = None
    assignee: str | None = None
    sent: bool = False
    deleted: bool = False
    granted: set[str] = field(default_factory=set)
    granted_roles: set[str] = field(default_factory=set)
    approval: Approval = field(default_factory=Approval)
    before_last_vote: Approval | None = None
    last_voters: frozenset[str] = frozenset()


@dataclass
class Oracle:
    members: dict[str, set[str]]
    admin_role: str
    pair: frozenset[str]
    pool: str
    last: str
    away: set[str] = field(default_factory=set)
    """Deactivated."""
    archived: set[str] = field(default_factory=set)
    stand_ins: list[StandIn] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)

    def sees(self, who: str, number: str) -> bool:
        case = self.cases[number]
        if case.deleted or who in self.away:
            return False
        if who in self._in(self.admin_role) or (case.sent and not case.restricted):
            return True
        named = {case.creator, case.requester, case.assignee} | case.granted
        roles = case.granted_roles | ({case.team} if case.team else set())
        return who in named or any(who in self._in(role) for role in roles) or self._approves(who, case.approval)

    def seen_by(self, who: str) -> set[str]:
        return {number for number in self.cases if self.sees(who, number)}

    def _in(self, role: str) -> set[str]:
        return set() if role in self.archived else self.members[role]

    def _approves(self, who: str, approval: Approval) -> bool:
        members = self._in(approval.asked_role) if approval.asked_role else set()
        if who in approval.asked | members | approval.kept:
            return True
        can_be_stood_in_for = (approval.asked | (members - approval.spoken)) - self.away
        return any(one.proxy == who and one.now and one.covers and one.principal in can_be_stood_in_for
                   for one in self.stand_ins)  # fmt: skip

    # what happens to an approval

    def sent_in(self, case: Case) -> None:
        case.sent, case.before_last_vote = True, None
        self._open(case.approval, PAIR)

    def voted(self, case: Case, *, decision: str, step: str, voter: str, holder: str) -> None:
        """`holder`: whose vote it is, in a pool the member for whom it counts."""
        approval = case.approval
        case.before_last_vote, case.last_voters = deepcopy(approval), frozenset({voter, holder})
        approval.asked.discard(holder)
        approval.kept |= {voter, holder}
        if decision != "approve":
            self._close(approval)
        elif step == POOL:
            approval.spoken |= {voter, holder}
            approval.approvals += 1
            if approval.approvals == ENOUGH:
                self._close(approval)
                self._open(approval, LAST)
        elif not approval.asked and not approval.lacks:
            self._close(approval)
            if step == PAIR:
                self._open(approval, POOL)

    def took_back(self, case: Case) -> None:
        """As before the vote, and what it had opened is closed again; both acts stay on the record."""
        assert case.before_last_vote is not None
        case.approval = replace(case.before_last_vote, kept=case.before_last_vote.kept | case.last_voters)
        case.before_last_vote = None
        self._settle(case.approval)

    def ended(self, case: Case) -> None:
        """Withdrawn or cancelled."""
        self._close(case.approval)
        case.before_last_vote = None

    def handed_over(self, case: Case, *, holder: str, to: str) -> None:
        case.approval.asked.discard(holder)
        case.approval.asked.add(to)

    def deactivated(self, who: str) -> None:
        self.away.add(who)
        for case in self.cases.values():
            self._settle(case.approval)

    def _open(self, approval: Approval, step: str) -> None:
        approval.lacks, approval.spoken, approval.approvals = False, set(), 0
        approval.asked_role = self.pool if step == POOL else None
        approval.asked = set(self.pair) if step == PAIR else {self.last} if step == LAST else set()
        self._settle(approval)

    def _close(self, approval: Approval) -> None:
        """Whoever holds a seat of their own in a step that has started goes on reading; a pool's members do not."""
        approval.kept |= approval.asked
        approval.asked, approval.asked_role = set(), None

    def _settle(self, approval: Approval) -> None:
        """The seat of somebody who is not here any more is void, and opens nothing."""
        if gone := approval.asked & self.away:
            approval.asked -= gone
            approval.lacks = True
