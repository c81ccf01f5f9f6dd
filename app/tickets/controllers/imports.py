"""Tickets from a CSV file: send it, say what its columns mean, look at what is wrong, import, see each row's result."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Stream, Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.errors import Refused
from app.ticket_templates.service import TicketTemplates
from app.tickets.controllers.answering import Answer, AnyRequest, command_of
from app.tickets.controllers.bringing import LARGEST_BODY, a_table
from app.tickets.exporting.service import pieces_of
from app.tickets.importing.carrying_on import carry_on
from app.tickets.importing.models import Import
from app.tickets.importing.repository import counts, faulty_first, first_rows, imports_of
from app.tickets.importing.results import results
from app.tickets.importing.service import Imports
from app.tickets.requesting import BLANK
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, STREAMS, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial
from app.web.params import is_key, row_id
from app.web.transaction import Db, Who

SHOWN, SAMPLES = 200, 3
AT_ONCE = 20
"""Rows that are looked at or imported while their sender waits."""


class TicketImports(Controller):
    path = "/imports"
    opt = access(SIGNED_IN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        return await _beginning(request, db, actor, Form.fresh())

    @post(status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def begin(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        typed: dict[str, list[str]] = {}
        try:
            async with a_table(request) as (arrival, read):
                typed = arrival.words
                key = arrival.word("form")
                if not is_key(key):
                    raise Refused.at("form", _("Choose one of the options."))
                table, name = await read()
                command = command_of(Submitted(typed)) or arrival.files[0].sha256
                imported = await Imports(db, actor).begin(table, file_name=name, form_key=key, command=command)
        except Refused as refused:
            form = Form(Submitted(typed))
            form.refuse(refused)
            return await _beginning(request, db, actor, form)
        return go(request, f"/imports/{imported.id}")

    @get("/{import_id:str}")
    async def show(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Template:
        return await _page(request, db, actor, row_id(import_id), Form.fresh())

    @get("/{import_id:str}/progress")
    async def progress(self, import_id: FromPath[str], db: Db, actor: Who) -> Template:
        imported = await Imports(db, actor).find(row_id(import_id))
        return partial("tickets/imports/progress", **await _about(db, actor, imported))

    @post("/{import_id:str}/columns", status_code=200)
    async def map(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who, state: State) -> Answer:
        sent = await submitted(request)
        try:
            async with state.database.in_its_own() as session:
                imports = Imports(session, actor)
                imported = await imports.find(row_id(import_id), lock=True)
                targets = [sent.get(f"column-{at}") for at in range(len(imported.headings))]
                await imports.map(imported, targets, submits=sent.get("submits") != "no")
        except Refused as refused:
            form = Form(sent)
            form.refuse(refused)
            return await _page(request, db, actor, row_id(import_id), form)
        return await _go_on(request, db, actor, imported)

    @post("/{import_id:str}/start", status_code=200)
    async def run(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who, state: State) -> Answer:
        async with state.database.in_its_own() as session:
            imports = Imports(session, actor)
            imported = await imports.find(row_id(import_id), lock=True)
            await imports.run(imported)
        return await _go_on(request, db, actor, imported)

    @post("/{import_id:str}/cancellation", status_code=200)
    async def cancel(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Answer:
        imports = Imports(db, actor)
        imported = await imports.find(row_id(import_id), lock=True)
        await imports.cancel(imported)
        return go(request, f"/imports/{imported.id}", say=_("Cancelled. What was imported stays."))

    @get("/{import_id:str}/file")
    async def fetch(self, import_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        file = await results(db, actor, await Imports(db, actor).find(row_id(import_id)))
        name = f"import-{import_id}-{utc_now():%Y-%m-%d}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store, private"}
        return Stream(pieces_of(file), media_type="text/csv", headers=headers)


async def _go_on(request: AnyRequest, db: AsyncSession, actor: Actor, imported: Import) -> Answer:
    """It is a job in any case: what is cut short while its sender waits is finished without them."""
    if (await counts(db, imported.id)).total <= AT_ONCE:
        await carry_on(request.app.state.database, actor, imported.id)
    return go(request, f"/imports/{imported.id}")


async def _beginning(request: AnyRequest, db: AsyncSession, actor: Actor, form: Form) -> Template:
    offered = await TicketTemplates(db, actor).offered()
    options = [{"value": one.key, "label": one.name} for one in offered]
    options.append({"value": BLANK, "label": _("A request without a form")})
    return await page(
        request, "tickets/imports/index", active="tickets", status=422 if form.errors else 200, form=form,
        options=options, imports=await imports_of(db, actor, utc_now()),
    )  # fmt: skip


async def _page(request: AnyRequest, db: AsyncSession, actor: Actor, import_id: int, form: Form) -> Template:
    imported = await Imports(db, actor).find(import_id)
    about = await _about(db, actor, imported)
    status = 422 if form.errors else 200
    return await page(request, "tickets/imports/show", active="tickets", status=status, form=form, **about)


async def _about(db: AsyncSession, actor: Actor, imported: Import) -> dict[str, Any]:
    samples = [row.cells for row in await first_rows(db, imported.id, SAMPLES)]
    return {
        "imported": imported, "numbers": await counts(db, imported.id),
        "offer": await Imports(db, actor).offer_now(imported),
        "samples": [[cells[at] for cells in samples if at < len(cells)] for at in range(len(imported.headings))],
        "rows": await faulty_first(db, actor, imported.id, SHOWN),
    }  # fmt: skip
