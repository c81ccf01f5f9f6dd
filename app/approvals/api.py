"""Approval templates as JSON, for administrators."""

from typing import Annotated, Any, Literal, Union

from litestar import get
from msgspec import Meta, Struct, field
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.repository import listed_flows
from app.approvals.service import ApprovalTemplates
from app.web.api import AnyRequest, Id, Json, Query, Sent, answer, described, query_of
from app.web.guards import API_ADMIN, access
from app.web.transaction import Db, Who
from app.web.versioned_api import VersionedApi

Tree = dict[str, Any]
Key = Annotated[str, Meta(min_length=1, max_length=63)]
Hours = Annotated[int, Meta(ge=1, le=2000)]


class UserLine(Sent, tag_field="source", tag="user"):
    user_id: Id


class RoleLine(Sent, tag_field="source", tag="role"):
    role_id: Id
    members: Literal["any", "each"] = "any"


class ManagerLine(Sent, tag_field="source", tag="manager"):
    level: Annotated[int, Meta(ge=1, le=3)] = 1


class FieldLine(Sent, tag_field="source", tag="field"):
    field: Key


class PreviousManagerLine(Sent, tag_field="source", tag="previous_manager"):
    pass


class MatrixLine(Sent, tag_field="source", tag="matrix"):
    matrix: Key
    field: Key


class PickLine(Sent, tag_field="source", tag="pick"):
    role_id: Id
    count: Annotated[int, Meta(ge=1, le=20)] = 1


class RulesLine(Sent, tag_field="source", tag="rules"):
    rules: list["RuleShape"]
    otherwise: list["Line"]


Line = Union[UserLine, RoleLine, ManagerLine, FieldLine, PreviousManagerLine, MatrixLine, PickLine, RulesLine]  # noqa: UP007


class RuleShape(Sent):
    condition: Tree
    approvers: list[Line]


class BackTo(Sent):
    back_to: Key


class DeadlineShape(Sent):
    business_hours: Hours
    remind: list[Hours] = field(default_factory=list)
    then: Literal["remind", "escalate", "replace", "reject"] = "remind"
    to: list[Line] = field(default_factory=list)


class CheckShape(Sent):
    label: Annotated[str, Meta(max_length=200)]
    condition: Tree


class StepShape(Sent, kw_only=True):
    key: Key
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    mode: Literal["any", "all", "count", "percent"] = "any"
    threshold: Annotated[int, Meta(ge=1, le=1000)] | None = None
    approvers: list[Line] = field(default_factory=list)
    fallback: list[Line] = field(default_factory=list)
    condition: Tree | None = None
    reject: Literal["veto", "threshold"] | None = None
    on_reject: Literal["end", "return"] | BackTo = "end"
    requester: Literal["void", "manager", "allow"] = "void"
    distinct_from: list[Key] | Literal["all"] = field(default_factory=list)
    comment_on_approve: bool = False
    comment_on_reject: bool = True
    wait_all: bool = False
    watches: list[Key] | None = None
    editors: Literal["void", "allow"] = "void"
    replace_inactive: Literal["none", "manager"] = "none"
    auto_satisfy: bool = False
    ad_hoc: bool = False
    reauthenticate: bool = False
    deadline: DeadlineShape | None = None
    checks: list[CheckShape] = field(default_factory=list)


class StageShape(Sent):
    steps: list[StepShape]


class ApprovalTemplateShape(Sent, kw_only=True):
    key: Key
    name: Annotated[str, Meta(max_length=120)]
    stages: list[StageShape]
    calendar: str | None = None
    force_close: bool = False
    when_nothing_applies: Literal["attention", "approve"] = "attention"
    resubmit: Literal["start", "returning_step"] = "start"
    max_rounds: Annotated[int, Meta(ge=1, le=100)] = 10


class ApprovalTemplateRow(Struct):
    """`version` is null before the first publication."""

    key: str
    name: str
    version: int | None
    archived: bool


class ApprovalTemplatesOut(Struct):
    items: list[ApprovalTemplateRow]
    next_cursor: None = None


_ARCHIVED = Query("archived", "The archived ones instead.", {"type": "string", "enum": ["true"]})


class ApprovalTemplatesApi(VersionedApi):
    path = "/api/v1/approval-templates"
    opt = access(API_ADMIN) | {"shape": ApprovalTemplateShape}
    shape = ApprovalTemplateShape

    def service(self, request: AnyRequest, db: AsyncSession, actor: Actor) -> ApprovalTemplates:
        return ApprovalTemplates(db, actor, request.app.state.forms_of_flow)

    @get(**described("All of them by name", gives=ApprovalTemplatesOut, query=(_ARCHIVED,)))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        archived = "archived" in query_of(request, (_ARCHIVED,))
        rows = await listed_flows(db, archived=archived)
        shown = [ApprovalTemplateRow(flow.key, flow.name, number, archived) for flow, number in rows]
        return answer(ApprovalTemplatesOut(shown))
