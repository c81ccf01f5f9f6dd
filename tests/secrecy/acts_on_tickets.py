"""What is done to a ticket: asked, shared, assigned, deleted. To the product, then to the oracle."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor, acting_as
from app.tickets.drafting import Drafting
from app.tickets.handling import Handling
from app.tickets.models import Visibility
from app.tickets.properties import Properties
from tests.secrecy.channels import WORD
from tests.secrecy.house import House
from tests.secrecy.oracle import Case
from tests.story import CHANGE, draft


class OnTickets(House):
    async def ask(self, key: str, *, on_behalf_of: str | None, restricted: bool, team: str | None) -> None:
        if key in self.oracle.away:
            return
        async with self.database.session() as session:
            with acting_as(await self.browsers[key].actor()):
                wanted = self.id_of(on_behalf_of) if on_behalf_of else None
                ticket = await draft(
                    session, self.browsers[key], CHANGE, form="change", title=f"About a {WORD}",
                    visibility=Visibility.RESTRICTED if restricted else Visibility.INTERNAL, requester_id=wanted,
                    assigned_role_id=self.role_id(team) if team else None,
                )  # fmt: skip
                await session.commit()
        number = ticket.ticket_no
        sent = await self.browsers[key].api_upload(f"/tickets/{number}/attachments", "plan.txt", b"a plan")
        assert sent.status_code == 201, sent.text
        self.files[number] = sent.json()["id"]
        self.oracle.cases[number] = Case(key, on_behalf_of or key, restricted=restricted, team=team)

    async def submit(self, number: str) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            handling = Handling(session, actor)
            ticket = await handling.lock(number)
            if ticket.status == "rejected":
                await handling.edit_again(ticket)
            await Drafting(session, actor).submit(ticket)

        case = self.oracle.cases[number]
        if await self.act_as(case.creator, act):
            self.oracle.sent_in(case)

    async def restrict(self, number: str, *, restricted: bool) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = Properties(session, actor)
            await desk.show_to(await desk.lock(number), Visibility.RESTRICTED if restricted else Visibility.INTERNAL)

        case = self.oracle.cases[number]
        if await self.act_as(case.creator, act):
            case.restricted = restricted

    async def grant(self, number: str, *, user: str | None, role: str | None) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = Properties(session, actor)
            ids = {"user_id": self.id_of(user) if user else None, "role_id": self.role_id(role) if role else None}
            await desk.grant(await desk.lock(number), **ids)

        case = self.oracle.cases[number]
        if await self.act_as(case.creator, act):
            case.granted |= {user} if user else set()
            case.granted_roles |= {role} if role else set()

    async def revoke(self, number: str, *, user: str | None, role: str | None) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = Properties(session, actor)
            ticket = await desk.lock(number)
            column, wanted = ("user_id", self.id_of(user)) if user else ("role_id", self.role_id(role or ""))
            found = f"SELECT id FROM ticket.ticket_view_permissions WHERE ticket_id = :id AND {column} = :wanted"
            row = await session.execute(text(f"{found} AND deleted_at IS NULL"), {"id": ticket.id, "wanted": wanted})
            await desk.revoke(ticket, row.scalar() or 0)

        case = self.oracle.cases[number]
        if await self.act_as(case.creator, act):
            case.granted.discard(user or "")
            case.granted_roles.discard(role or "")

    async def assign(self, number: str, *, user: str | None, role: str | None) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = Properties(session, actor)
            ids = {"user_id": self.id_of(user) if user else None, "role_id": self.role_id(role) if role else None}
            await desk.assign(await desk.lock(number), **ids)

        if await self.act_as("ada", act):
            case = self.oracle.cases[number]
            case.assignee, case.team = user, role

    async def delete(self, number: str, by: str) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = Drafting(session, actor)
            await desk.delete(await desk.lock(number))

        if await self.act_as(by, act):
            case = self.oracle.cases[number]
            self.oracle.ended(case)
            case.deleted = True
