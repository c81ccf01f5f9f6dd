"""Everything that the page of one ticket shows, in a fixed number of queries; the page and its swaps share it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.accounts.repository import active_people, active_roles
from app.activity.vocabulary import status_word, word
from app.actor import Actor
from app.attachments.models import TicketAttachment, TicketNoteAttachment
from app.catalogue.models import LabelCard
from app.catalogue.names import names_for
from app.catalogue.repository import known_labels, known_tree
from app.errors import DomainError
from app.ticket_templates import values as answers
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.repository import FormVersion, form_of, versions_by_id
from app.ticket_templates.showing import Names as FieldNames
from app.ticket_templates.showing import Row, display
from app.tickets import timeline
from app.tickets.approving.asked import Asked, asked_for
from app.tickets.approving.card import ApprovalCard, card_for
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.approving.readable import readable_on
from app.tickets.approving.rewinding import LostVote, WouldRewind
from app.tickets.asking_for_access.repository import Asker, askers_of
from app.tickets.files import Files, files_of_comments
from app.tickets.hanging import Hanging, hanging_on
from app.tickets.linking.models import Relation
from app.tickets.linking.repository import Linked, links_of, numbers_of
from app.tickets.live import Newest, newest, newest_of
from app.tickets.meanwhile import day_of, whom
from app.tickets.mentions.desk import WouldNotHear
from app.tickets.mentions.repository import Mentioned, mentioned_on
from app.tickets.models import DONE, Priority, Ticket
from app.tickets.moves import MoveButton, buttons
from app.tickets.policy import May
from app.tickets.seers import Grant, Seer, grants_of, is_approver, seers_of
from app.tickets.timeline import Reader, Timeline
from app.tickets.unsent.desk import CommentDrafts
from app.tickets.unsent.models import CommentDraft
from app.tickets.watchers.repository import watchers_of
from app.web.i18n import gettext as _
from app.web.i18n import series
from app.web.markdown import Images, Names, made_ready


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused, in which of the page's forms, with what was typed there."""

    form: str = ""
    sentence: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    lost: Sequence[LostVote] = ()
    """The decisions that it would have cost: it can be sent again with a yes to that."""
    unheard: WouldNotHear | None = None
    """Who would not have heard of it, though it calls them: it can be sent again all the same."""

    @classmethod
    def of(cls, form: str, error: DomainError, typed: Mapping[str, list[str]]) -> "Refusal":
        errors = {name: _(said) for name, said in getattr(error, "errors", {}).items()}
        possible = [word(code) for code in error.extra.get("possible", ())]
        sentence = _(error.sentence)
        if possible:
            sentence += " " + _("Possible now: %(moves)s.") % {"moves": series(possible)}
        lost = error.lost if isinstance(error, WouldRewind) else ()
        unheard = error if isinstance(error, WouldNotHear) else None
        return cls(form, sentence, errors, {name: given[0] for name, given in typed.items() if given}, lost, unheard)

    def text(self, form: str, name: str) -> str:
        return self.typed.get(name, "") if self.form == form else ""


@dataclass(frozen=True, slots=True)
class Pickers:
    """What properties may be set to; empty for whoever may not set them."""

    people: list[dict[str, Any]] = field(default_factory=list)
    roles: list[dict[str, Any]] = field(default_factory=list)
    labels: list[tuple[LabelCard, bool]] = field(default_factory=list)
    categories: list[tuple[int, str, bool]] = field(default_factory=list)
    priorities: list[tuple[str, str]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)


_IN_THE_RAIL = {"priority", "due-date", "assignment", "labels", "categories", "visibility", "grants", "links"}


