"""The moves of a ticket's life, each a noun under its address."""

from litestar import Controller, post
from litestar.params import FromPath

from app.tickets.approving.desk import ApprovalDesk
from app.tickets.controllers.answering import Answer, AnyRequest, act_on, told, words
from app.tickets.drafting import Drafting
from app.tickets.handling import Handling
from app.tickets.lifecycle import Move
from app.tickets.models import Ticket, TicketStatus
from app.tickets.moving import Moving
from app.web.forms import Submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go
from app.web.transaction import Db, Who


class TicketMoves(Controller):
    path = "/tickets/{ticket_no:str}"
    opt = access(SIGNED_IN)

    @post("/submission", status_code=200)
    async def submit(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        outdated: list[str] = []

        async def act(desk: Drafting, ticket: Ticket, _sent: Submitted) -> str:
            submission = await desk.submit(ticket)
            if submission.outdated:
                outdated.append(_("The form has changed since you started. Look it through, then submit it."))
                return outdated[0]
            return told(_("%(number)s is submitted.") % {"number": ticket.ticket_no}, submission.unheard)

        answer = await act_on(request, Drafting(db, actor), ticket_no, act, form="submission")
        return go(request, f"/tickets/{ticket_no}/edit", say=outdated[0]) if outdated else answer

    @post("/withdrawal", status_code=200)
    async def withdraw(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, ApprovalDesk(db, actor), ticket_no, _withdraw, form="withdrawal")

    @post("/cancellation", status_code=200)
    async def cancel(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Moving(db, actor), ticket_no, _cancel, form="cancellation")

    @post("/handling", status_code=200)
    async def take(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Handling(db, actor), ticket_no, _take, form="handling")

    @post("/handback", status_code=200)
    async def hand_back(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Handling(db, actor), ticket_no, _hand_back, form="handback")

    @post("/resolution", status_code=200)
    async def resolve(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Handling(db, actor), ticket_no, _resolve, form="resolution")

    @post("/confirmation", status_code=200)
    async def confirm(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Handling(db, actor), ticket_no, _confirm, form="confirmation")

    @post("/reopening", status_code=200)
    async def send_back(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Handling(db, actor), ticket_no, _send_back, form="reopening")

    @post("/revision", status_code=200)
    async def revise(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Handling(db, actor), ticket_no, _revise, form="revision")

    @post("/deletion", status_code=200)
    async def delete(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Drafting(db, actor), ticket_no, _delete, form="deletion")


async def _withdraw(desk: ApprovalDesk, ticket: Ticket, sent: Submitted) -> str:
    desk.insist(ticket, Move.WITHDRAW)
    await desk.withdraw(ticket, reason=words(sent, "reason"))
    return _("%(number)s is withdrawn. It is a draft again.") % {"number": ticket.ticket_no}


async def _cancel(desk: Moving, ticket: Ticket, sent: Submitted) -> str:
    desk.insist(ticket, Move.CANCEL)
    await desk.move_to(ticket, TicketStatus.CANCELLED, reason=words(sent, "reason"))
    return _("%(number)s is cancelled.") % {"number": ticket.ticket_no}


async def _take(desk: Handling, ticket: Ticket, _sent: Submitted) -> str:
    await desk.take(ticket)
    return _("%(number)s is in progress.") % {"number": ticket.ticket_no}


async def _hand_back(desk: Handling, ticket: Ticket, sent: Submitted) -> str:
    await desk.hand_back(ticket, reason=words(sent, "reason"))
    return _("%(number)s is open again.") % {"number": ticket.ticket_no}


async def _resolve(desk: Handling, ticket: Ticket, sent: Submitted) -> str:
    await desk.resolve(ticket, resolution=words(sent, "resolution"))
    return _("%(number)s is resolved. Who asked is asked to confirm.") % {"number": ticket.ticket_no}


async def _confirm(desk: Handling, ticket: Ticket, _sent: Submitted) -> str:
    await desk.confirm(ticket)
    return _("%(number)s is closed.") % {"number": ticket.ticket_no}


async def _send_back(desk: Handling, ticket: Ticket, sent: Submitted) -> str:
    await desk.send_back(ticket, reason=words(sent, "reason"))
    return _("%(number)s is in progress again.") % {"number": ticket.ticket_no}


async def _revise(desk: Handling, ticket: Ticket, sent: Submitted) -> str:
    if ticket.status == TicketStatus.REJECTED:
        await desk.edit_again(ticket)
    else:
        await desk.change_approved(ticket, reason=words(sent, "reason"))
    return _("%(number)s is a draft again.") % {"number": ticket.ticket_no}


async def _delete(desk: Drafting, ticket: Ticket, _sent: Submitted) -> str:
    await desk.delete(ticket)
    return _("%(number)s is deleted.") % {"number": ticket.ticket_no}
