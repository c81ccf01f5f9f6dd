"""Administering categories."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.catalogue.categories import ICONS, Categories
from app.catalogue.forms import CategoryForm, OrderForm
from app.catalogue.models import Category
from app.errors import Refused
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, swap
from app.web.params import row_id
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheCategories = NamedDependency[SkipValidation[Categories]]


async def provide_categories(db: Db, actor: Who) -> Categories:
    return Categories(db, actor)


class CategoryPages(Controller):
    path = "/admin/categories"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"categories": Provide(provide_categories)}

    @get()
    async def index(self, request: AnyRequest, categories: TheCategories, state: State) -> Template:
        return await _category_list(request, categories, state, CategoryForm.fresh())

    @post(status_code=200)
    async def create(self, request: AnyRequest, categories: TheCategories, state: State) -> Template | Response[Any]:
        form = CategoryForm(await submitted(request))
        if form.errors:
            return await _category_list(request, categories, state, form)
        try:
            category = await categories.add(name=form.name, icon=form.icon, parent_id=form.parent_id)
        except Refused as refused:
            form.refuse(refused)
            return await _category_list(request, categories, state, form)
        return go(request, self.path, say=_("%(name)s was added.") % {"name": category.name})

    @get("/{category_id:str}")
    async def show(
        self, request: AnyRequest, category_id: FromPath[str], categories: TheCategories, state: State
    ) -> Template:
        category = await categories.find(row_id(category_id))
        return await _category_page(request, categories, state, category, _as_it_is(category))

    @post("/{category_id:str}", status_code=200)
    async def update(
        self, request: AnyRequest, category_id: FromPath[str], categories: TheCategories, state: State
    ) -> Template | Response[Any]:
        category = await categories.find(row_id(category_id))
        form = CategoryForm(await submitted(request))
        if form.errors:
            return await _category_page(request, categories, state, category, form)
        try:
            await categories.reshape(category, name=form.name, icon=form.icon, under=form.parent_id)
        except Refused as refused:
            form.refuse(refused)
            return await _category_page(request, categories, state, category, form)
        return go(request, self.path, say=_("%(name)s was saved.") % {"name": category.name})

    @post("/{category_id:str}/order", status_code=200)
    async def reorder(
        self, request: AnyRequest, category_id: FromPath[str], categories: TheCategories, state: State
    ) -> Template | Response[Any]:
        category = await categories.find(row_id(category_id))
        await categories.reorder(category, OrderForm(await submitted(request)).direction)
        if visit_of(request).htmx:
            return swap("catalogue/categories", **await _tree(request, categories, state))
        return go(request, self.path)

    @post("/{category_id:str}/archival", status_code=200)
    async def archive(
        self, request: AnyRequest, category_id: FromPath[str], categories: TheCategories
    ) -> Response[Any]:
        category = await categories.find(row_id(category_id))
        await categories.archive(category)
        return go(request, self.path, say=_("%(name)s is archived.") % {"name": category.name})

    @post("/{category_id:str}/restoration", status_code=200)
    async def restore(
        self, request: AnyRequest, category_id: FromPath[str], categories: TheCategories
    ) -> Response[Any]:
        category = await categories.find(row_id(category_id))
        await categories.restore(category)
        return go(request, self.path, say=_("%(name)s is in use again.") % {"name": category.name})


async def _tree(request: AnyRequest, categories: Categories, state: State) -> dict[str, Any]:
    places = list((await categories.tree()).in_order())
    ids = [place.category.id for place in places]
    return {"places": places, "uses": await state.where_used(categories.session, categories.actor, "categories", ids)}


async def _category_list(request: AnyRequest, categories: Categories, state: State, form: CategoryForm) -> Template:
    tree = await categories.tree()
    return await page(
        request, "catalogue/categories", active="categories", status=422 if form.errors else 200,
        form=form, icons=ICONS, parents=tree.places(), **await _tree(request, categories, state),
    )  # fmt: skip


async def _category_page(
    request: AnyRequest, categories: Categories, state: State, category: Category, form: CategoryForm
) -> Template:
    tree = await categories.tree()
    uses = await state.where_used(categories.session, categories.actor, "categories", [category.id])
    return await page(
        request, "catalogue/category", active="categories", status=422 if form.errors else 200, category=category,
        form=form, icons=ICONS, parents=tree.places_for(category), uses=uses.get(category.id, ()),
        below=tree.children(category.id),
    )  # fmt: skip


def _as_it_is(category: Category) -> CategoryForm:
    return CategoryForm.fresh(name=category.name, icon=category.icon, parent_id=str(category.parent_id or ""))
