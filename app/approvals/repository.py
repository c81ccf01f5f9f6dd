"""Queries on flows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import Role, User, UserRole
from app.actor import SYSTEM_ID
from app.approvals.core.definition import Flow
from app.approvals.core.definition_json import flow_from_json
from app.approvals.models import ApprovalProcess, ApprovalProcessStepApprover, ApprovalTemplate, ApprovalTemplateVersion
from app.db.constants import constant
from app.publishing.models import VersionStatus

MOST_TEMPLATES = 1000
_VOTE = aliased(ApprovalProcessStepApprover)
_VOID = constant("void")
_flows: dict[str, Flow] = {}
_MOST_FLOWS = 500


def flow_of(version: ApprovalTemplateVersion) -> Flow:
    return flow_of_content(version.sha256, version.definition)


def flow_of_content(sha256: str, definition: Mapping[str, Any]) -> Flow:
    """Read once per content: a published definition never changes, and its hash names it."""
    if sha256 not in _flows:
        if len(_flows) >= _MOST_FLOWS:
            _flows.clear()
        _flows[sha256] = flow_from_json(definition)
    return _flows[sha256]


def known_flow(sha256: str) -> Flow | None:
    """If it was read before."""
    return _flows.get(sha256)


async def published_flow(session: AsyncSession, key: str) -> ApprovalTemplateVersion | None:
    """What a submission takes now; none if the flow is archived or was never published."""
    query = (
        select(ApprovalTemplateVersion)
        .join(ApprovalTemplate, ApprovalTemplate.id == ApprovalTemplateVersion.template_id)
        .where(
            ApprovalTemplate.key == key,
            ApprovalTemplate.archived_at.is_(None),
            ApprovalTemplateVersion.status == VersionStatus.PUBLISHED,
        )
    )
    return (await session.execute(query)).scalar_one_or_none()


def not_voted(step_id: Any, person: Any) -> ColumnElement[bool]:
    """A condition: one person is one vote, and this one's is not cast in the step."""
    spoke = or_(_VOTE.acted_by == person, _VOTE.on_behalf_of == person)
    spoken = exists().where(_VOTE.step_id == step_id, _VOTE.decided_at.is_not(None), _VOTE.status != _VOID, spoke)
    return ~spoken.correlate_except(_VOTE)


def not_barred(step: Any, person: Any) -> ColumnElement[bool]:
    """A condition on a step: this person neither changed the request nor decided a step apart from this one."""
    condition: ColumnElement[bool] = cast(person, BigInteger) != func.all(step.barred_ids)
    return condition


async def template_by_key(session: AsyncSession, key: str) -> ApprovalTemplate | None:
    """Archived ones too."""
    return (await session.execute(select(ApprovalTemplate).filter_by(key=key))).scalar_one_or_none()


async def listed_flows(session: AsyncSession, *, archived: bool = False) -> Sequence[Row[ApprovalTemplate, int | None]]:
    """(template, number of the live version or none), by name."""
    version = ApprovalTemplateVersion
    live = (version.template_id == ApprovalTemplate.id) & (version.status == VersionStatus.PUBLISHED)
    query = select(ApprovalTemplate, version.number).outerjoin(version, live)
    which = ApprovalTemplate.archived_at.is_not(None) if archived else ApprovalTemplate.archived_at.is_(None)
    ordered = query.where(which).order_by(func.lower(ApprovalTemplate.name), ApprovalTemplate.id).limit(MOST_TEMPLATES)
    return (await session.execute(ordered)).all()


@dataclass(frozen=True, slots=True)
class ListedFlow:
    """A row of the admins' list: what is live, else what is drafted."""

    template: ApprovalTemplate
    live: ApprovalTemplateVersion | None
    draft: ApprovalTemplateVersion | None

    @property
    def flow(self) -> Flow | None:
        version = self.live or self.draft
        return flow_of(version) if version else None


async def listed_templates(
    session: AsyncSession, *, words: str, archived: bool, after: tuple[Any, ...] | None, limit: int
) -> list[ListedFlow]:
    """By name; one more than `limit` if there is a next page."""
    live, draft = aliased(ApprovalTemplateVersion), aliased(ApprovalTemplateVersion)
    template = ApprovalTemplate
    query = (
        select(template, live, draft)
        .outerjoin(live, (live.template_id == template.id) & (live.status == VersionStatus.PUBLISHED))
        .outerjoin(draft, (draft.template_id == template.id) & (draft.status == VersionStatus.DRAFT))
        .where(template.archived_at.is_not(None) if archived else template.archived_at.is_(None), *_matching(words))
    )
    if after:
        query = query.where(tuple_(func.lower(template.name), template.id) > tuple_(*after))
    query = query.order_by(func.lower(template.name), template.id).limit(limit + 1)
    return [ListedFlow(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def count_templates(session: AsyncSession, *, words: str = "") -> tuple[int, int]:
    """(in use, archived)."""
    away = ApprovalTemplate.archived_at.is_not(None)
    query = select(func.count().filter(~away), func.count().filter(away)).where(*_matching(words))
    row = (await session.execute(query.select_from(ApprovalTemplate))).one()
    return row[0], row[1]


def _matching(words: str) -> list[ColumnElement[bool]]:
    """Every word somewhere in name or key."""
    places = (ApprovalTemplate.name, ApprovalTemplate.key)
    return [or_(*(place.icontains(word, autoescape=True) for place in places)) for word in words.split()[:8]]


async def present_approvers(session: AsyncSession) -> tuple[frozenset[int], Mapping[int, frozenset[int]]]:
    """Active people, and the active members of each role that is in use."""
    active = select(User.id).where(User.deactivated_at.is_(None), User.id != SYSTEM_ID)
    people = frozenset((await session.execute(active)).scalars())
    roles: dict[int, set[int]] = {
        role: set() for role in (await session.execute(select(Role.id).where(Role.archived_at.is_(None)))).scalars()
    }
    members = select(UserRole.role_id, UserRole.user_id).where(UserRole.deleted_at.is_(None))
    for role_id, user_id in await session.execute(members):
        if role_id in roles and user_id in people:
            roles[role_id].add(user_id)
    return people, {role: frozenset(members) for role, members in roles.items()}


_ADVICE: ColumnElement[Any] = literal_column("'$.runs[*].seats[*] ? (@.number == $number && @.kind == \"advice\")'")


def gave_advice() -> ColumnElement[bool]:
    """Of a seat and its process: what was written on it decided nothing, though it stands there as an abstention."""
    seat = ApprovalProcessStepApprover
    number = func.jsonb_build_object(constant("number"), seat.number)
    found = func.jsonb_path_exists(ApprovalProcess.state, _ADVICE, number)
    return case((seat.status == constant("abstained"), found), else_=false())
