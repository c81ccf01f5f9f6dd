"""The requester's choice of approvers, kept with a draft until it is submitted."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.log import ActivityLog
from app.errors import NotAllowed, NotPossible, Refused
from app.ticket_templates.definition import FormDefinition
from app.tickets import events
from app.tickets.approving.picks import PREFIX, Picks, PickStep, known, pick_steps_of, problems
from app.tickets.content import Change
from app.tickets.models import Ticket, TicketStatus
from app.tickets.policy import May
from app.web.i18n import N_, elsewhere

WHO_APPROVES = N_("Who approves")


class Picking:
    def __init__(self, session: AsyncSession, log: ActivityLog) -> None:
        self.session, self.log = session, log

    async def first(self, ticket: Ticket, form: FormDefinition | None, picks: Picks) -> None:
        """With the draft that begins; its own event tells them."""
        ticket.picks = await self._checked(ticket, form, picks) if picks else {}

    async def change(self, ticket: Ticket, may: May, form: FormDefinition | None, picks: Picks) -> bool:
        """Whether anything changed. A choice stands from the submission until the request is a draft again."""
        if {key: list(ids) for key, ids in picks.items() if ids} == ticket.picks:
            return False
        if not may.is_owner:
            raise NotAllowed("Only who asks chooses who approves.")
        if ticket.status != TicketStatus.DRAFT:
            raise NotPossible("Who approves stays as it was submitted. Withdraw the request to choose anew.")
        old, ticket.picks = ticket.picks, await self._checked(ticket, form, picks)
        if old == ticket.picks:
            return False
        keys = sorted(key for key in old.keys() | ticket.picks.keys() if old.get(key) != ticket.picks.get(key))
        changes = [Change(PREFIX + key, WHO_APPROVES, old.get(key), ticket.picks.get(key)).to_json() for key in keys]
        await self.log.record(
            events.FIELD_CHANGE, ticket, label=WHO_APPROVES, changes=changes, label_elsewhere=elsewhere(WHO_APPROVES)
        )
        return True

    async def missing(self, ticket: Ticket, form: FormDefinition | None) -> dict[str, str]:
        """At the submission: too few, or somebody who may not decide any more."""
        return problems(await self.steps(ticket, form), ticket.picks, lenient=False)

    async def steps(self, ticket: Ticket, form: FormDefinition | None) -> list[PickStep]:
        return await pick_steps_of(self.session, ticket, form)

    async def _checked(self, ticket: Ticket, form: FormDefinition | None, picks: Picks) -> dict[str, list[int]]:
        steps = await self.steps(ticket, form)
        if errors := problems(steps, picks, lenient=True):
            raise Refused("Some of those who approve cannot be chosen.", errors)
        return known(steps, picks)
