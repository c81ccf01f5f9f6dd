"""Queries on categories and labels. Everybody may see both."""

from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.models import Category, CategoryCard, Label, LabelCard
from app.catalogue.tree import Tree
from app.db.constants import planned_once
from app.db.master_data import remembered_whole


async def lock_catalogue(session: AsyncSession) -> None:
    """One change at a time: two moves at once could close a circle, two additions share a position."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('catalogue', 7))"))


_CATEGORIES = planned_once(select(Category).limit(5000).execution_options(populate_existing=True))
_LABELS = planned_once(
    select(Label)
    .order_by(Label.position, func.lower(Label.name), Label.id)
    .limit(5000)
    .execution_options(populate_existing=True)
)


async def category_tree(session: AsyncSession) -> Tree[Category]:
    """To work on; `known_tree` is to look at."""
    return Tree((await session.execute(_CATEGORIES)).scalars())


async def known_tree(session: AsyncSession) -> Tree[CategoryCard]:
    async def read() -> Tree[CategoryCard]:
        rows = (await session.execute(_CATEGORIES)).scalars()
        return Tree(
            CategoryCard(row.id, row.name, row.icon, row.parent_id, row.position, row.is_archived) for row in rows
        )

    return await remembered_whole(session, "categories", read)


async def find_category(session: AsyncSession, category_id: int) -> Category | None:
    return (await session.execute(select(Category).where(Category.id == category_id))).scalar_one_or_none()


async def all_labels(session: AsyncSession) -> Sequence[Label]:
    """To work on; `known_labels` are to look at."""
    return (await session.execute(_LABELS)).scalars().all()


async def known_labels(session: AsyncSession) -> Sequence[LabelCard]:
    """In their order."""

    async def read() -> Sequence[LabelCard]:
        rows = (await session.execute(_LABELS)).scalars()
        return tuple(LabelCard(row.id, row.name, row.color, row.is_archived) for row in rows)

    return await remembered_whole(session, "labels", read)


async def find_label(session: AsyncSession, label_id: int) -> Label | None:
    return (await session.execute(select(Label).where(Label.id == label_id))).scalar_one_or_none()


async def label_name_is_taken(session: AsyncSession, name: str, *, but: int | None) -> bool:
    query = select(Label.id).where(func.lower(Label.name) == func.lower(name), Label.id != (but or 0))
    return (await session.execute(query)).first() is not None
