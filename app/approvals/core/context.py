"""Everything outside the process that a decision rests on, read by the shell after the lock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.approvals.core.definition import Flow, Source


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    active: bool = True
    manager_id: int | None = None
    manager_by: int | None = None
    manager_at: datetime | None = None
    """Who last set their manager, and when."""
    is_admin: bool = False
    is_manager: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whom a line or a role leads to; `made_*` tell of the membership, manager or matrix entry used."""

    user_id: int
    made_by: int | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """One approver line worked out for this ticket. A pool has `role_id` and no people; with `each` it has both.

    `rules` lines are flattened by the shell into what the matching rule names, each with the number of the line
    that it came from. `names_one`: see `ApproverLine.names_one`; then nobody in `people` is one signature missing."""

    line: int
    source: Source
    people: tuple[Candidate, ...] = ()
    role_id: int | None = None
    is_pool: bool = False
    names_one: bool = False
    provenance: Mapping[str, Any] = field(default_factory=dict)
    made_by: int | None = None
    made_at: datetime | None = None
    """Of the matrix entry that leads to a pool; of a person's, the candidate tells."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A step condition's answer. `undecided`: the false rests on something that could not be compared."""

    holds: bool
    undecided: bool = False
    sentence: str = ""
    revision: str | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """The sentence in other languages: it is recorded once, and read by everybody in their own."""

    @property
    def skips(self) -> bool:
        return not self.holds and not self.undecided


@dataclass(frozen=True, slots=True)
class Proxy:
    """Of those whose scope covers this ticket and which are not revoked."""

    id: int
    principal_id: int
    proxy_id: int
    starts_at: datetime
    ends_at: datetime
    created_by: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step of the flow, worked out for this ticket as it is now. Missing facts are empty: nobody, no deadline."""

    watch_hash: str = ""
    reads_hash: str = ""
    """Of the values that its condition and its approver lines read."""
    condition: Verdict | None = None
    lines: tuple[ResolvedLine, ...] = ()
    fallback: tuple[ResolvedLine, ...] = ()
    escalation: tuple[ResolvedLine, ...] = ()
    due_at: datetime | None = None
    remind_at: tuple[datetime, ...] = ()
    """When the step would be due, and when to remind, if it opened now."""


@dataclass(frozen=True, slots=True)
class Context:
    """`people`: everybody who may matter (`needs`); who is missing counts as inactive. `members`: of each role that
    is a pool or an each-member line. `editors`: whoever changed a watched value of this ticket, in whatever round.
    `touched_since_vote`: whether any other command on this ticket, known to the engine or not, or a timer, followed
    the last vote (comments and views apart)."""

    flow: Flow
    now: datetime
    steps: Mapping[str, StepFacts] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)
    members: Mapping[int, tuple[Candidate, ...]] = field(default_factory=dict)
    proxies: tuple[Proxy, ...] = ()
    editors: frozenset[int] = frozenset()
    admins: frozenset[int] | None = None
    """All active admins, to tell when rule 4 bars every one of them; None: not looked up."""
    touched_since_vote: bool = False
    target: "Context | None" = None
    """The same moment, read for the version of the flow that a migration leads to."""

    def person(self, user_id: int) -> Person:
        return self.people.get(user_id) or Person(user_id, active=False)

    def facts(self, step_key: str) -> StepFacts:
        return self.steps.get(step_key, _NO_FACTS)

    def members_of(self, role_id: int | None) -> tuple[Candidate, ...]:
        return self.members.get(role_id, ()) if role_id is not None else ()

    def membership(self, role_id: int | None, user_id: int | None) -> Candidate | None:
        return next((one for one in self.members_of(role_id) if one.user_id == user_id), None)

    def proxy(self, principal_id: int | None, proxy_id: int | None) -> Proxy | None:
        """The one that holds now. Set by the principal or an admin, never by the proxy."""
        return next(
            (
                proxy
                for proxy in self.proxies
                if (proxy.principal_id, proxy.proxy_id) == (principal_id, proxy_id)
                and proxy.starts_at <= self.now < proxy.ends_at
                and proxy.created_by != proxy.proxy_id
            ),
            None,
        )


_NO_FACTS = StepFacts()
