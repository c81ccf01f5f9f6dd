"""Verbs that change values which an approval may be bound to: all of them go through this door (rule 9)."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalTemplateVersion
from app.approvals.repository import flow_of
from app.errors import NotPossible
from app.tickets.approving.rewinding import Rewinding
from app.tickets.approving.watching import reads_of_flow
from app.tickets.desk import Desk
from app.tickets.models import Ticket
from app.web.i18n import N_

HELD_FAST = N_("What was approved stays as it was approved. Take the request back to draft to change it.")


class WatchedDesk(Desk):
    """`together`: several verbs are one change; who does them tells the approval at the end, once."""

    def __init__(self, session: AsyncSession, actor: Actor, *, together: set[str] | None = None) -> None:
        super().__init__(session, actor)
        self.together = together

    async def tell_the_approval(self, ticket: Ticket, *changed: str) -> None:
        """After the change; where decisions are lost and nobody said that they may be, all of it is refused."""
        if self.together is not None:
            self.together.update(changed)
            return
        rewinding = Rewinding(self.session, self.actor)
        rewinding.accept_rewind = self.accept_rewind
        await rewinding.content_changed(ticket, changed)

    async def insist_not_held(self, ticket: Ticket, *names: str) -> None:
        """Labels and the like are free, unless the approval read them."""
        if ticket.is_held_fast and not (await self.read_by_approval(ticket)).isdisjoint(names):
            raise NotPossible(HELD_FAST, possible=self.possible(ticket))

    async def read_by_approval(self, ticket: Ticket) -> frozenset[str]:
        """What its latest approval's conditions, checks and approver lines read."""
        if ticket.approval is None or ticket.approval_template_version_id is None:
            return frozenset()
        version = await self.session.get_one(ApprovalTemplateVersion, ticket.approval_template_version_id)
        return reads_of_flow(flow_of(version))
