"""The verbs of categories. Everybody reads them; administrators shape them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.policy import insist_on_admin
from app.activity.log import ActivityLog
from app.actor import Actor
from app.catalogue import events, repository
from app.catalogue.models import Category
from app.catalogue.ordering import Direction, moved
from app.catalogue.tree import MAX_DEPTH, Tree
from app.clock import database_now
from app.db.whole import all_or_nothing
from app.errors import NotFound, NotPossible, Refused

ICONS = (
    "folder", "shopping-cart", "package", "truck", "receipt", "banknote", "credit-card", "calculator", "percent",
    "laptop", "smartphone", "server", "network", "database", "shield-check", "key-round", "lock", "bug", "wrench",
    "settings", "factory", "building-2", "house", "car", "plane", "map-pin", "calendar", "users", "user",
    "graduation-cap", "heart-pulse", "leaf", "scale", "gavel", "handshake", "briefcase", "file-text", "megaphone",
    "lightbulb", "flask-conical",
)  # fmt: skip


class Categories:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def tree(self) -> Tree[Category]:
        return await repository.category_tree(self.session)

    async def find(self, category_id: int) -> Category:
        category = await repository.find_category(self.session, category_id)
        if category is None:
            raise NotFound
        return category

    async def add(self, *, name: str, icon: str = "folder", parent_id: int | None = None) -> Category:
        tree = await self._begin()
        _insist_on_icon(icon)
        _insist_on_place(tree, parent_id, height=1)
        _insist_on_free_name(tree, name, parent_id)
        category = Category(name=name, icon=icon, parent_id=parent_id, position=len(tree.children(parent_id)))
        self.session.add(category)
        await self.session.flush()
        await self.activity.audit(events.CATEGORY_ADDED, category, name=name, parent_id=parent_id)
        return category

    async def reshape(self, category: Category, *, name: str, icon: str, under: int | None) -> None:
        """All that one form holds: each thing that changes is an event of its own."""
        async with all_or_nothing(self.session, category):
            await self.move(category, under=under)
            await self.rename(category, to=name)
            await self.choose_icon(category, icon=icon)

    async def rename(self, category: Category, *, to: str) -> None:
        tree = await self._begin()
        if to == category.name:
            return
        _insist_on_free_name(tree, to, category.parent_id, but=category)
        old, category.name = category.name, to
        await self.session.flush()
        await self.activity.audit(events.CATEGORY_RENAMED, category, old=old, new=to)

    async def choose_icon(self, category: Category, *, icon: str) -> None:
        await self._begin()
        _insist_on_icon(icon)
        if icon == category.icon:
            return
        old, category.icon = category.icon, icon
        await self.session.flush()
        await self.activity.audit(events.CATEGORY_ICON, category, name=category.name, old=old, new=icon)

    async def move(self, category: Category, *, under: int | None) -> None:
        """With everything below it; it becomes the last of its new siblings."""
        tree = await self._begin()
        if under == category.parent_id:
            return
        if tree.is_under(under, category.id):
            raise Refused.at("parent_id", "A category cannot stand below itself.")
        _insist_on_place(tree, under, height=tree.height_of(category.id))
        _insist_on_free_name(tree, category.name, under, but=category)
        old, category.parent_id, category.position = category.parent_id, under, len(tree.children(under))
        await self.session.flush()
        await self.activity.audit(
            events.CATEGORY_MOVED, category, name=category.name, old=old, new=under, to_top=under is None
        )

    async def reorder(self, category: Category, direction: Direction) -> None:
        tree = await self._begin()
        if moved(list(tree.children(category.parent_id)), category, direction):
            await self.session.flush()
            await self.activity.audit(
                events.CATEGORY_REORDERED, category, name=category.name, position=category.position
            )

    async def archive(self, category: Category) -> None:
        """It stays on the tickets that have it, and is offered nowhere any more."""
        tree = await self._begin()
        if category.is_archived:
            raise NotPossible("This category is archived already.")
        if any(not child.is_archived for child in tree.children(category.id)):
            raise NotPossible("Archive or move the categories below it first.")
        category.archived_at = await database_now(self.session)
        await self.session.flush()
        await self.activity.audit(events.CATEGORY_ARCHIVED, category, name=category.name)

    async def restore(self, category: Category) -> None:
        tree = await self._begin()
        if not category.is_archived:
            raise NotPossible("This category is in use already.")
        if any(one.is_archived for one in tree.above(category.parent_id)):
            raise NotPossible("Restore the category above it first.")
        category.archived_at = None
        await self.session.flush()
        await self.activity.audit(events.CATEGORY_RESTORED, category, name=category.name)

    async def _begin(self) -> Tree[Category]:
        insist_on_admin(self.actor)
        await repository.lock_catalogue(self.session)
        return await self.tree()


def _insist_on_icon(icon: str) -> None:
    if icon not in ICONS:
        raise Refused.at("icon", "Choose one of the icons.")


def _insist_on_place(tree: Tree[Category], parent_id: int | None, *, height: int) -> None:
    parent = tree.get(parent_id)
    if parent_id is not None and (parent is None or parent.is_archived):
        raise Refused.at("parent_id", "Choose a category that is in use.")
    if tree.depth_of(parent_id) + height > MAX_DEPTH:
        raise Refused.at("parent_id", "Categories stand at most five deep.")


def _insist_on_free_name(tree: Tree[Category], name: str, parent_id: int | None, but: Category | None = None) -> None:
    if any(one.name.lower() == name.lower() and one is not but for one in tree.children(parent_id)):
        raise Refused.at("name", "There is a category of this name here already.")
