"""Queries on ticket templates, and on what their definitions name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import Role, User
from app.actor import SYSTEM_ID
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.catalogue.models import Category, Label
from app.db.constants import among
from app.db.master_data import remembered, remembered_whole
from app.publishing.models import VersionStatus
from app.ticket_templates.checks import Facts
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion

MOST_TEMPLATES = 1000
_definitions: dict[str, FormDefinition] = {}
_MOST_DEFINITIONS = 500
_OF_A_VERSION = (
    TicketTemplateVersion.id, TicketTemplateVersion.template_id, TicketTemplate.key, TicketTemplate.name,
    TicketTemplateVersion.number, TicketTemplateVersion.status, TicketTemplateVersion.sha256,
    TicketTemplateVersion.definition,
)  # fmt: skip
_VERSIONS = (
    select(*_OF_A_VERSION)
    .join(TicketTemplate, TicketTemplate.id == TicketTemplateVersion.template_id)
    .where(among(TicketTemplateVersion.id))
    .execution_options(include_deleted=True)
)
_KEPT = aliased(TicketTemplateVersion)
_WITH_THE_LIVE_ONE = (
    select(_KEPT.id.label("kept_id"), *_OF_A_VERSION)
    .join(_KEPT, _KEPT.template_id == TicketTemplateVersion.template_id)
    .join(TicketTemplate, TicketTemplate.id == TicketTemplateVersion.template_id)
    .where(
        among(_KEPT.id),
        or_(TicketTemplateVersion.id == _KEPT.id, TicketTemplateVersion.status == VersionStatus.PUBLISHED),
    )
    .execution_options(include_deleted=True)
)


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A form in one of its versions, as tickets keep it; it belongs to no session."""

    id: int
    template_id: int
    key: str
    name: str
    number: int
    status: str
    sha256: str
    definition: Mapping[str, Any]


def form_of(version: TicketTemplateVersion | FormVersion) -> FormDefinition:
    """Read once per content: a published definition never changes, and its hash names it."""
    if version.sha256 not in _definitions:
        if len(_definitions) >= _MOST_DEFINITIONS:
            _definitions.clear()
        _definitions[version.sha256] = FormDefinition.from_json(version.definition)
    return _definitions[version.sha256]


async def template_by_key(session: AsyncSession, key: str) -> TicketTemplate | None:
    """Archived ones too."""
    return (await session.execute(select(TicketTemplate).filter_by(key=key))).scalar_one_or_none()


async def published_by_key(session: AsyncSession, key: str) -> tuple[TicketTemplate, TicketTemplateVersion] | None:
    """What a new ticket would be made from; none if it is archived."""
    row = (await session.execute(_published_as(), {"key": key})).one_or_none()
    return (row[0], row[1]) if row else None


async def versions_by_id(session: AsyncSession, ids: Iterable[int | None]) -> dict[int, FormVersion]:
    """Those that tickets were made from, retired or not."""

    async def read(missing: Sequence[int]) -> dict[int, FormVersion]:
        return {row.id: FormVersion(*row) for row in await session.execute(_VERSIONS, {"ids": missing})}

    return await remembered(session, "versions of forms", filter(None, ids), read)


async def with_the_live_one(session: AsyncSession, ids: Iterable[int | None]) -> dict[int, Sequence[FormVersion]]:
    """By id: the version itself, and with it the one that its form has published now."""

    async def read(missing: Sequence[int]) -> dict[int, Sequence[FormVersion]]:
        found: dict[int, list[FormVersion]] = {}
        for kept_id, *version in await session.execute(_WITH_THE_LIVE_ONE, {"ids": missing}):
            found.setdefault(kept_id, []).append(FormVersion(*version))
        return {**found}

    return await remembered(session, "versions with the live one", filter(None, ids), read)


@dataclass(frozen=True, slots=True)
class OfferedTemplate:
    """A published form as the gallery shows it."""

    id: int
    key: str
    name: str
    description: str
    icon: str
    prefix: str
    category_ids: tuple[int, ...]
    usable_by: tuple[int, ...] | None
    version: int = 1