@dataclass(frozen=True, slots=True)
class AboutTicket:
    ticket: Ticket
    may: May
    card: ApprovalCard | None
    form_name: str
    form_version: int | None
    has_free_answers: bool
    fields: list[Row]
    timeline: Timeline
    is_approver: bool
    people: Mapping[int, User]
    assigned_role: str | None
    labels: Sequence[LabelCard]
    categories: Sequence[tuple[int, str]]
    grants: Sequence[Grant]
    seers: list[Seer]
    moves: list[MoveButton]
    pickers: Pickers
    newest: Newest
    watchers: Sequence[User] = ()
    draft: CommentDraft | None = None
    """What this reader has typed into a comment and not sent."""
    mentioned: Mentioned = field(default_factory=lambda: Mentioned({}))
    asked: Asked | None = None
    askers: Sequence[Asker] = ()
    """Who asks to see it and does not yet; for those who may open it to them."""
    links: Sequence[Linked] = ()
    files: Sequence[TicketAttachment] = ()
    comment_files: Mapping[int, list[TicketNoteAttachment]] = field(default_factory=dict)
    """By comment."""

    @property
    def status(self) -> str:
        is_returned = self.ticket.status == "draft" and self.ticket.approval == "returned"
        return "returned" if is_returned else str(self.ticket.status)

    @property
    def is_done(self) -> bool:
        return self.ticket.status in DONE

    @property
    def status_label(self) -> str:
        return status_word(self.ticket.status, self.ticket.approval)

    @property
    def priority_label(self) -> str:
        return word(self.ticket.priority)

    @property
    def can_be_edited(self) -> bool:
        """Where an approval holds fast every part of it, there is nothing to edit."""
        return self.may.edit_content and (self.may.change_watched or self.has_free_answers)

    @property
    def is_restricted(self) -> bool:
        return self.ticket.visibility == "restricted"

    @property
    def creator(self) -> User | None:
        return self.people.get(self.ticket.created_by)

    @property
    def requester(self) -> User | None:
        return self.people.get(self.ticket.requester_id)

    @property
    def assignee(self) -> User | None:
        return self.people.get(self.ticket.assignee_id or 0)

    @property
    def is_watching(self) -> bool:
        return any(one.id == self.may.actor.id for one in self.watchers)

    @property
    def due_day(self) -> str:
        return day_of(self.ticket.due_at)

    @property
    def assigned(self) -> str:
        return whom(self.ticket.assignee_id, self.ticket.assigned_role_id)

    @property
    def images(self) -> tuple[tuple[str, str], ...]:
        """What its description may show: its own files."""
        place = f"/tickets/{self.ticket.ticket_no}/files"
        return tuple((one.file_name, f"{place}/{one.id}") for one in self.files if one.is_image)

    def images_of(self, note_id: int) -> tuple[tuple[str, str], ...]:
        """What the text of this comment may show."""
        place = f"/tickets/{self.ticket.ticket_no}/comment-files"
        files = self.comment_files.get(note_id, [])
        return tuple((one.file_name, f"{place}/{one.id}") for one in files if one.is_image)

    @property
    def prose(self) -> Iterator[tuple[str, Images, Names]]:
        """The texts that its page shows formatted, each with what belongs to it."""
        yield self.ticket.description, self.images, self.mentioned.description
        yield self.ticket.resolution or "", (), self.mentioned.description
        for entry in self.timeline.entries:
            if entry.is_comment:
                yield entry.text, self.images_of(entry.id), self.mentioned.comments.get(entry.id, ())

    def where_told(self, refusal: Refusal) -> str:
        """At the form that was refused, where that is still drawn, or above everything. What asks back says so."""
        is_told_at_the_field = refusal.form == "links" and "ticket_no" in refusal.errors
        if not refusal.sentence or refusal.lost or refusal.unheard or is_told_at_the_field:
            return ""
        if refusal.form == "comments":
            return "comment" if self.may.comment else "top"
        if refusal.form.startswith("comment-"):
            return "comment" if refusal.form in self._own_comments() else "top"
        if refusal.form.startswith("files"):
            return "files" if self.files or self.may.add_files else "top"
        return "rail" if refusal.form in _IN_THE_RAIL else "top"

    def _own_comments(self) -> set[str]:
        comments = [one for one in self.timeline.entries if one.is_comment and one.author]
        return {f"comment-{one.id}" for one in comments if one.author and self.may.remove_comment(one.author.id)}

    def unsent(self, refusal: Refusal, name: str) -> str:
        """What stands in the composer: what was just refused, or what was kept."""
        kept = {"note": self.draft.text, "audience": self.draft.audience} if self.draft else {}
        return refusal.text("comments", name) or kept.get(name, "")

    @property
    def composer_key(self) -> str:
        """Changes with each comment of one's own: then the text that was sent leaves the page, and never before."""
        mine = [
            one.id
            for one in self.timeline.entries
            if one.is_comment and one.author and one.author.id == self.may.actor.id
        ]
        return f"composer-{mine[-1] if mine else 0}"


