"""A list of tickets as a file: at once where it is short, otherwise when it is ready."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Stream, Template

from app.clock import utc_now
from app.errors import NotPossible
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.exporting.models import ExportFormat
from app.tickets.exporting.service import Exports, parts_of, pieces_of
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import understood
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial
from app.web.params import row_id
from app.web.transaction import Db, Who


class ExportForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.kind = ExportFormat(self.choice("format", list(ExportFormat), default=ExportFormat.CSV))
        self.filters = TicketFilters.read(
            (name, value) for name, given in values.values.items() if name not in {"_csrf", "format"} for value in given
        )


class TicketExports(Controller):
    path = "/exports"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def export(self, request: AnyRequest, db: Db, actor: Who) -> Response[Any]:
        form, exports = ExportForm(await submitted(request)), Exports(db, actor)
        filters = await understood(db, actor, form.filters)
        if filters.unknown:
            raise NotPossible("A filter is not understood any more, so these would be other tickets. Look again.")
        if await exports.is_short(filters):
            file = await exports.at_once(filters, form.kind)
            return Stream(pieces_of(file), media_type=form.kind.media_type, headers=attached(form.kind))
        export = await exports.start(filters, form.kind)
        return go(request, f"/exports/{export.id}")

    @get("/{export_id:str}")
    async def show(self, request: AnyRequest, export_id: FromPath[str], db: Db, actor: Who) -> Answer:
        export = await Exports(db, actor).find(row_id(export_id))
        return await page(request, "tickets/exports/show", active="tickets", export=export)

    @get("/{export_id:str}/progress")
    async def progress(self, export_id: FromPath[str], db: Db, actor: Who) -> Template:
        return partial("tickets/exports/progress", export=await Exports(db, actor).find(row_id(export_id)))

    @get("/{export_id:str}/file")
    async def fetch(
        self, request: AnyRequest, export_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        exports = Exports(db, actor)
        export = await exports.find(row_id(export_id))
        if not await exports.may_be_fetched(export):
            return go(request, f"/exports/{export.id}", say=_("What you may see has changed: the file is made anew."))
        kind = ExportFormat(export.format)
        return Stream(parts_of(state.database, export.id), media_type=kind.media_type, headers=attached(kind))


def attached(kind: ExportFormat) -> dict[str, str]:
    name = f"tickets-{utc_now():%Y-%m-%d}.{kind}"
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store, private"}
