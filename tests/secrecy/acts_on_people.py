"""What changes people's rights: roles, stand-ins, comings and goings. To the product, then to the oracle."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.people import People
from app.accounts.roles import Roles
from app.actor import Actor
from app.approvals.proxies import Proxies
from app.clock import utc_now
from tests.secrecy.house import SIGNED_IN_AGAIN, House
from tests.secrecy.oracle import StandIn


class OnPeople(House):
    async def stand_in(self, principal: str, proxy: str, *, now: bool, covers: bool) -> None:
        async def act(session: AsyncSession, actor: Actor) -> int:
            starts = utc_now() + timedelta(days=-1 if now else 1)
            scope = None if covers else [999_999]
            made = await Proxies(session, actor).set(
                self.id_of(principal), self.id_of(proxy), starts_at=starts, ends_at=starts + timedelta(days=3),
                template_ids=scope,
            )  # fmt: skip
            return made.id

        if number := await self.act_as(principal, act):
            self.oracle.stand_ins.append(StandIn(number, principal, proxy, now=now, covers=covers))
            await self.settle(principal)

    async def stop_standing_in(self, one: StandIn) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            await Proxies(session, actor).revoke(one.number)

        if await self.act_as("ada", act):
            self.oracle.stand_ins.remove(one)
            await self.settle(one.principal)

    async def admit(self, role: str, who: str) -> None:
        if await self.act_as("ada", self._on_role("admit", role, who)):
            self.oracle.members[role].add(who)
            await self.settle(who)

    async def dismiss(self, role: str, who: str) -> None:
        if await self.act_as("ada", self._on_role("dismiss", role, who)):
            self.oracle.members[role].discard(who)
            await self.settle(who)

    async def archive(self, role: str) -> None:
        if await self.act_as("ada", self._on_role("archive", role)):
            self.oracle.archived.add(role)
            await self.settle(*self.oracle.members[role])

    async def restore(self, role: str) -> None:
        if await self.act_as("ada", self._on_role("restore", role)):
            self.oracle.archived.discard(role)
            await self.settle(*self.oracle.members[role])

    async def deactivate(self, who: str) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            people = People(session, actor)
            await people.deactivate(await people.find(self.id_of(who)))

        if await self.act_as("ada", act):
            await self.settle(who)
            self.oracle.deactivated(who)

    async def reactivate(self, who: str) -> None:
        """And signed in again."""

        async def act(session: AsyncSession, actor: Actor) -> None:
            people = People(session, actor)
            await people.reactivate(await people.find(self.id_of(who)))
            for statement in SIGNED_IN_AGAIN:
                await session.execute(text(statement))

        if await self.act_as("ada", act):
            self.oracle.away.discard(who)
            await self.settle(who)

    def _on_role(self, verb: str, role: str, *who: str) -> Callable[[AsyncSession, Actor], Awaitable[None]]:
        async def act(session: AsyncSession, actor: Actor) -> None:
            roles = Roles(session, actor)
            people = [await People(session, actor).find(self.id_of(one)) for one in who]
            await getattr(roles, verb)(await roles.find(self.role_id(role)), *people)

        return act
