"""Categories and labels as JSON: everybody reads them, administrators shape them."""

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from app.catalogue.categories import Categories
from app.catalogue.labels import Labels
from app.catalogue.models import Category, Label
from app.web.api import AnyRequest, Id, Json, Sent, answer, begin, cleaned, described, nothing, query_of
from app.web.guards import API, API_ADMIN, access
from app.web.json_body import read
from app.web.params import row_id
from app.web.transaction import Db, Who


class CategoryOut(Struct):
    id: int
    name: str
    icon: str
    parent_id: int | None
    archived: bool


class CategoriesOut(Struct):
    """In the order of the tree: each one, then what is under it."""

    items: list[CategoryOut]
    next_cursor: None = None


class NewCategory(Sent):
    name: str
    icon: str = "folder"
    parent_id: Id | None = None


class CategoryChange(Sent):
    name: str | UnsetType = UNSET
    icon: str | UnsetType = UNSET
    parent_id: Id | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class LabelOut(Struct):
    id: int
    name: str
    color: str
    archived: bool


class LabelsOut(Struct):
    items: list[LabelOut]
    next_cursor: None = None


class NewLabel(Sent):
    name: str
    color: str = "#3156c4"


class LabelChange(Sent):
    name: str | UnsetType = UNSET
    color: str | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class CategoriesApi(Controller):
    path = "/api/v1/categories"
    opt = access(API)

    @get(**described("All categories", gives=CategoriesOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        tree = await Categories(db, actor).tree()
        return answer(CategoriesOut([_category(place.category) for place in tree.in_order()]))

    @get("/{category_id:str}", **described("One category", gives=CategoryOut))
    async def show(self, request: AnyRequest, category_id: FromPath[str], db: Db, actor: Who) -> Json:
        category = await Categories(db, actor).find(row_id(category_id))
        query_of(request)
        return answer(_category(category))

    @post(**described("Add a category", may=API_ADMIN, takes=NewCategory, gives=CategoryOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewCategory)
        name = cleaned("name", sent.name, limit=120)
        category = await Categories(db, actor).add(name=name, icon=sent.icon, parent_id=sent.parent_id)
        made = answer(_category(category), status=201, location=f"{self.path}/{category.id}")
        return await command.keep(made)

    @patch(
        "/{category_id:str}",
        **described("Change a category", may=API_ADMIN, takes=CategoryChange, gives=CategoryOut, refuses=(409,)),
    )
    async def change(self, request: AnyRequest, category_id: FromPath[str], db: Db, actor: Who) -> Json:
        categories = Categories(db, actor)
        category = await categories.find(row_id(category_id))
        sent = await read(request, CategoryChange)
        await categories.reshape(
            category,
            name=category.name if sent.name is UNSET else cleaned("name", sent.name, limit=120),
            icon=category.icon if sent.icon is UNSET else sent.icon,
            under=category.parent_id if sent.parent_id is UNSET else sent.parent_id,
        )
        if sent.archived is not UNSET and sent.archived != category.is_archived:
            await (categories.archive(category) if sent.archived else categories.restore(category))
        return answer(_category(category))

    @delete(
        "/{category_id:str}",
        **described("Archive a category", may=API_ADMIN, status=204, refuses=(409,)),
    )
    async def archive(self, category_id: FromPath[str], db: Db, actor: Who) -> Json:
        categories = Categories(db, actor)
        await categories.archive(await categories.find(row_id(category_id)))
        return nothing()


class LabelsApi(Controller):
    path = "/api/v1/labels"
    opt = access(API)

    @get(**described("All labels", gives=LabelsOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        return answer(LabelsOut([_label(label) for label in await Labels(db, actor).all()]))

    @get("/{label_id:str}", **described("One label", gives=LabelOut))
    async def show(self, request: AnyRequest, label_id: FromPath[str], db: Db, actor: Who) -> Json:
        label = await Labels(db, actor).find(row_id(label_id))
        query_of(request)
        return answer(_label(label))

    @post(**described("Add a label", may=API_ADMIN, takes=NewLabel, gives=LabelOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewLabel)
        label = await Labels(db, actor).add(name=cleaned("name", sent.name, limit=60), color=sent.color)
        return await command.keep(answer(_label(label), status=201, location=f"{self.path}/{label.id}"))

    @patch(
        "/{label_id:str}",
        **described("Change a label", may=API_ADMIN, takes=LabelChange, gives=LabelOut, refuses=(409,)),
    )
    async def change(self, request: AnyRequest, label_id: FromPath[str], db: Db, actor: Who) -> Json:
        labels = Labels(db, actor)
        label = await labels.find(row_id(label_id))
        sent = await read(request, LabelChange)
        await labels.reshape(
            label,
            name=label.name if sent.name is UNSET else cleaned("name", sent.name, limit=60),
            color=label.color if sent.color is UNSET else sent.color,
        )
        if sent.archived is not UNSET and sent.archived != label.is_archived:
            await (labels.archive(label) if sent.archived else labels.restore(label))
        return answer(_label(label))

    @delete("/{label_id:str}", **described("Archive a label", may=API_ADMIN, status=204, refuses=(409,)))
    async def archive(self, label_id: FromPath[str], db: Db, actor: Who) -> Json:
        labels = Labels(db, actor)
        await labels.archive(await labels.find(row_id(label_id)))
        return nothing()


CATALOGUE_API = [CategoriesApi, LabelsApi]


def _category(category: Category) -> CategoryOut:
    return CategoryOut(category.id, category.name, category.icon, category.parent_id, category.is_archived)


def _label(label: Label) -> LabelOut:
    return LabelOut(label.id, label.name, label.color, label.is_archived)
