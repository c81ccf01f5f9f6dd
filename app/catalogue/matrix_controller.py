"""Administering approval matrices."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.accounts.repository import active_people, active_roles
from app.catalogue.matrices import Matrices
from app.catalogue.matrix_form import MatrixForm, MatrixRowForm
from app.catalogue.models import ApprovalMatrix
from app.errors import Refused
from app.web import params
from app.web.forms import submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]


class MatrixPages(Controller):
    path = "/admin/matrices"
    opt = access(ADMIN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        return await _list(request, Matrices(db, actor), MatrixForm.fresh())

    @post(status_code=200)
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Template | Response[Any]:
        matrices, form = Matrices(db, actor), MatrixForm(await submitted(request))
        if form.errors:
            return await _list(request, matrices, form)
        try:
            matrix = await matrices.add(key=form.key, name=form.name)
        except Refused as refused:
            form.refuse(refused)
            return await _list(request, matrices, form)
        return go(request, _address(matrix), say=_("%(name)s was added.") % {"name": matrix.name})

    @get("/{key:str}")
    async def show(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Template:
        matrices = Matrices(db, actor)
        return await _one(request, matrices, await matrices.find(params.key(key)))

    @post("/{key:str}", status_code=200)
    async def update(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Template | Response[Any]:
        matrices = Matrices(db, actor)
        matrix, form = await matrices.find(params.key(key)), MatrixForm(await submitted(request))
        if form.errors:
            return await _one(request, matrices, matrix, form=form)
        await matrices.rename(matrix, name=form.name)
        return go(request, _address(matrix), say=_("%(name)s was saved.") % {"name": matrix.name})

    @post("/{key:str}/rows", status_code=200)
    async def add_row(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Template | Response[Any]:
        matrices = Matrices(db, actor)
        matrix, row = await matrices.find(params.key(key)), MatrixRowForm(await submitted(request))
        if row.errors:
            return await _one(request, matrices, matrix, row=row)
        try:
            await matrices.add_row(matrix, value=row.value, user_id=row.user_id, role_id=row.role_id)
        except Refused as refused:
            row.refuse(refused)
            return await _one(request, matrices, matrix, row=row)
        return go(request, _address(matrix), say=_("The row was added."))

    @post("/{key:str}/rows/{row_id:str}/removal", status_code=200)
    async def remove_row(
        self, request: AnyRequest, key: FromPath[str], row_id: FromPath[str], db: Db, actor: Who
    ) -> Response[Any]:
        matrices = Matrices(db, actor)
        matrix = await matrices.find(params.key(key))
        await matrices.remove_row(matrix, params.row_id(row_id))
        return go(request, _address(matrix), say=_("The row was removed."))

    @post("/{key:str}/archival", status_code=200)
    async def archive(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        matrices = Matrices(db, actor)
        matrix = await matrices.find(params.key(key))
        await matrices.archive(matrix)
        return go(request, self.path, say=_("%(name)s was archived.") % {"name": matrix.name})

    @post("/{key:str}/restoration", status_code=200)
    async def restore(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        matrices = Matrices(db, actor)
        matrix = await matrices.find(params.key(key))
        await matrices.restore(matrix)
        return go(request, self.path, say=_("%(name)s was restored.") % {"name": matrix.name})


def _address(matrix: ApprovalMatrix) -> str:
    return f"{MatrixPages.path}/{matrix.key}"


async def _list(request: AnyRequest, matrices: Matrices, form: MatrixForm) -> Template:
    return await page(
        request, "catalogue/matrices", active="matrices", status=422 if form.errors else 200, form=form,
        matrices=await matrices.all(),
    )  # fmt: skip


async def _one(
    request: AnyRequest, matrices: Matrices, matrix: ApprovalMatrix, *,
    form: MatrixForm | None = None, row: MatrixRowForm | None = None,
) -> Template:  # fmt: skip
    form = MatrixForm.fresh(key=matrix.key, name=matrix.name) if form is None else form
    row = MatrixRowForm.fresh() if row is None else row
    people, roles = await active_people(matrices.session), await active_roles(matrices.session)
    return await page(
        request, "catalogue/matrix", active="matrices", status=422 if form.errors or row.errors else 200,
        matrix=matrix, rows=await matrices.rows(matrix), form=form, row=row,
        people=[{"value": one.id, "label": one.name} for one in people],
        roles=[{"value": one.id, "label": one.name} for one in roles],
    )  # fmt: skip
