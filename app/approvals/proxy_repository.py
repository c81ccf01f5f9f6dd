"""Proxies as people look them up: whose I am, who is mine, and who stands in for whom at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.actor import Actor
from app.approvals.models import ApprovalProxy

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ListedProxy:
    """`template_ids` empty: for every ticket template."""

    id: int
    principal_id: int
    principal: str
    proxy_id: int
    proxy: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    template_ids: tuple[int, ...]
    holds: bool
    is_over: bool


async def proxies_of(session: AsyncSession, user_id: int, *, with_past: bool = False) -> list[ListedProxy]:
    """Those that somebody has set, and those that they are."""
    concerned = or_(ApprovalProxy.principal_id == user_id, ApprovalProxy.proxy_id == user_id)
    return await _listed(session, concerned, with_past=with_past)


async def all_proxies(session: AsyncSession) -> list[ListedProxy]:
    """Of everybody, as far as they hold or will; for administrators."""
    return await _listed(session, None, with_past=False)


async def principals_of(session: AsyncSession, actor: Actor) -> Sequence[str]:
    """Names of those for whom this person stands in now."""
    if not actor.principal_ids:
        return []
    query = select(User.name).where(User.id.in_(actor.principal_ids)).order_by(User.name)
    return (await session.execute(query)).scalars().all()


async def _listed(
    session: AsyncSession, concerned: ColumnElement[bool] | None, *, with_past: bool
) -> list[ListedProxy]:
    principal, proxy, now = aliased(User), aliased(User), func.clock_timestamp()
    over = or_(ApprovalProxy.revoked_at.is_not(None), ApprovalProxy.ends_at <= now)
    query = (
        select(
            ApprovalProxy, principal.name, proxy.name,
            and_(~over, ApprovalProxy.starts_at <= now).label("holds"), over.label("is_over"),
        )
        .join(principal, principal.id == ApprovalProxy.principal_id)
        .join(proxy, proxy.id == ApprovalProxy.proxy_id)
        .order_by(over, ApprovalProxy.starts_at.desc(), ApprovalProxy.id.desc())
        .limit(MOST_SHOWN)
    )  # fmt: skip
    if concerned is not None:
        query = query.where(concerned)
    if not with_past:
        query = query.where(~over)
    return [
        ListedProxy(
            row.id, row.principal_id, principal_name, row.proxy_id, proxy_name, row.starts_at, row.ends_at, row.reason,
            tuple((row.scope or {}).get("templates", ())), holds, is_over,
        )
        for row, principal_name, proxy_name, holds, is_over in (await session.execute(query)).all()
    ]  # fmt: skip
