"""Proxies as JSON: one's own, and for administrators everybody's."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Controller, Response, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.proxies import Proxies
from app.approvals.proxy_repository import ListedProxy, all_proxies, proxies_of
from app.errors import DomainError, Refused
from app.ticket_templates.repository import template_names
from app.tickets.approving.deciding import note_refused
from app.web.api import (
    AnyRequest,
    Id,
    Json,
    Moment,
    Named,
    Sent,
    answer,
    begin,
    cleaned,
    described,
    nothing,
    query_of,
    within_years,
)
from app.web.errors import on_domain_error
from app.web.guards import API, access
from app.web.json_body import read
from app.web.params import row_id
from app.web.transaction import Db, Who


class ProxyIn(Sent):
    """`scope`: ids of ticket templates, null for every request. `principal_id` null: for me."""

    proxy_id: Id
    starts_at: Moment
    ends_at: Moment
    principal_id: Id | None = None
    scope: Annotated[list[Id], Meta(min_length=1, max_length=200)] | None = None
    reason: Annotated[str, Meta(max_length=500)] = ""


class ProxyOut(Struct):
    id: int
    principal: Named
    proxy: Named
    starts_at: Moment
    ends_at: Moment
    scope: list[int] | None
    reason: str


class ProxiesOut(Struct):
    """Those that hold or will."""

    items: list[ProxyOut]
    next_cursor: None = None


class ProxiesApi(Controller):
    path = "/api/v1/proxies"
    opt = access(API)

    @get(**described("Proxies: yours, and for administrators everybody's", gives=ProxiesOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        listed = await all_proxies(db) if actor.is_admin else await proxies_of(db, actor.id)
        return answer(ProxiesOut([_out(one) for one in listed]))

    @post(**described("Set a proxy", takes=ProxyIn, gives=ProxyOut, status=201))
    async def set(self, request: AnyRequest, db: Db, actor: Who, state: State) -> Response[Any]:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, ProxyIn)
        principal_id = sent.principal_id or actor.id
        try:
            async with db.begin_nested():
                made = await _set(db, Proxies(db, actor), principal_id, sent)
        except DomainError as error:
            await note_refused(state.database, actor, error, principal=principal_id, proxy=sent.proxy_id)
            raise
        listed = {one.id: one for one in await proxies_of(db, principal_id)}
        location = f"{self.path}/{made}"
        return await command.keep(answer(_out(listed[made]), status=201, location=location))

    @delete("/{proxy_id:str}", **described("End a proxy now", status=204, refuses=(409,)))
    async def end(
        self, request: AnyRequest, proxy_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        number = row_id(proxy_id)
        try:
            async with db.begin_nested():
                await Proxies(db, actor).revoke(number)
        except DomainError as error:
            await note_refused(state.database, actor, error, proxy=number)
            return on_domain_error(request, error)
        return nothing()


async def _set(db: AsyncSession, proxies: Proxies, principal_id: int, sent: ProxyIn) -> int:
    _insist_on_templates(sent, await template_names(db))
    starts_at, ends_at = within_years("starts_at", sent.starts_at), within_years("ends_at", sent.ends_at)
    made = await proxies.set(
        principal_id, sent.proxy_id, starts_at=starts_at or sent.starts_at, ends_at=ends_at or sent.ends_at,
        template_ids=sent.scope, reason=cleaned("reason", sent.reason, limit=500, required=False),
    )  # fmt: skip
    return made.id


def _insist_on_templates(sent: ProxyIn, known: Mapping[int, str]) -> None:
    if set(sent.scope or ()) - known.keys():
        raise Refused.at("scope", "One of these ticket templates does not exist.")


def _out(one: ListedProxy) -> ProxyOut:
    scope = list(one.template_ids) or None
    principal, proxy = Named(one.principal_id, one.principal), Named(one.proxy_id, one.proxy)
    return ProxyOut(one.id, principal, proxy, one.starts_at, one.ends_at, scope, one.reason)
