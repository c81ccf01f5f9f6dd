"""Imports as JSON: a CSV file becomes requests, each by the rules of one that somebody types."""

from typing import Annotated, Any

from litestar import Controller, get, post, put
from litestar.params import FromPath
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.tickets.controllers.bringing import LARGEST_BODY, a_table
from app.tickets.importing.models import Import
from app.tickets.importing.repository import counts, imports_of, rows_after
from app.tickets.importing.service import Imports
from app.tickets.requesting import BLANK
from app.web.api import (
    FILE,
    PAGED,
    AnyRequest,
    Json,
    Moment,
    Query,
    Sent,
    answer,
    begin,
    described,
    limit_of,
    query_of,
)
from app.web.guards import API, access
from app.web.json_body import read
from app.web.paging import cut, decode_cursor
from app.web.params import key as canonical_key
from app.web.params import row_id
from app.web.transaction import Db, Who

TEMPLATE = Query("template", "The key of a ticket template; without it the requests have no form.")


class ColumnsIn(Sent):
    """`columns`: for each column the `name` of one of the `targets`, or null. `submit`: false keeps drafts."""

    columns: Annotated[list[str | None], Meta(max_length=100)]
    submit: bool = True


class ColumnOut(Struct):
    """`left_out`: why it can fill nothing, if that is so."""

    heading: str
    target: str | None
    left_out: str | None


class TargetOut(Struct):
    name: str
    label: str
    required: bool


class ImportOut(Struct):
    """`status`: mapping, checking, checked, running, done, cancelled. `faulty`: rows with problems. `notes`: what no
    file can bring to this form, and what is possible instead."""

    id: int
    file_name: str
    template: str | None
    status: str
    submit: bool
    columns: list[ColumnOut]
    targets: list[TargetOut]
    notes: list[str]
    total: int
    checked: int
    faulty: int
    created: int
    refused: int
    created_at: Moment
    expires_at: Moment


class ImportsOut(Struct):
    items: list[ImportOut]
    next_cursor: None = None


class ProblemOut(Struct):
    column: str
    sentence: str


class RowOut(Struct):
    """`outcome`: created, refused, or null; `problems` is null while the row has not been checked."""

    row: int
    outcome: str | None
    ticket_no: str | None
    problems: list[ProblemOut] | None


class RowsOut(Struct):
    items: list[RowOut]
    next_cursor: str | None


class ImportsApi(Controller):
    path = "/api/v1/imports"
    opt = access(API)

    @get(**described("Your imports of the last seven days", gives=ImportsOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        return answer(ImportsOut([await _out(db, actor, one) for one in await imports_of(db, actor, utc_now())]))

    @post(
        **described(
            "Send a CSV file (UTF-8)", takes=FILE, gives=ImportOut, status=201, query=(TEMPLATE,), refuses=(404, 413)
        ),
        request_max_body_size=LARGEST_BODY,
    )
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        asked = query_of(request, (TEMPLATE,))
        key = canonical_key(asked["template"]) if "template" in asked else BLANK
        imports = Imports(db, actor)
        await imports.form(key)
        async with a_table(request) as (arrival, read_it):
            table, name = await read_it()
            sha = arrival.files[0].sha256
        command = await begin(request, db, actor, body_sha=f"{sha} {name}")
        if command.known:
            return command.known
        made = await imports.begin(table, file_name=name, form_key=key, command=_new(sha))
        location = f"{self.path}/{made.id}"
        return await command.keep(answer(await _out(db, actor, made), status=201, location=location))


class ImportApi(Controller):
    path = "/api/v1/imports/{import_id:str}"
    opt = access(API)

    @get(**described("One import and how far it is", gives=ImportOut))
    async def show(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Json:
        query_of(request)
        return answer(await _out(db, actor, await Imports(db, actor).find(row_id(import_id))))

    @put("/columns", **described("Say what the columns mean", takes=ColumnsIn, gives=ImportOut, refuses=(409, 429)))
    async def map(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Json:
        """Its rows are checked by a job then."""
        imports = Imports(db, actor)
        imported = await imports.find(row_id(import_id), lock=True)
        sent = await read(request, ColumnsIn)
        await imports.map(imported, [name or "" for name in sent.columns], submits=sent.submit)
        return answer(await _out(db, actor, imported))

    @post("/start", **described("Import the rows without problems", gives=ImportOut, refuses=(409, 429)))
    async def run(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Json:
        return await self._moved(request, import_id, db, actor, Imports.run)

    @post("/cancellation", **described("Stop; what was imported stays", gives=ImportOut, refuses=(409,)))
    async def cancel(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Json:
        return await self._moved(request, import_id, db, actor, Imports.cancel)

    @get("/rows", **described("What became of each row", gives=RowsOut, query=PAGED))
    async def rows(self, request: AnyRequest, import_id: FromPath[str], db: Db, actor: Who) -> Json:
        imported = await Imports(db, actor).find(row_id(import_id))
        asked, size = query_of(request, PAGED), limit_of(request)
        [after] = decode_cursor(asked.get("cursor"), (int,)) or (0,)
        found = cut(
            await rows_after(db, actor, imported.id, after=min(after, 2**31 - 1), most=size + 1), size,
            lambda pair: (pair[0].number,),
        )  # fmt: skip
        return answer(RowsOut([_row(*pair) for pair in found.rows], found.next_cursor))

    async def _moved(self, request: AnyRequest, import_id: str, db: AsyncSession, actor: Actor, verb: Any) -> Json:
        imports = Imports(db, actor)
        imported = await imports.find(row_id(import_id), lock=True)
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        await verb(imports, imported)
        return await command.keep(answer(await _out(db, actor, imported)))


async def _out(db: AsyncSession, actor: Actor, imported: Import) -> ImportOut:
    numbers, offer = await counts(db, imported.id), await Imports(db, actor).offer_now(imported)
    left_out = offer.left_out or [""] * len(imported.headings)
    return ImportOut(
        imported.id, imported.file_name, None if imported.form_key == BLANK else imported.form_key, imported.status,
        imported.submits,
        [
            ColumnOut(one, name or None, None if name else why or None)
            for one, name, why in zip(imported.headings, imported.targets, left_out, strict=True)
        ],
        [TargetOut(one.name, one.label, one.required) for one in offer.targets], list(offer.notes), numbers.total,
        numbers.checked, numbers.faulty, numbers.created, numbers.refused, imported.created_at, imported.expires_at,
    )  # fmt: skip


def _row(row: Any, ticket_no: str | None) -> RowOut:
    told = None if row.problems is None else [ProblemOut(where, said) for where, said in row.problems]
    return RowOut(row.number, row.outcome, ticket_no, told)


def _new(sha: str) -> str:
    """The same file may be sent again on purpose: an `Idempotency-Key` tells a retry."""
    return f"{sha[:24]}-{utc_now():%H%M%S%f}"
