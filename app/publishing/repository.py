"""The queries every pair of template and version tables has in common."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.publishing.models import VersionStatus

Template = TypeVar("Template")
Version = TypeVar("Version")


async def locked(session: AsyncSession, model: type[Template], template_id: int) -> Template:
    """The row that orders everything that happens to a template's versions."""
    table: Any = model
    query = select(table).where(table.id == template_id).with_for_update()
    found: Template = (await session.execute(query.execution_options(populate_existing=True))).scalar_one()
    return found


async def with_status(
    session: AsyncSession, model: type[Version], template_id: int, status: VersionStatus
) -> Version | None:
    """The draft or the published version: there is at most one of each."""
    table: Any = model
    query = select(table).where(table.template_id == template_id, table.status == status)
    found: Version | None = (
        await session.execute(query.execution_options(populate_existing=True))
    ).scalar_one_or_none()
    return found


async def with_number(session: AsyncSession, model: type[Version], template_id: int, number: int) -> Version | None:
    table: Any = model
    query = select(table).where(table.template_id == template_id, table.number == number)
    found: Version | None = (await session.execute(query)).scalar_one_or_none()
    return found


async def all_versions(session: AsyncSession, model: type[Version], template_id: int) -> Sequence[Version]:
    """Newest first."""
    table: Any = model
    query = select(table).where(table.template_id == template_id).order_by(table.number.desc()).limit(1000)
    return (await session.execute(query)).scalars().all()


async def next_number(session: AsyncSession, model: type[Version], template_id: int) -> int:
    table: Any = model
    query = select(func.coalesce(func.max(table.number), 0) + 1).where(table.template_id == template_id)
    return int((await session.execute(query)).scalar_one())
