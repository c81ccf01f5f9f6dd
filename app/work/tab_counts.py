"""How many requests stand behind the inbox's other tabs. Asked for when the page is there already: for a pool of which
thousands will be asked it takes a few milliseconds."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalProcessStepApprover
from app.db.constants import planned_once
from app.web.paging import Count, capped, counting
from app.work.coming_up import coming_up
from app.work.past_repository import sent_back


async def tab_counts(session: AsyncSession, actor: Actor) -> dict[str, Count]:
    """Of what was sent back, and of what comes up; each over at most 1,001 rows."""
    found = (await session.execute(_counting(actor.rights))).one()
    return {name: capped(number) for name, number in found._mapping.items()}


@lru_cache(maxsize=300)
def _counting(actor: Actor) -> Select[Any]:
    lists = {
        "sent_back": sent_back(actor, ApprovalProcessStepApprover.id),
        "coming_up": coming_up(actor, ApprovalProcess.id),
    }
    return planned_once(select(*(counting(query).scalar_subquery().label(name) for name, query in lists.items())))
