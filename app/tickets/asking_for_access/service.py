"""Asking for access: the same row, the same work and the same answer, whatever the number stands for."""

from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.errors import TooMany
from app.jobs import enqueue
from app.tickets.asking_for_access.models import AccessRequest

LOOK = "tickets.look_at_access_request"
MOST_A_DAY = 20
DAY = timedelta(days=1)
A_WHILE = timedelta(minutes=5)
"""In it a second request for the same number is the first one sent again: a double click, a page reloaded."""
_PERSONS = 20261126
"""The space of the advisory locks that are taken by person."""


class AccessRequests:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def ask(self, ticket_no: str, *, reason: str) -> bool:
        """Who is told, and whether there is anybody to tell, is found out by a job: nothing of it shows here.

        Answers whether it is a request of its own; the lock makes the second of two at once see the first."""
        await self.session.execute(select(func.pg_advisory_xact_lock(_PERSONS, self.actor.id % 2**31)))
        if await self._has_just_asked(ticket_no):
            return False
        if await self._asked_today() >= MOST_A_DAY:
            raise TooMany("You have asked for access to many tickets today. Try again tomorrow.")
        asked = AccessRequest(user_id=self.actor.id, ticket_no=ticket_no, reason=reason)
        self.session.add(asked)
        await self.session.flush()
        told = {"request": asked.id, "request_id": self.actor.request_id, "address": self.actor.address}
        await enqueue(self.session, LOOK, told, key=str(asked.id))
        return True

    async def _has_just_asked(self, ticket_no: str) -> bool:
        """Their own rows alone, whatever the number stands for."""
        same = (AccessRequest.user_id == self.actor.id) & (AccessRequest.ticket_no == ticket_no)
        query = select(exists().where(same, AccessRequest.created_at > utc_now() - A_WHILE))
        return bool((await self.session.execute(query)).scalar())

    async def _asked_today(self) -> int:
        """Numbers that exist and numbers that don't alike."""
        mine = AccessRequest.user_id == self.actor.id
        query = select(func.count()).where(mine, AccessRequest.created_at > utc_now() - DAY)
        return (await self.session.execute(query)).scalar_one()
