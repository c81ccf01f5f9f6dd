"""What the people, roles, labels and categories of some events are called: four queries, however many events."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import people, role_names
from app.activity.narrative import Ids, Names
from app.catalogue.models import Category, Label


async def names_for(session: AsyncSession, ids: Ids) -> Names:
    return Names(
        people=await people(session, ids.people),
        roles=await role_names(session, ids.roles),
        labels=await _named(session, Label, ids.labels),
        categories=await _named(session, Category, ids.categories),
    )


async def _named(session: AsyncSession, table: type[Any], ids: Iterable[int]) -> dict[int, str]:
    """Deleted ones too: the record still names them."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(table).where(table.id.in_(wanted)).execution_options(include_deleted=True)
    return {row.id: row.name for row in (await session.execute(query)).scalars()}
