"""Asking: start a draft, edit it, throw it away, submit it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Sequence, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.approvals.models import ApprovalProcess, ApprovalTemplateVersion
from app.approvals.repository import published_flow
from app.db.base import SCHEMA
from app.db.constants import given
from app.errors import NotAllowed, NotPossible, Refused, Stale
from app.ticket_templates import repository as forms
from app.ticket_templates import values
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.service import Form
from app.tickets import events
from app.tickets.access import derive_own
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.approving.facts import CALENDAR_ZONE
from app.tickets.approving.watched_desk import HELD_FAST, WatchedDesk
from app.tickets.content import Change, Content, field_changes, remove_files_left_out, write_content
from app.tickets.lifecycle import Move
from app.tickets.mentions.desk import Mentions
from app.tickets.models import Ticket, TicketCategory, TicketLabel, TicketStatus
from app.tickets.picking import Picking
from app.tickets.search import reindex
from app.web.i18n import N_, elsewhere, series
from app.web.i18n import gettext as _

DEFAULT_PREFIX = "TIC"
REQUESTER = N_("Requester")
_KEY_OF_FORM = select(TicketTemplate.key).where(TicketTemplate.id == given("form"))
_RETURNED = select(ApprovalProcess.id).where(
    ApprovalProcess.ticket_id == given("ticket"), ApprovalProcess.status == "returned"
)
_NEXT = select(Sequence("ticket_no_seq", schema=SCHEMA).next_value())


@dataclass(frozen=True, slots=True)
class Submission:
    """`outdated`: the form was republished since; the draft follows it now and wants another look."""

    outdated: bool = False
    changed: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    """Names of those whom the description calls, and who are not told, for they cannot see it."""


class Drafting(WatchedDesk):
    async def start(self, content: Content, *, form: Form | None = None) -> Ticket:
        """A draft, with a number; nobody but its own people sees it before it is submitted."""
        await self._insist_on_requester(content)
        ticket = Ticket(
            ticket_no=await self._next_number(form.definition.prefix if form else DEFAULT_PREFIX),
            title=content.title, description=content.description, custom_fields_data=content.fields,
            template_id=form.template.id if form else None, template_version_id=form.version.id if form else None,
            priority=content.priority, visibility=content.visibility, due_at=content.due_at,
            assignee_id=content.assignee_id, assigned_role_id=content.assigned_role_id,
            requester_id=content.requester_id or self.actor.id, created_by=self.actor.id, updated_by=self.actor.id,
        )  # fmt: skip
        ticket.created_at = ticket.updated_at = ticket.status_since = await self.now()
        self.session.add(ticket)
        await self.session.flush()
        await self._put_under(ticket, content)
        await derive_own(self.session, ticket)
        await Picking(self.session, self.log).first(ticket, form.definition if form else None, content.picks or {})
        await self.log.record(events.CREATED, ticket, **_whole(ticket, content))
        await self._index(ticket)
        return ticket

    async def complete(self, ticket: Ticket, fields: dict[str, Any]) -> None:
        """Of a draft just started: the answers that are files, which only a ticket that is there can have."""
        content = Content(ticket.title, description=ticket.description, fields=fields)
        if await write_content(self.log, ticket, content, await self.form_of(ticket)):
            ticket.touch(by=self.actor.id, at=await self.now())
            await self._index(ticket)

    async def edit(self, ticket: Ticket, content: Content, *, version: int | None = None) -> list[str]:
        """`version`: the one the editor saw; a later one is not overwritten. Answers as `Submission.unheard` does."""
        self.insist_on_editing(ticket)
        if version is not None and version != ticket.version:
            raise Stale("Somebody changed this request while you were editing it.", version=ticket.version)
        form = await self.form_of(ticket)
        await self._refuse_fixed(ticket, content, form)
        before = ticket.description
        changed = await write_content(self.log, ticket, content, form)
        picked = content.picks is not None and await Picking(self.session, self.log).change(
            ticket, self.may(ticket), form, content.picks
        )
        if changed or picked:
            ticket.touch(by=self.actor.id, at=await self.now())
            await self._index(ticket)
        if changed:
            await self.tell_the_approval(ticket, *changed)
        if "description" not in changed or ticket.submitted_at is None:
            return []
        mentions = Mentions(self.session, self.actor)
        return await mentions.described(ticket, before=before, kinds=(events.DESCRIPTION_CHANGE.code,))

    def insist_on_editing(self, ticket: Ticket) -> None:
        """Its people hear that it is not possible now, everybody else that it is not theirs to do."""
        may = self.may(ticket)
        if may.edit_content:
            return
        if may.is_owner or may.is_handler or may.is_overseer:
            raise self.not_possible(ticket)
        raise NotAllowed(may.who_may_edit)

    async def fixed(self, ticket: Ticket, form: FormDefinition | None) -> frozenset[str]:
        """The answers that may not change now: what an approval holds fast, and locked ones once submitted."""
        if form is None:
            return frozenset()
        held = frozenset[str]()
        if not self.may(ticket).change_watched:
            held = values.watched(form, read_by_flow=await self.read_by_approval(ticket))
        return held | _locked(ticket, form)

    async def ask_for(self, ticket: Ticket, requester_id: int) -> None:
        """Whom it is asked for is fixed at the first submission (product.md, section 2)."""
        if requester_id == ticket.requester_id:
            return
        if not self.may(ticket).is_owner:
            raise NotAllowed("Only who asked decides whom it is asked for.")
        if ticket.submitted_at is not None:
            raise NotPossible("Whom it is asked for stays as it was submitted.", possible=self.possible(ticket))
        await self._insist_on_requester(Content(ticket.title, requester_id=requester_id))
        old, ticket.requester_id = ticket.requester_id, requester_id
        ticket.touch(by=self.actor.id, at=await self.now())
        await derive_own(self.session, ticket)
        changes = [Change("requester", REQUESTER, old, requester_id).to_json()]
        await self.log.record(
            events.FIELD_CHANGE, ticket, label=REQUESTER, changes=changes, label_elsewhere=elsewhere(REQUESTER)
        )

    async def delete(self, ticket: Ticket) -> None:
        """A draft that was never submitted, by its owner; anything by an admin. Its approval is cancelled first."""
        if not self.may(ticket).delete:
            raise NotAllowed("Only drafts that were never submitted can be deleted, and only by who asks.")
        await ApprovalDesk(self.session, self.actor).end_before_deletion(ticket)
        ticket.delete_softly(at=await self.now())
        await self.log.record(events.DELETED, ticket)

    async def submit(self, ticket: Ticket) -> Submission:
        """Into its approval, or straight to the handlers where the form has none."""
        self.insist(ticket, Move.SUBMIT)
        form = await self._published_form(ticket)
        if form is not None and form.version.id != ticket.template_version_id:
            return await self._follow(ticket, form)
        await self._insist_on_complete(ticket, form.definition if form else None)
        first, returned = ticket.submitted_at is None, await self._returned(ticket)
        flow = None if returned else await self._flow_for(form)
        if first:  # written with what follows
            ticket.submitted_at = await self.now()
        if returned:
            await ApprovalDesk(self.session, self.actor).resubmit(ticket)
        elif flow is not None:
            await ApprovalDesk(self.session, self.actor).start(ticket, flow)
        else:
            await self.become(ticket, TicketStatus.OPEN)
        await self.session.flush()
        return Submission(unheard=tuple(await self._call(ticket) if first else ()))

    async def _call(self, ticket: Ticket) -> list[str]:
        """Before, nobody but its own people could read whom the description calls."""
        kinds = ("approval_submitted", events.STATUS_CHANGE.code)
        return await Mentions(self.session, self.actor).described(ticket, before="", kinds=kinds)

    async def form_of(self, ticket: Ticket) -> FormDefinition | None:
        """The form in the version that this ticket keeps."""
        versions = await forms.versions_by_id(self.session, [ticket.template_version_id])
        version = versions.get(ticket.template_version_id or 0)
        return forms.form_of(version) if version else None

    async def _published_form(self, ticket: Ticket) -> Form | None:
        if ticket.template_id is None:
            return None
        key = (await self.session.execute(_KEY_OF_FORM, {"form": ticket.template_id})).scalar_one()
        found = await forms.published_by_key(self.session, key)
        if found is None:
            raise NotPossible("This form is archived. Copy what you need into another request.")
        return Form(*found, forms.form_of(found[1]))

    async def _follow(self, ticket: Ticket, form: Form) -> Submission:
        """Else old drafts would keep an old, weaker form and flow (approvals.md, rule 11)."""
        old = await self.form_of(ticket)
        before = {one.key for one in old.fields} if old else set()
        after = {one.key: one.label for one in form.definition.fields}
        fits = form.definition.field
        kept = {
            one.key: ticket.custom_fields_data[one.key]
            for one in (old.value_fields if old else ())
            if one.key in ticket.custom_fields_data and (new := fits(one.key)) is not None and new.type is one.type
        }
        gone = [change.to_json() for change in field_changes(old, ticket.custom_fields_data, kept)]
        await remove_files_left_out(self.session, ticket, kept)
        ticket.template_version_id, ticket.custom_fields_data = form.version.id, kept
        ticket.touch(by=self.actor.id, at=await self.now())
        await self.log.record(events.FORM_FOLLOWED, ticket, version=form.version.number, changes=gone)
        return Submission(outdated=True, changed=tuple(label for key, label in after.items() if key not in before))

    async def _insist_on_complete(self, ticket: Ticket, form: FormDefinition | None) -> None:
        """The same door once more: a draft may lack answers, a submission may not."""
        errors = {} if ticket.title.strip() else {"title": "Fill this in."}
        if form is not None:
            errors |= await self._missing_answers(ticket, form)
            errors |= await Picking(self.session, self.log).missing(ticket, form)
        if errors:
            raise Refused("Some answers are still missing.", errors)

    async def _missing_answers(self, ticket: Ticket, form: FormDefinition) -> dict[str, str]:
        answers = ticket.custom_fields_data
        reading = values.read(form, {}, now=await self.now(), zone=CALENDAR_ZONE, before=answers)
        return reading.errors

    async def _returned(self, ticket: Ticket) -> bool:
        return (await self.session.execute(_RETURNED, {"ticket": ticket.id})).scalar() is not None

    async def _flow_for(self, form: Form | None) -> ApprovalTemplateVersion | None:
        """A form that names a flow without a published version is refused: that is never "no approval needed"."""
        if form is None or form.definition.approval_template is None:
            return None
        version = await published_flow(self.session, form.definition.approval_template)
        if version is None:
            raise NotPossible("The approval flow of this form is archived or not published. Tell an administrator.")
        return version

    async def _refuse_fixed(self, ticket: Ticket, content: Content, form: FormDefinition | None) -> None:
        stored = ticket.custom_fields_data
        changed = {key for key in await self.fixed(ticket, form) if stored.get(key) != content.fields.get(key)}
        if form is not None and changed & _locked(ticket, form):
            labels = series(one.label for one in form.value_fields if one.key in changed)
            sentence = _("Fixed since this was submitted: %(fields)s.") % {"fields": labels}
            raise NotPossible(sentence, possible=self.possible(ticket))
        words = (ticket.title, ticket.description) != (content.title, content.description)
        if changed or (words and not self.may(ticket).change_watched):
            raise NotPossible(HELD_FAST, possible=self.possible(ticket))

    async def _insist_on_requester(self, content: Content) -> None:
        other = content.requester_id
        if other is None or other == self.actor.id:
            return
        if not (self.actor.is_manager or self.actor.is_admin):
            raise NotAllowed("Only managers and administrators ask for somebody else.")
        user = await self.session.get(User, other)
        if user is None or not user.is_active:
            raise Refused("This person is not here any more.", {"requester_id": "Choose somebody who is active."})

    async def _next_number(self, prefix: str) -> str:
        return f"{prefix}-{(await self.session.execute(_NEXT)).scalar_one()}"

    async def _put_under(self, ticket: Ticket, content: Content) -> None:
        for model, column, ids in (
            (TicketCategory, "category_id", content.category_ids),
            (TicketLabel, "label_id", content.label_ids),
        ):
            rows = [{"ticket_id": ticket.id, column: one} for one in dict.fromkeys(ids)]
            if rows:
                await self.session.execute(insert(model).values(rows).on_conflict_do_nothing())

    async def _index(self, ticket: Ticket) -> None:
        await self.session.flush()
        await reindex(self.session, ticket)


def _locked(ticket: Ticket, form: FormDefinition) -> frozenset[str]:
    """A draft that was sent back may still answer what nobody has answered."""
    if ticket.submitted_at is None:
        return frozenset()
    open_now = ticket.status == TicketStatus.DRAFT
    answered = ticket.custom_fields_data
    return frozenset(
        one.key for one in form.value_fields if one.locked and not (open_now and answered.get(one.key) is None)
    )


def _whole(ticket: Ticket, content: Content) -> dict[str, Any]:
    """Everything a replay needs to begin with (promises.md, U2)."""
    return {
        "ticket_no": ticket.ticket_no, "title": ticket.title, "description": ticket.description,
        "fields": ticket.custom_fields_data, "priority": ticket.priority, "visibility": ticket.visibility,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None, "assignee_id": ticket.assignee_id,
        "assigned_role_id": ticket.assigned_role_id, "requester_id": ticket.requester_id,
        "template_version_id": ticket.template_version_id, "categories": content.category_ids,
        "labels": content.label_ids, "picks": ticket.picks,
    }  # fmt: skip
