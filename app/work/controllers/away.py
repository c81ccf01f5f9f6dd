"""Setting oneself away: who stands in for whom, for which forms and until when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import active_people
from app.actor import Actor
from app.approvals.proxies import Proxies
from app.approvals.proxy_repository import all_proxies, proxies_of
from app.clock import utc_now
from app.errors import DomainError, NotAllowed, Refused
from app.ticket_templates.repository import template_names
from app.tickets.approving.card_words import listed
from app.tickets.approving.deciding import note_refused
from app.web import params
from app.web.formats import local, zone_of
from app.web.forms import Form, Submitted, submitted
from app.web.guards import ADMIN, SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]


class ProxyForm(Form):
    """Start and end as the person who fills this in reads the clock."""

    def __init__(self, values: Submitted, time_zone: str = "UTC") -> None:
        super().__init__(values)
        zone = zone_of(time_zone)
        self.principal_id = self.row("principal_id")
        self.proxy_id = self.row("proxy_id", required=True)
        self.starts_at = self.moment("starts_at", zone)
        self.ends_at = self.moment("ends_at", zone)
        for name, moment in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if moment is None:
                self.errors.setdefault(name, _("Fill this in."))
        self.template_ids = self.rows("template_ids")
        self.reason = self.text("reason", limit=500)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when, where all of the form is well."""
        if self.errors or self.starts_at is None or self.ends_at is None:
            raise Refused(next(iter(self.errors.values()), _("Fill this in.")), self.errors)
        return self.starts_at, self.ends_at


class MyProxies(Controller):
    path = "/me/proxies"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        return await _my_page(request, db, actor, _fresh())

    @post(status_code=200)
    async def set_away(self, request: AnyRequest, db: Db, actor: Who, state: State) -> Template | Response[Any]:
        form = ProxyForm(await submitted(request), actor.time_zone)
        form.principal_id = actor.id
        error = await _set(db, actor, state, form)
        if error is not None:
            return await _my_page(request, db, actor, form, status=error.status_code)
        return go(request, self.path, say=_("Set. What waits for you shows up with them too."))

    @post("/{proxy_id:str}/end", status_code=200)
    async def end(self, request: AnyRequest, db: Db, actor: Who, proxy_id: FromPath[str]) -> Response[Any]:
        await Proxies(db, actor).revoke(params.row_id(proxy_id))
        still = [one.proxy for one in await proxies_of(db, actor.id) if one.holds and one.principal_id == actor.id]
        said = _("Ended. %(names)s can still decide for you.") if still else _("Ended. From now on only you decide.")
        return go(request, self.path, say=said % {"names": listed(still)})


class ProxyPages(Controller):
    """For anybody, by administrators."""

    path = "/admin/proxies"
    opt = access(ADMIN)

    @get()
    async def show(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        principal = params.optional_row_id(request.query_params.get("principal"))
        return await _admin_page(request, db, actor, _fresh(principal))

    @post(status_code=200)
    async def set_away(self, request: AnyRequest, db: Db, actor: Who, state: State) -> Template | Response[Any]:
        form = ProxyForm(await submitted(request), actor.time_zone)
        if form.principal_id is None:
            form.errors.setdefault("principal_id", _("Choose one of the options."))
        error = await _set(db, actor, state, form)
        if error is not None:
            return await _admin_page(request, db, actor, form, status=error.status_code)
        return go(request, self.path, say=_("Set."))

    @post("/{proxy_id:str}/end", status_code=200)
    async def end(self, request: AnyRequest, db: Db, actor: Who, proxy_id: FromPath[str]) -> Response[Any]:
        await Proxies(db, actor).revoke(params.row_id(proxy_id))
        return go(request, self.path, say=_("Ended."))


async def _set(db: AsyncSession, actor: Actor, state: State, form: ProxyForm) -> DomainError | None:
    """The refusal, if there is one, with its sentences at the form's fields."""
    try:
        starts_at, ends_at = form.span
        async with db.begin_nested():
            await Proxies(db, actor).set(
                form.principal_id or 0, form.proxy_id or 0, starts_at=starts_at, ends_at=ends_at,
                template_ids=form.template_ids, reason=form.reason,
            )  # fmt: skip
    except (Refused, NotAllowed) as error:
        await note_refused(state.database, actor, error, principal=form.principal_id, proxy=form.proxy_id)
        form.refuse(error if isinstance(error, Refused) else Refused.at("proxy_id", error.sentence))
        return error
    return None


async def _my_page(request: AnyRequest, db: Db, actor: Actor, form: ProxyForm, *, status: int = 200) -> Template:
    listed = await proxies_of(db, actor.id, with_past=True)
    return await page(
        request, "work/away", active="me", status=status, form=form, **await _choices(db, but=actor.id),
        mine=[one for one in listed if one.principal_id == actor.id],
        theirs=[one for one in listed if one.proxy_id == actor.id and not one.is_over],
    )  # fmt: skip


async def _admin_page(request: AnyRequest, db: Db, actor: Actor, form: ProxyForm, *, status: int = 200) -> Template:
    return await page(
        request, "work/proxies", active="users", status=status, form=form, listed=await all_proxies(db),
        **await _choices(db, but=actor.id), principals=(await _choices(db, but=0))["people"],
    )  # fmt: skip


async def _choices(db: AsyncSession, *, but: int) -> Mapping[str, Any]:
    """Nobody makes themselves a proxy, so they are not among the people."""
    people = [
        {"value": row.id, "label": f"{row.name} ({row.title})" if row.title else row.name}
        for row in await active_people(db)
        if row.id != but
    ]
    names = await template_names(db)
    return {"people": people, "templates": names, "scopes": [{"value": one, "label": names[one]} for one in names]}


def _fresh(principal_id: int | None = None) -> ProxyForm:
    """From now until the same time in a week."""
    now = local(utc_now()).replace(second=0, microsecond=0, tzinfo=None)
    return ProxyForm.fresh(
        principal_id=str(principal_id or ""), starts_at=now.isoformat(timespec="minutes"),
        ends_at=(now + timedelta(days=7)).isoformat(timespec="minutes"),
    )  # fmt: skip
