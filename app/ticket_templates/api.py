"""Ticket templates as JSON: the published ones for everybody who may ask with them, the rest for administrators."""

from collections.abc import Mapping
from typing import Any, Literal

from litestar import get
from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.ticket_templates import repository
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldType
from app.ticket_templates.repository import MOST_TEMPLATES, ListedTemplate
from app.ticket_templates.service import TicketTemplates
from app.web.api import AnyRequest, Id, Json, Query, Sent, answer, described, query_of
from app.web.guards import API, access
from app.web.transaction import Db, Who
from app.web.versioned_api import VersionedApi

Tree = dict[str, Any]


class OptionShape(Sent):
    key: str
    label: str = ""
    archived: bool = False


class FieldShape(Sent, kw_only=True):
    """`approval_relevant` true is watched, false free, null computed."""

    key: str
    label: str = ""
    type: FieldType = FieldType.TEXT
    help: str = ""
    placeholder: str = ""
    required: bool = False
    default: Any = None
    options: list[OptionShape] = field(default_factory=list)
    min: int | str | None = None
    max: int | str | None = None
    pattern: str | None = None
    visible_when: Tree | None = None
    required_when: Tree | None = None
    approval_relevant: bool | None = None
    locked: bool = False
    readable_by: list[Id] | None = None
    currencies: list[str] = field(default_factory=list)
    filterable: bool = False


class TicketTemplateShape(Sent, kw_only=True):
    """`usable_by` null is everybody."""

    key: str
    name: str
    description: str = ""
    icon: str = "file-text"
    prefix: str = "TIC"
    approval_template: str | None = None
    category_ids: list[Id] = field(default_factory=list)
    label_ids: list[Id] = field(default_factory=list)
    default_priority: Literal["low", "medium", "high", "urgent"] = "medium"
    default_visibility: Literal["internal", "restricted"] = "internal"
    default_assignee_id: Id | None = None
    default_assigned_role_id: Id | None = None
    fields: list[FieldShape] = field(default_factory=list)
    usable_by: list[Id] | None = None


class TicketTemplateRow(Struct):
    """`version` is null before the first publication."""

    key: str
    name: str
    description: str
    icon: str
    prefix: str
    version: int | None
    archived: bool


class TicketTemplatesOut(Struct):
    items: list[TicketTemplateRow]
    next_cursor: None = None


_ARCHIVED = Query("archived", "The archived ones instead: administrators.", {"type": "string", "enum": ["true"]})


class TicketTemplatesApi(VersionedApi):
    path = "/api/v1/ticket-templates"
    opt = access(API) | {"shape": TicketTemplateShape}
    shape = TicketTemplateShape

    def service(self, request: AnyRequest, db: AsyncSession, actor: Actor) -> TicketTemplates:
        return TicketTemplates(db, actor)

    async def published(self, service: TicketTemplates, key: str) -> Mapping[str, Any]:
        if service.may.shape:
            return await super().published(service, key)
        definition: FormDefinition = (await service.form(key)).definition
        return definition.to_json()

    @get(**described("Those you may ask with; for administrators all", gives=TicketTemplatesOut, query=(_ARCHIVED,)))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        archived = "archived" in query_of(request, (_ARCHIVED,))
        service = TicketTemplates(db, actor)
        if not service.may.shape:
            return answer(TicketTemplatesOut([] if archived else await _offered(service)))
        rows = await repository.listed_templates(db, words="", archived=archived, after=None, limit=MOST_TEMPLATES)
        return answer(TicketTemplatesOut([_row(row) for row in rows]))


async def _offered(service: TicketTemplates) -> list[TicketTemplateRow]:
    return [
        TicketTemplateRow(one.key, one.name, one.description, one.icon, one.prefix, one.version, archived=False)
        for one in await service.offered()
    ]


def _row(row: ListedTemplate) -> TicketTemplateRow:
    away = row.archived_at is not None
    return TicketTemplateRow(row.key, row.name, row.description, row.icon, row.prefix, row.version, archived=away)
