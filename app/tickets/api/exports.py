"""Exports as JSON: a list as a file, made by the worker, and looked at again when it is fetched (promises.md, L7)."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta, Struct

from app.tickets.api.filtering import filters_of_address
from app.tickets.controllers.exports import attached
from app.tickets.exporting.models import Export, ExportFormat, ExportStatus
from app.tickets.exporting.service import Exports, parts_of
from app.web.api import FILE, AnyRequest, Json, Moment, Sent, answer, begin, described, query_of
from app.web.errors import problem
from app.web.guards import API, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import row_id
from app.web.transaction import Db, Who


class NewExport(Sent):
    """`query`: what stands after `?` in the address of the list, as saved views have it."""

    format: ExportFormat
    query: Annotated[str, Meta(max_length=8_000)] = ""


class ExportOut(Struct):
    """`rows_done`: how far it is, and of a file that is ready how many tickets it holds."""

    id: int
    format: ExportFormat
    status: ExportStatus
    rows_done: int
    created_at: Moment
    expires_at: Moment


class ExportsApi(Controller):
    path = "/api/v1/exports"
    opt = access(API)

    @post(
        **described(
            "Have a file made of the tickets that a list finds", takes=NewExport, gives=ExportOut, status=202,
            refuses=(409, 429),
        )
    )  # fmt: skip
    async def start(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewExport)
        export = await Exports(db, actor).start(await filters_of_address(db, actor, sent.query), sent.format)
        return await command.keep(answer(_out(export), status=202, location=f"{self.path}/{export.id}"))

    @get("/{export_id:str}", **described("One export and how far it is", gives=ExportOut))
    async def show(self, request: AnyRequest, export_id: FromPath[str], db: Db, actor: Who) -> Json:
        query_of(request)
        return answer(_out(await Exports(db, actor).find(row_id(export_id))))

    @get("/{export_id:str}/file", **described("Its file, once it is ready", gives=FILE, refuses=(409,)))
    async def fetch(
        self, request: AnyRequest, export_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        """Not raised: that it is made anew is to last."""
        exports = Exports(db, actor)
        export = await exports.find(row_id(export_id))
        query_of(request)
        was_ready = export.is_ready
        if not await exports.may_be_fetched(export):
            anew = _("What you may see has changed: the file is made anew.")
            return problem(409, anew if was_ready else _("The file is not ready."), {"export_status": export.status})
        kind = ExportFormat(export.format)
        return Stream(parts_of(state.database, export.id), media_type=kind.media_type, headers=attached(kind))


def _out(export: Export) -> ExportOut:
    return ExportOut(
        export.id, ExportFormat(export.format), ExportStatus(export.status), export.rows_done, export.created_at,
        export.expires_at,
    )  # fmt: skip
