"""Administering labels."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.catalogue.forms import LabelForm, OrderForm
from app.catalogue.labels import Labels
from app.catalogue.models import Label
from app.errors import Refused
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, swap
from app.web.params import row_id
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheLabels = NamedDependency[SkipValidation[Labels]]


async def provide_labels(db: Db, actor: Who) -> Labels:
    return Labels(db, actor)


class LabelPages(Controller):
    path = "/admin/labels"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"labels": Provide(provide_labels)}

    @get()
    async def index(self, request: AnyRequest, labels: TheLabels, state: State) -> Template:
        return await _label_list(request, labels, state, LabelForm.fresh(color="#3156c4"))

    @post(status_code=200)
    async def create(self, request: AnyRequest, labels: TheLabels, state: State) -> Template | Response[Any]:
        form = LabelForm(await submitted(request))
        if form.errors:
            return await _label_list(request, labels, state, form)
        try:
            label = await labels.add(name=form.name, color=form.color)
        except Refused as refused:
            form.refuse(refused)
            return await _label_list(request, labels, state, form)
        return go(request, self.path, say=_("%(name)s was added.") % {"name": label.name})

    @get("/{label_id:str}")
    async def show(self, request: AnyRequest, label_id: FromPath[str], labels: TheLabels, state: State) -> Template:
        label = await labels.find(row_id(label_id))
        form = LabelForm.fresh(name=label.name, color=label.color)
        return await _label_page(request, labels, state, label, form)

    @post("/{label_id:str}", status_code=200)
    async def update(
        self, request: AnyRequest, label_id: FromPath[str], labels: TheLabels, state: State
    ) -> Template | Response[Any]:
        label = await labels.find(row_id(label_id))
        form = LabelForm(await submitted(request))
        if form.errors:
            return await _label_page(request, labels, state, label, form)
        try:
            await labels.reshape(label, name=form.name, color=form.color)
        except Refused as refused:
            form.refuse(refused)
            return await _label_page(request, labels, state, label, form)
        return go(request, self.path, say=_("%(name)s was saved.") % {"name": label.name})

    @post("/{label_id:str}/order", status_code=200)
    async def reorder(
        self, request: AnyRequest, label_id: FromPath[str], labels: TheLabels, state: State
    ) -> Template | Response[Any]:
        label = await labels.find(row_id(label_id))
        await labels.reorder(label, OrderForm(await submitted(request)).direction)
        if visit_of(request).htmx:
            return swap("catalogue/labels", **await _labels(labels, state))
        return go(request, self.path)

    @post("/{label_id:str}/archival", status_code=200)
    async def archive(self, request: AnyRequest, label_id: FromPath[str], labels: TheLabels) -> Response[Any]:
        label = await labels.find(row_id(label_id))
        await labels.archive(label)
        return go(request, self.path, say=_("%(name)s is archived.") % {"name": label.name})

    @post("/{label_id:str}/restoration", status_code=200)
    async def restore(self, request: AnyRequest, label_id: FromPath[str], labels: TheLabels) -> Response[Any]:
        label = await labels.find(row_id(label_id))
        await labels.restore(label)
        return go(request, self.path, say=_("%(name)s is in use again.") % {"name": label.name})


async def _labels(labels: Labels, state: State) -> dict[str, Any]:
    rows = await labels.all()
    uses = await state.where_used(labels.session, labels.actor, "labels", [label.id for label in rows])
    return {"labels": rows, "uses": uses}


async def _label_list(request: AnyRequest, labels: Labels, state: State, form: LabelForm) -> Template:
    status = 422 if form.errors else 200
    context = await _labels(labels, state)
    return await page(request, "catalogue/labels", active="labels", status=status, form=form, **context)


async def _label_page(request: AnyRequest, labels: Labels, state: State, label: Label, form: LabelForm) -> Template:
    uses = (await state.where_used(labels.session, labels.actor, "labels", [label.id])).get(label.id, ())
    status = 422 if form.errors else 200
    return await page(request, "catalogue/label", active="labels", status=status, label=label, form=form, uses=uses)