async def template_names(session: AsyncSession) -> dict[int, str]:
    """Archived ones too, by name: a rule or a proxy may still name one."""
    query = select(TicketTemplate.id, TicketTemplate.name).order_by(TicketTemplate.name, TicketTemplate.id)
    return {row.id: row.name for row in (await session.execute(query.limit(1000))).all()}


async def offered_templates(session: AsyncSession) -> list[OfferedTemplate]:
    """All that are published and not archived, by name; who may use them is the policy's to say."""

    async def read() -> Sequence[OfferedTemplate]:
        definition = TicketTemplateVersion.definition
        columns = (
            TicketTemplate.id, TicketTemplate.key, TicketTemplate.name, TicketTemplate.description, TicketTemplate.icon,
            TicketTemplate.prefix, definition["category_ids"], definition["usable_by"], TicketTemplateVersion.number,
        )  # fmt: skip
        query = _published(select(*columns)).order_by(func.lower(TicketTemplate.name), TicketTemplate.id)
        rows = (await session.execute(query.limit(MOST_TEMPLATES))).all()
        return tuple(_offered(*row) for row in rows)

    return list(await remembered_whole(session, "offered forms", read))


def _offered(row: int, key: str, name: str, about: str, icon: str, prefix: str, *ids: Any) -> OfferedTemplate:
    categories, roles, version = ids
    return OfferedTemplate(row, key, name, about, icon, prefix, tuple(categories or ()), _optional(roles), version)


def _optional(ids: list[int] | None) -> tuple[int, ...] | None:
    return None if ids is None else tuple(ids)


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """A row of the admins' list; `version` is null before the first publication."""

    id: int
    key: str
    name: str
    description: str
    icon: str
    prefix: str
    archived_at: datetime | None
    version: int | None
    published_at: datetime | None
    approval_template: str | None
    has_draft: bool


async def listed_templates(
    session: AsyncSession, *, words: str, archived: bool, after: tuple[Any, ...] | None, limit: int
) -> list[ListedTemplate]:
    """By name; one more than `limit` if there is a next page."""
    live, draft = TicketTemplateVersion, TicketTemplateVersion.__table__.alias()
    waiting = select(literal(1)).where(draft.c.template_id == TicketTemplate.id, draft.c.status == VersionStatus.DRAFT)
    columns = (
        TicketTemplate.id, TicketTemplate.key, TicketTemplate.name, TicketTemplate.description, TicketTemplate.icon,
        TicketTemplate.prefix, TicketTemplate.archived_at, live.number, live.published_at,
        live.definition["approval_template"].astext, waiting.exists(),
    )  # fmt: skip
    is_live = (live.template_id == TicketTemplate.id) & (live.status == VersionStatus.PUBLISHED)
    query = select(*columns).outerjoin(live, is_live).where(*_listed(words, archived))
    if after:
        query = query.where(tuple_(func.lower(TicketTemplate.name), TicketTemplate.id) > tuple_(*after))
    query = query.order_by(func.lower(TicketTemplate.name), TicketTemplate.id).limit(limit + 1)
    return [ListedTemplate(*row) for row in (await session.execute(query)).all()]


async def count_templates(session: AsyncSession, *, words: str = "") -> tuple[int, int]:
    """(in use, archived)."""
    away = TicketTemplate.archived_at.is_not(None)
    query = select(func.count().filter(~away), func.count().filter(away)).where(*_matching(words))
    row = (await session.execute(query.select_from(TicketTemplate))).one()
    return row[0], row[1]


async def choosable_flows(session: AsyncSession) -> Sequence[tuple[str, str]]:
    """(key, name) of the approval templates that are published and not archived, by name."""
    query = select(ApprovalTemplate.key, ApprovalTemplate.name).where(_flow_is_live()).order_by(ApprovalTemplate.name)
    return [(row[0], row[1]) for row in (await session.execute(query.limit(MOST_TEMPLATES))).all()]


async def flow_names(session: AsyncSession, keys: Iterable[str | None]) -> dict[str, str]:
    """By key, archived ones too."""
    query = select(ApprovalTemplate.key, ApprovalTemplate.name).where(
        ApprovalTemplate.key.in_({key for key in keys if key})
    )
    return {row.key: row.name for row in await session.execute(query)}