async def about(
    session: AsyncSession,
    actor: Actor,
    ticket: Ticket,
    *,
    activity: str = timeline.ALL,
    before: int | None = None,
    around: int | None = None,
    size: int = timeline.PAGE_SIZE,
) -> AboutTicket:
    """The ticket was found for this actor: what is gathered here hangs on it. `around`: a note that is asked for."""
    may, there = May(actor, ticket), await hanging_on(session, actor, ticket)
    has_approval = "approval" in there.kinds
    approver = (has_approval or actor.is_admin) and await is_approver(session, actor, ticket)
    version = (await versions_by_id(session, [ticket.template_version_id])).get(ticket.template_version_id or 0)
    reader = await reader_of(session, may, version, approver)
    if around is not None:
        before = await timeline.page_with(session, ticket.id, reader, around)
    notes, older = await timeline.rows_before(session, ticket.id, reader, activity=activity, before=before, size=size)
    comments = [row.id for row in notes if not row.system]
    ids = timeline.ids_in(notes, reader)
    ids.people |= {ticket.created_by, ticket.requester_id, ticket.assignee_id or 0}
    ids.roles |= {ticket.assigned_role_id or 0}
    _add_answers(ids, reader.form, ticket)
    names = replace(await names_for(session, ids), tickets=await numbers_of(session, actor, ids.tickets))
    shown = FieldNames(people=names.people, roles=names.roles)
    is_latest = activity == timeline.ALL and before is None
    shown_last = newest_of(notes, ticket) if is_latest else None
    is_whole = is_latest and older is None
    counts = timeline.counts_at_hand(notes) if is_whole else await timeline.counts(session, ticket.id, reader)
    this = AboutTicket(
        ticket=ticket, may=may, card=await _card(session, actor, ticket) if has_approval else None,
        form_name=version.name if version else "",
        form_version=version.number if version else None, has_free_answers=_has_free_answers(reader),
        fields=display(reader.form, ticket.custom_fields_data, shown, only=reader.readable) if reader.form else [],
        timeline=Timeline(timeline.entries(notes, names, reader), older, counts, activity, newer=before is not None),
        is_approver=approver, people=names.people, assigned_role=names.roles.get(ticket.assigned_role_id or 0),
        labels=there.labels, categories=there.categories,
        grants=await grants_of(session, ticket) if "grant" in there.kinds else [], moves=buttons(may),
        seers=[] if ticket.open_to_all else await seers_of(session, ticket),
        pickers=await _pickers(session, may, there),
        newest=shown_last or await newest(session, actor, ticket.id) or Newest(0, ticket.version),
        watchers=await watchers_of(session, ticket) if "watcher" in there.kinds else [],
        draft=await CommentDrafts(session, actor).of(ticket, is_approver=approver) if "draft" in there.kinds else None,
        mentioned=await mentioned_on(session, ticket, comments) if "mention" in there.kinds else Mentioned({}),
        asked=await asked_for(session, ticket),
        askers=await askers_of(session, ticket) if may.share and not ticket.open_to_all else [],
        links=await links_of(session, actor, ticket) if "link" in there.kinds else [],
        files=await Files(session, actor).of(ticket) if "file" in there.kinds else [],
        comment_files=await files_of_comments(session, comments) if "comment_file" in there.kinds else {},
    )  # fmt: skip
    await made_ready(this.prose)
    return this


async def _card(session: AsyncSession, actor: Actor, ticket: Ticket) -> ApprovalCard | None:
    """Of its latest approval, with this reader's decision where it is theirs to make."""
    running = await ApprovalDesk(session, actor).running(ticket)
    return await card_for(session, actor, ticket, running) if running else None


async def reader_of(session: AsyncSession, may: May, version: FormVersion | None, approver: bool) -> Reader:
    form = form_of(version) if version else None
    readable = await readable_on(session, may.actor, may.ticket, form) if form else frozenset[str]()
    return Reader(may.actor, approver, form, readable)


def _has_free_answers(reader: Reader) -> bool:
    free = reader.readable - answers.watched(reader.form) if reader.form else frozenset()
    return any(one.holds_a_value and one.key in free for one in (reader.form.fields if reader.form else ()))


def _add_answers(ids: Any, form: FormDefinition | None, ticket: Ticket) -> None:
    if form is not None:
        persons, roles = answers.references(form, ticket.custom_fields_data)
        ids.people |= persons
        ids.roles |= roles


async def _pickers(session: AsyncSession, may: May, there: Hanging) -> Pickers:
    labels, categories = {one.id for one in there.labels}, {one for one, _name in there.categories}
    chooses_people = may.assign or may.share
    persons = await active_people(session) if chooses_people else []
    roles = await active_roles(session) if chooses_people else []
    if not may.edit_properties:
        return Pickers(_options(persons), _options(roles))
    every = [one for one in await known_labels(session) if not one.is_archived or one.id in labels]
    tree = [one for one in (await known_tree(session)).in_order() if not one.category.is_archived]
    return Pickers(
        _options(persons), _options(roles), [(one, one.id in labels) for one in every],
        [(one.category.id, one.full_name, one.category.id in categories) for one in tree],
        [(str(code), word(code)) for code in reversed(Priority)],
        [{"value": str(code), "label": word(code)} for code in Relation],
    )  # fmt: skip


def _options(rows: Any) -> list[dict[str, Any]]:
    return [{"value": row.id, "label": row.name} for row in rows]
