"""Approval matrices as JSON, for administrators. Rows are added and removed, never changed (approvals.md, rule 4)."""

from typing import Annotated, Self

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from app.catalogue.matrices import ListedRow, Matrices
from app.catalogue.models import ApprovalMatrix
from app.errors import NotFound
from app.web import params
from app.web.api import (
    AnyRequest,
    Id,
    Json,
    Named,
    Sent,
    answer,
    begin,
    cleaned,
    described,
    insist_unchanged,
    nothing,
    query_of,
    tagged,
)
from app.web.guards import API_ADMIN, access
from app.web.json_body import read
from app.web.transaction import Db, Who

Name = Annotated[str, Meta(max_length=240)]


class MatrixShort(Struct):
    key: str
    name: str
    rows: int
    archived: bool


class MatricesOut(Struct):
    items: list[MatrixShort]
    next_cursor: None = None


class MatrixRowOut(Struct):
    """For this value of the request: a person, or a role. `gone`: it leads to nobody any more."""

    id: int
    value: str
    user: Named | None
    role: Named | None
    gone: bool

    @classmethod
    def of(cls, row: ListedRow) -> Self:
        user = Named(row.user_id, row.who) if row.user_id else None
        return cls(row.id, row.value, user, Named(row.role_id, row.who) if row.role_id else None, row.gone)


class MatrixOut(Struct):
    key: str
    name: str
    rows: list[MatrixRowOut]
    archived: bool


class NewMatrix(Sent):
    key: Annotated[str, Meta(max_length=63)]
    name: Name


class MatrixChange(Sent):
    name: Name | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class NewMatrixRow(Sent):
    """One of the two, a person or a role."""

    value: Annotated[str, Meta(max_length=400)]
    user_id: Id | None = None
    role_id: Id | None = None


class MatricesApi(Controller):
    path = "/api/v1/approval-matrices"
    opt = access(API_ADMIN)

    @get(**described("All approval matrices, those in use first", gives=MatricesOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        found = await Matrices(db, actor).all()
        short = [MatrixShort(one.key, one.name, rows, one.archived_at is not None) for one, rows in found]
        return answer(MatricesOut(short))

    @get("/{key:str}", **described("One approval matrix with its rows", gives=MatrixOut))
    async def show(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        matrices = Matrices(db, actor)
        matrix = await matrices.find(params.key(key))
        query_of(request)
        return tagged(await _shown(matrices, matrix))

    @post(**described("Add an approval matrix", takes=NewMatrix, gives=MatrixOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent, matrices = await read(request, NewMatrix), Matrices(db, actor)
        matrix = await matrices.add(key=sent.key, name=cleaned("name", sent.name, limit=120))
        made = tagged(await _shown(matrices, matrix), status=201, location=f"{self.path}/{matrix.key}")
        return await command.keep(made)

    @patch(
        "/{key:str}",
        **described("Change an approval matrix", takes=MatrixChange, gives=MatrixOut, refuses=(409, 412)),
    )
    async def change(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        matrices = Matrices(db, actor)
        matrix = await matrices.lock(params.key(key))
        insist_unchanged(request, await _shown(matrices, matrix))
        sent = await read(request, MatrixChange)
        if sent.name is not UNSET:
            await matrices.rename(matrix, name=cleaned("name", sent.name, limit=120))
        if sent.archived is not UNSET and sent.archived != (matrix.archived_at is not None):
            await (matrices.archive(matrix) if sent.archived else matrices.restore(matrix))
        return tagged(await _shown(matrices, matrix))

    @delete("/{key:str}", **described("Archive an approval matrix", status=204, refuses=(409, 412)))
    async def archive(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        matrices = Matrices(db, actor)
        matrix = await matrices.lock(params.key(key))
        insist_unchanged(request, await _shown(matrices, matrix))
        await matrices.archive(matrix)
        return nothing()


class MatrixRowsApi(Controller):
    path = "/api/v1/approval-matrices/{key:str}/rows"
    opt = access(API_ADMIN)

    @post(**described("Add a row", takes=NewMatrixRow, gives=MatrixRowOut, status=201, refuses=(409, 412)))
    async def add(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        matrices = Matrices(db, actor)
        matrix = await matrices.lock(params.key(key))
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        insist_unchanged(request, await _shown(matrices, matrix))
        sent = await read(request, NewMatrixRow)
        value = cleaned("value", sent.value, limit=200)
        row = await matrices.add_row(matrix, value=value, user_id=sent.user_id, role_id=sent.role_id)
        listed = next((one for one in await matrices.rows(matrix) if one.id == row.id), None)
        if listed is None:
            raise NotFound
        where = f"/api/v1/approval-matrices/{matrix.key}"
        return await command.keep(answer(MatrixRowOut.of(listed), status=201, location=where))

    @delete("/{row_id:str}", **described("Remove a row", status=204, refuses=(412,)))
    async def remove(self, request: AnyRequest, key: FromPath[str], row_id: FromPath[str], db: Db, actor: Who) -> Json:
        matrices = Matrices(db, actor)
        matrix = await matrices.lock(params.key(key))
        insist_unchanged(request, await _shown(matrices, matrix))
        await matrices.remove_row(matrix, params.row_id(row_id))
        return nothing()


async def _shown(matrices: Matrices, matrix: ApprovalMatrix) -> MatrixOut:
    rows = [MatrixRowOut.of(row) for row in await matrices.rows(matrix)]
    return MatrixOut(matrix.key, matrix.name, rows, matrix.archived_at is not None)