async def facts_about(session: AsyncSession, form: FormDefinition) -> Facts:
    """Which of the things that a definition names exist and are in use."""
    flow = await _names_of(
        session, select(ApprovalTemplate.key).where(ApprovalTemplate.key == form.approval_template, _flow_is_live())
    )
    return Facts(
        approval_templates=frozenset(flow),
        categories=await _present(session, Category, form.category_ids, Category.archived_at.is_(None)),
        labels=await _present(session, Label, form.label_ids, Label.archived_at.is_(None)),
        roles=await present_roles(session, form.role_ids),
        users=await present_people(session, form.user_ids),
        flow=await _live_definition(session, form.approval_template),
    )


async def _live_definition(session: AsyncSession, key: str | None) -> dict[str, Any] | None:
    version = ApprovalTemplateVersion
    query = (
        select(version.definition)
        .join(ApprovalTemplate, ApprovalTemplate.id == version.template_id)
        .where(ApprovalTemplate.key == key, version.status == VersionStatus.PUBLISHED)
    )
    return (await session.execute(query)).scalar_one_or_none() if key else None


async def present_people(session: AsyncSession, ids: Iterable[int]) -> frozenset[int]:
    return await _present(session, User, ids, User.deactivated_at.is_(None) & (User.id != SYSTEM_ID))


async def present_roles(session: AsyncSession, ids: Iterable[int]) -> frozenset[int]:
    return await _present(session, Role, ids, Role.archived_at.is_(None))


async def names_for(session: AsyncSession, forms: Iterable[FormDefinition]) -> dict[str, dict[int, str]]:
    """Categories and labels by name, archived and deleted ones too, for sentences about definitions."""
    listed = list(forms)
    return {
        "category_ids": await _named(session, Category, [row for form in listed for row in form.category_ids]),
        "label_ids": await _named(session, Label, [row for form in listed for row in form.label_ids]),
    }


@cache
def _published_as() -> Any:
    key = bindparam("key", type_=TicketTemplate.key.type)
    return _published(select(TicketTemplate, TicketTemplateVersion)).where(TicketTemplate.key == key)


def _published(query: Any) -> Any:
    is_live = (TicketTemplateVersion.template_id == TicketTemplate.id) & (
        TicketTemplateVersion.status == VersionStatus.PUBLISHED
    )
    return query.join(TicketTemplateVersion, is_live).where(TicketTemplate.archived_at.is_(None))


def _flow_is_live() -> ColumnElement[bool]:
    live = select(literal(1)).where(
        ApprovalTemplateVersion.template_id == ApprovalTemplate.id,
        ApprovalTemplateVersion.status == VersionStatus.PUBLISHED,
    )
    return live.exists() & ApprovalTemplate.archived_at.is_(None)


def _listed(words: str, archived: bool) -> list[ColumnElement[bool]]:
    away = TicketTemplate.archived_at.is_not(None)
    return [away if archived else ~away, *_matching(words)]


def _matching(words: str) -> list[ColumnElement[bool]]:
    """Every word somewhere in name, key, description or prefix."""
    places = (TicketTemplate.name, TicketTemplate.key, TicketTemplate.description, TicketTemplate.prefix)
    return [or_(*(place.icontains(word, autoescape=True) for place in places)) for word in words.split()[:8]]


async def _present(
    session: AsyncSession, model: Any, ids: Iterable[int], in_use: ColumnElement[bool]
) -> frozenset[int]:
    wanted = set(ids)
    if not wanted:
        return frozenset()
    query = select(model.id).where(model.id.in_(wanted), in_use, model.deleted_at.is_(None))
    return frozenset(await _names_of(session, query))


async def _named(session: AsyncSession, model: Any, ids: Iterable[int]) -> dict[int, str]:
    wanted = set(ids)
    query = select(model.id, model.name).where(model.id.in_(wanted)).execution_options(include_deleted=True)
    return {row[0]: row[1] for row in (await session.execute(query)).all()} if wanted else {}


async def _names_of(session: AsyncSession, query: Select[Any]) -> list[Any]:
    return list((await session.execute(query)).scalars())
