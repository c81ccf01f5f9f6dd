"""Comments on a ticket, for everyone on it or for its approvers."""

from collections.abc import Awaitable, Callable

from litestar import Controller, post
from litestar.params import FromPath

from app.activity.models import TicketNote
from app.errors import Refused, Stale
from app.tickets.controllers.answering import Answer, AnyRequest, act_on, command_of, is_repeated, words
from app.tickets.conversation import Conversation
from app.tickets.mentions.desk import Unheard
from app.tickets.models import Ticket
from app.tickets.seers import is_approver
from app.tickets.unsent.desk import CommentDrafts
from app.web.forms import Submitted, is_clean, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

AUDIENCES = ("everyone", "approvers")
Change = Callable[[Conversation, Ticket, TicketNote, Submitted], Awaitable[str]]


class TicketComments(Controller):
    path = "/tickets/{ticket_no:str}/comments"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def comment(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Conversation(db, actor), ticket_no, _comment, form="comments")

    @post("/draft", status_code=204)
    async def keep_draft(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> None:
        """As it is typed."""
        desk = CommentDrafts(db, actor)
        ticket = await desk.find(canonical(ticket_no))
        sent = await submitted(request)
        text, audience = sent.get("note"), sent.get("audience")
        if is_clean(text) and audience in AUDIENCES:
            await desk.keep_unless_sent(ticket, text, audience=audience, command=command_of(sent))

    @post("/{note_id:str}/wording", status_code=200)
    async def reword(
        self, request: AnyRequest, ticket_no: FromPath[str], note_id: FromPath[str], db: Db, actor: Who
    ) -> Answer:
        return await _on_comment(request, Conversation(db, actor), ticket_no, note_id, _reword)

    @post("/{note_id:str}/removal", status_code=200)
    async def remove(
        self, request: AnyRequest, ticket_no: FromPath[str], note_id: FromPath[str], db: Db, actor: Who
    ) -> Answer:
        return await _on_comment(request, Conversation(db, actor), ticket_no, note_id, _remove)


async def _on_comment(request: AnyRequest, desk: Conversation, number: str, note_id: str, change: Change) -> Answer:
    """One of this ticket's comments that this person reads, or 404."""
    note_no = row_id(note_id)

    async def act(desk: Conversation, ticket: Ticket, sent: Submitted) -> str:
        approver = await is_approver(desk.session, desk.actor, ticket)
        return await change(desk, ticket, await desk.find_comment(ticket, note_no, is_approver=approver), sent)

    return await act_on(request, desk, number, act, form=f"comment-{note_no}", around=note_no)


async def _reword(desk: Conversation, ticket: Ticket, note: TicketNote, sent: Submitted) -> str:
    if "seen" in sent and sent.get("seen") != (note.edited_at.isoformat() if note.edited_at else "first"):
        raise Stale(
            _("You changed this comment elsewhere meanwhile. Both are below: save again to keep what you typed.")
        )
    await desk.edit(ticket, note, words(sent, "note"), unheard=_unheard(sent))
    return _("Your comment is changed.")


async def _remove(desk: Conversation, ticket: Ticket, note: TicketNote, sent: Submitted) -> str:
    await desk.remove(ticket, note)
    return _("The comment is removed.")


async def _comment(desk: Conversation, ticket: Ticket, sent: Submitted) -> str:
    await comment_once(desk, ticket, sent)
    return _("Your comment is there.")


async def comment_once(desk: Conversation, ticket: Ticket, sent: Submitted) -> TicketNote | None:
    """None where the same form came before."""
    text, audience = words(sent, "note"), sent.get("audience") or "everyone"
    if audience not in AUDIENCES:
        raise Refused(_("Choose who reads this."), {"audience": _("Choose one of the options.")})
    if await is_repeated(desk, ticket, sent, kind="comments", body=[text, audience]):
        return None
    approver = await is_approver(desk.session, desk.actor, ticket)
    note = await desk.comment(ticket, text, audience=audience, is_approver=approver, unheard=_unheard(sent))
    await CommentDrafts(desk.session, desk.actor).forget(ticket)
    return note


def _unheard(sent: Submitted) -> Unheard:
    """Said by the button that is there once somebody would not hear."""
    return Unheard(said) if (said := sent.get("unheard")) in tuple(Unheard) else Unheard.REFUSE
