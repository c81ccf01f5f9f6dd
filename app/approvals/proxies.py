"""Substitution: somebody decides for somebody else, for a time (approvals.md, rule 8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import jobs
from app.accounts.models import User
from app.activity.log import ActivityLog
from app.actor import SYSTEM_ID, Actor
from app.approvals import events
from app.approvals.models import ApprovalProxy
from app.clock import database_now
from app.db.constants import given
from app.errors import NotAllowed, NotFound, NotPossible, Refused

LONGEST = timedelta(days=90)


_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtextextended("proxies.set", given("principal"))))


def _reaches(scope: dict[str, Any] | None, wanted: dict[str, Any] | None) -> bool:
    """Whether whatever the second is for, the first is for too; none is for everything."""
    return scope is None or (wanted is not None and set(wanted["templates"]) <= set(scope["templates"]))


class Proxies:
    """Set by the principal or an admin, never by the proxy; not transitive."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def set(
        self, principal_id: int, proxy_id: int, *, starts_at: datetime, ends_at: datetime,
        template_ids: Sequence[int] | None = None, reason: str = "",
    ) -> ApprovalProxy:  # fmt: skip
        self._insist(principal_id)
        if principal_id == proxy_id:
            raise Refused("Nobody stands in for themselves.", {"proxy_id": "Choose somebody else."})
        if self.actor.id == proxy_id:
            raise NotAllowed("Nobody makes themselves somebody's proxy.")
        if ends_at <= await database_now(self.session):
            raise Refused.at("ends_at", "The end lies in the past.")
        if not starts_at < ends_at or ends_at - starts_at > LONGEST:
            raise Refused(
                "A proxy ends after it starts, and within 90 days.", {"ends_at": "Within 90 days of the start."}
            )
        await self._insist_on_active(principal_id, proxy_id)
        scope = {"templates": sorted(set(template_ids))} if template_ids else None
        proxy = ApprovalProxy(
            principal_id=principal_id, proxy_id=proxy_id, starts_at=starts_at, ends_at=ends_at, scope=scope,
            reason=reason[:500], created_by=self.actor.id, updated_by=self.actor.id,
        )  # fmt: skip
        if same := await self._set_already(proxy):
            return same
        self.session.add(proxy)
        await self.session.flush()
        facts = {
            "principal": principal_id,
            "proxy": proxy_id,
            "starts_at": starts_at.isoformat(),
            "ends_at": ends_at.isoformat(),
        }
        await ActivityLog(self.session, self.actor).audit(events.PROXY_SET, proxy, scope=scope, **facts)
        await self._tell_approvals(principal_id)
        return proxy

    async def _set_already(self, wanted: ApprovalProxy) -> ApprovalProxy | None:
        """Clicked twice it is one; otherwise whoever ends one would leave its twin behind without knowing."""
        await self.session.execute(_ONE_AT_A_TIME, {"principal": wanted.principal_id})
        query = select(ApprovalProxy).where(
            ApprovalProxy.principal_id == wanted.principal_id, ApprovalProxy.proxy_id == wanted.proxy_id,
            ApprovalProxy.revoked_at.is_(None), ApprovalProxy.starts_at <= wanted.starts_at,
            ApprovalProxy.ends_at >= wanted.ends_at,
        )  # fmt: skip
        for row in (await self.session.execute(query)).scalars():
            if (row.starts_at, row.ends_at, row.scope) == (wanted.starts_at, wanted.ends_at, wanted.scope):
                return row
            if _reaches(row.scope, wanted.scope):
                raise Refused.at("proxy_id", "They stand in for all of this already.")
        return None

    async def revoke(self, proxy_id: int) -> None:
        """From this moment on; what was decided stands."""
        query = select(ApprovalProxy).filter_by(id=proxy_id).with_for_update()
        proxy = (await self.session.execute(query)).scalar_one_or_none()
        if proxy is None or not self._concerns(proxy):
            raise NotFound
        self._insist(proxy.principal_id)
        if proxy.revoked_at is not None:
            raise NotPossible("This has ended already.")
        proxy.revoked_at = await database_now(self.session)
        facts = {"principal": proxy.principal_id, "proxy": proxy.proxy_id}
        await ActivityLog(self.session, self.actor).audit(events.PROXY_REVOKED, proxy, **facts)
        await self._tell_approvals(proxy.principal_id)

    async def _tell_approvals(self, principal_id: int) -> None:
        """No ticket is locked here: a job settles those that wait for the principal (approvals.md, rule 13)."""
        await jobs.enqueue(self.session, "approvals.directory_changed", {"user_id": principal_id})

    def _concerns(self, proxy: ApprovalProxy) -> bool:
        return self.actor.is_admin or self.actor.id in {proxy.principal_id, proxy.proxy_id}

    def _insist(self, principal_id: int) -> None:
        if self.actor.id != principal_id and not self.actor.is_admin:
            raise NotAllowed("Only the person themselves or an administrator names a proxy.")

    async def _insist_on_active(self, *user_ids: int) -> None:
        query = select(User.id).where(User.id.in_(user_ids), User.deactivated_at.is_(None), User.id != SYSTEM_ID)
        if len(set((await self.session.execute(query)).scalars())) != len(set(user_ids)):
            raise Refused("One of these people is not active.", {"proxy_id": "Choose somebody who is active."})
