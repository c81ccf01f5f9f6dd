"""What an admin defines: a published approval template version, as the engine reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Mode(StrEnum):
    ANY = "any"
    ALL = "all"
    COUNT = "count"
    PERCENT = "percent"


class Reject(StrEnum):
    VETO = "veto"
    THRESHOLD = "threshold"


class OnReject(StrEnum):
    END = "end"
    RETURN = "return"
    BACK = "back"


class WhenRequester(StrEnum):
    """What becomes of a seat whose holder asked for the ticket."""

    VOID = "void"
    MANAGER = "manager"
    ALLOW = "allow"


class Source(StrEnum):
    USER = "user"
    ROLE = "role"
    MANAGER = "manager"
    FIELD = "field"
    PREVIOUS_MANAGER = "previous_manager"
    MATRIX = "matrix"
    PICK = "pick"
    RULES = "rules"


class OnDeadline(StrEnum):
    REMIND = "remind"
    ESCALATE = "escalate"
    REPLACE = "replace"
    REJECT = "reject"


class NothingApplies(StrEnum):
    ATTENTION = "attention"
    APPROVE = "approve"


class Resubmission(StrEnum):
    START = "start"
    RETURNING_STEP = "returning_step"


@dataclass(frozen=True, slots=True)
class RuleLine:
    condition: Mapping[str, Any]
    approvers: tuple["ApproverLine", ...]


@dataclass(frozen=True, slots=True)
class ApproverLine:
    """The shell turns a line into people (`context.ResolvedLine`); only `previous_manager` is worked out here."""

    source: Source
    user_id: int | None = None
    role_id: int | None = None
    members: str = "any"
    level: int = 1
    field: str | None = None
    matrix: str | None = None
    count: int = 1
    rules: tuple[RuleLine, ...] = ()
    otherwise: tuple["ApproverLine", ...] = ()

    @property
    def is_pool(self) -> bool:
        return self.source is Source.ROLE and self.members == "any"

    @property
    def names_one(self) -> bool:
        """In mode `all` such a line is one signature that nothing but a person may stand in for."""
        return self.source not in (Source.ROLE, Source.RULES, Source.PICK) or (
            self.source is Source.PICK and self.count == 1
        )


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    business_hours: int
    remind: tuple[int, ...] = ()
    then: OnDeadline = OnDeadline.REMIND
    to: tuple[ApproverLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    label: str
    condition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    key: str
    name: str
    mode: Mode = Mode.ANY
    threshold: int | None = None
    approvers: tuple[ApproverLine, ...] = ()
    fallback: tuple[ApproverLine, ...] = ()
    condition: Mapping[str, Any] | None = None
    reject: Reject = Reject.VETO
    on_reject: OnReject = OnReject.END
    back_to: str | None = None
    requester: WhenRequester = WhenRequester.VOID
    distinct_from: tuple[str, ...] = ()
    distinct_from_all: bool = False
    comment_on_approve: bool = False
    comment_on_reject: bool = True
    wait_all: bool = False
    watches: tuple[str, ...] | None = None
    editors_may_approve: bool = False
    replace_inactive: bool = False
    """Their manager takes the seat of an approver who is deactivated."""
    auto_satisfy: bool = False
    ad_hoc: bool = False
    reauthenticate: bool = False
    deadline: DeadlineRule | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Flow:
    key: str
    name: str
    stages: tuple[Stage, ...]
    calendar: str | None = None
    force_close: bool = False
    when_nothing_applies: NothingApplies = NothingApplies.ATTENTION
    resubmit: Resubmission = Resubmission.START
    max_rounds: int = 10

    @cached_property
    def steps(self) -> dict[str, Step]:
        return {step.key: step for stage in self.stages for step in stage.steps}

    @cached_property
    def stage_of(self) -> dict[str, int]:
        """Stages count from 1."""
        return {step.key: number for number, stage in enumerate(self.stages, 1) for step in stage.steps}

    @cached_property
    def kept_apart(self) -> dict[str, frozenset[str]]:
        """Separation of duties, made symmetric: for each step the steps whose deciders may not decide here."""

        def apart(one: Step, other: Step) -> bool:
            return one.distinct_from_all or other.key in one.distinct_from

        steps = self.steps.values()
        return {
            one.key: frozenset(
                other.key for other in steps if one is not other and (apart(one, other) or apart(other, one))
            )
            for one in steps
        }
