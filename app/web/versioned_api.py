"""Whatever has a draft and published versions, as JSON; each domain says what its definition is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.errors import NotAllowed, NotFound, Refused
from app.web.api import AnyRequest, Json, Query, answer, begin, described, nothing, query_of
from app.web.guards import API_ADMIN
from app.web.i18n import gettext as _
from app.web.json_body import convert, read_object
from app.web.openapi import Definition
from app.web.params import key as canonical
from app.web.transaction import Db, Who


class VersionOut(Struct):
    number: int
    status: Literal["draft", "published", "retired"]
    sha256: str
    published_at: datetime | None


class VersionsOut(Struct):
    """Newest first."""

    items: list[VersionOut]
    next_cursor: None = None


class ProblemOut(Struct):
    """What is not `blocking` is a warning. `path` is the place in the definition: `fields.2.key`."""

    path: str
    sentence: str
    blocking: bool


class CheckOut(Struct):
    problems: list[ProblemOut]


class Life(Protocol):
    async def published(self, template: Any) -> Any: ...

    async def draft(self, template: Any) -> Any: ...

    async def versions(self, template: Any) -> Sequence[Any]: ...

    async def check(self, definition: Mapping[str, Any]) -> Sequence[Any]: ...


class Shaping(Protocol):
    """The verbs on templates with versions, as the services of their domains have them."""

    @property
    def life(self) -> Life: ...

    async def find(self, key: str) -> Any: ...

    async def create(self, definition: Mapping[str, Any]) -> Any: ...

    async def change_draft(self, template: Any, definition: Mapping[str, Any]) -> Any: ...

    async def publish(self, template: Any) -> Any: ...

    async def archive(self, template: Any) -> None: ...


VERSION = Query(
    "version", "The draft instead of the published version: administrators.", {"type": "string", "enum": ["draft"]}
)


class VersionedApi(Controller):
    """Subclasses name their `path`, access class and `shape` (in `opt` too), and make the service."""

    shape: type[Any] = dict

    def service(self, request: AnyRequest, db: AsyncSession, actor: Actor) -> Shaping:
        raise NotImplementedError

    async def published(self, service: Any, key: str) -> Mapping[str, Any]:
        """The live definition, for whoever may read it."""
        version = await service.life.published(await service.find(key))
        if version is None:
            raise NotFound
        definition: Mapping[str, Any] = version.definition
        return definition

    @post(**described("Make one, with a draft", may=API_ADMIN, takes=Definition, gives=Definition, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        service, sent = self.service(request, db, actor), await read_object(request)
        convert(sent, self.shape)
        template = await service.create(sent)
        draft = await service.life.draft(template)
        return await command.keep(answer(draft.definition, status=201, location=f"{self.path}/{template.key}"))

    @get("/{key:str}", **described("Its published version", gives=Definition, query=(VERSION,)))
    async def show(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        service = self.service(request, db, actor)
        if request.query_params.get("version") != "draft":
            live = await self.published(service, canonical(key))
            _refuse_other_versions(request)
            return answer(live)
        if not actor.is_admin:
            await self.published(service, canonical(key))
            raise NotAllowed("Only an administrator can do this.")
        draft = await service.life.draft(await service.find(canonical(key)))
        if draft is None:
            raise NotFound
        query_of(request, (VERSION,))
        return answer(draft.definition)

    @patch("/{key:str}", **described("Change its draft", may=API_ADMIN, takes=Definition, gives=Definition))
    async def change(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        """What is absent stays as it is in the draft, or where there is none in the published version."""
        service = self.service(request, db, actor)
        template = await service.find(canonical(key))
        sent = await read_object(request)
        whole = {**await self._latest(service, template), **sent}
        convert(whole, self.shape)
        return answer((await service.change_draft(template, whole)).definition)

    @get("/{key:str}/versions", **described("Its versions", may=API_ADMIN, gives=VersionsOut))
    async def versions(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        service = self.service(request, db, actor)
        template = await service.find(canonical(key))
        query_of(request)
        return answer(VersionsOut([_version(row) for row in await service.life.versions(template)]))

    @get("/{key:str}/check", **described("What stands against publishing it", may=API_ADMIN, gives=CheckOut))
    async def check(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        service = self.service(request, db, actor)
        template = await service.find(canonical(key))
        query_of(request)
        found = await service.life.check(await self._latest(service, template))
        return answer(CheckOut([ProblemOut(one.path, _(one.sentence), one.blocking) for one in found]))

    @post("/{key:str}/publication", **described("Publish its draft", may=API_ADMIN, gives=VersionOut, refuses=(409,)))
    async def publish(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        service = self.service(request, db, actor)
        template = await service.find(canonical(key))
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        return await command.keep(answer(_version(await service.publish(template))))

    @delete("/{key:str}", **described("Archive it", may=API_ADMIN, status=204, refuses=(409,)))
    async def archive(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        service = self.service(request, db, actor)
        await service.archive(await service.find(canonical(key)))
        return nothing()

    async def _latest(self, service: Shaping, template: Any) -> Mapping[str, Any]:
        version = await service.life.draft(template) or await service.life.published(template)
        definition: Mapping[str, Any] = version.definition if version else {}
        return definition


def _refuse_other_versions(request: AnyRequest) -> None:
    if "version" in query_of(request, (VERSION,)):
        raise Refused.at("version", _("Choose one of the options."))


def _version(row: Any) -> VersionOut:
    return VersionOut(row.number, row.status, row.sha256, row.published_at)
