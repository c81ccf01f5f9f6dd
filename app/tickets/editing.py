"""One ticket being edited: which questions may be answered anew, and what others changed meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.accounts.repository import people, role_names
from app.clock import utc_now
from app.ticket_templates import values as answers
from app.ticket_templates.asking import Question, labels, questions
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.file_answers import File, of_files
from app.ticket_templates.service import TicketTemplates
from app.ticket_templates.showing import Names, text_of
from app.tickets.approving.asked import asked_for
from app.tickets.approving.picks import PREFIX, PickStep, known, pick_steps_of, problems
from app.tickets.approving.readable import readable_on
from app.tickets.approving.rewinding import LostVote, Rewinding
from app.tickets.content import Content
from app.tickets.draft_files import DraftFiles
from app.tickets.drafting import Drafting
from app.tickets.forms import RequestForm
from app.tickets.models import Ticket
from app.tickets.requesting import people_for
from app.web.formats import zone_of
from app.web.forms import Submitted
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that stands differently on the ticket now from what was typed."""

    label: str
    stored: str
    typed: str


@dataclass(slots=True)
class Page:
    """What the last try came to: others saved meanwhile, or decisions would be lost."""

    is_stale: bool = False
    lost: list[LostVote] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Editing:
    drafting: Drafting
    ticket: Ticket
    definition: FormDefinition | None
    only: frozenset[str]
    """The questions this person may answer: those they may read, without what an approval holds fast."""
    kept: Mapping[str, Sequence[File]] = field(default_factory=dict)
    """Files that were sent for them and are not saved yet, by field."""

    @classmethod
    async def of(cls, drafting: Drafting, ticket: Ticket) -> Self:
        definition = await drafting.form_of(ticket)
        if definition is None:
            return cls(drafting, ticket, None, frozenset())
        only = await readable_on(drafting.session, drafting.actor, ticket, definition)
        files = DraftFiles(drafting.session, drafting.actor)
        kept = await files.for_fields(ticket.ticket_no) if of_files(definition.fields) else {}
        return cls(drafting, ticket, definition, only - await drafting.fixed(ticket, definition), kept)

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.drafting.actor.time_zone)

    @property
    def takes_files(self) -> bool:
        return self.definition is not None and any(one.key in self.only for one in of_files(self.definition.fields))

    @property
    def files_url(self) -> str:
        return f"/tickets/{self.ticket.ticket_no}/edit/files"

    @property
    def stored_at(self) -> str:
        return f"/tickets/{self.ticket.ticket_no}/files"

    @property
    def changes_words(self) -> bool:
        """Title and description are watched: once approved they stay."""
        return self.drafting.may(self.ticket).change_watched

    async def read(self, sent: Submitted) -> RequestForm:
        lenient = self.ticket.status == "draft"
        if not self.changes_words:
            sent = Submitted({**sent.values, "title": [self.ticket.title], "description": [self.ticket.description]})
        typed = RequestForm.read(
            sent, self.definition, now=utc_now(), zone=self.zone, lenient=lenient, only=self.only,
            before=self.ticket.custom_fields_data, kept=self.kept,
        )  # fmt: skip
        if not self.changes_words:
            typed.description = self.ticket.description
        if self.definition is not None:
            templates = TicketTemplates(self.drafting.session, self.drafting.actor)
            typed.errors |= await templates.check_references(self.definition, typed.reading.values)
        steps = await self.pick_steps()
        typed.picks = known(steps, typed.picks)
        typed.errors |= problems(steps, typed.picks, lenient=True)
        return typed

    async def pick_steps(self) -> list[PickStep]:
        """Where whoever asks chooses who approves, for as long as nobody was asked."""
        if self.ticket.status != "draft" or not self.drafting.may(self.ticket).is_owner:
            return []
        return await pick_steps_of(self.drafting.session, self.ticket, self.definition)

    def content(self, typed: RequestForm) -> Content:
        """A form without the choice leaves it as it is."""
        has_picks = any(name.startswith(PREFIX) for name in typed.typed.values)
        return Content(
            title=typed.title, description=typed.description, fields=typed.reading.values,
            picks=typed.picks if has_picks else None,
        )  # fmt: skip

    def version_seen(self, sent: Submitted) -> int:
        """Without a version nobody knows what the editor saw: that is stale too."""
        given = sent.get("version")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0

    async def page(self, typed: RequestForm | None, shown: Page) -> dict[str, Any]:
        rewinding = Rewinding(self.drafting.session, self.drafting.actor)
        picked = await self.pick_steps()
        return {
            "ticket": self.ticket, "editing": self, "form": self._untouched() if typed is None else typed,
            "questions": await self.questions(typed), "ask_url": None,
            "files_url": self.files_url, "stored_at": self.stored_at, "pick_steps": picked,
            "labels": self._labels() | {step.input_name: step.label for step in picked},
            "differences": await self._differences(typed) if typed is not None and shown.is_stale else [],
            "lost": shown.lost, "at_risk": [] if shown.lost else await rewinding.at_risk(self.ticket),
            "has_rounds_left": await rewinding.has_rounds_left(self.ticket),
            "asked": await asked_for(self.drafting.session, self.ticket),
        }  # fmt: skip

    def _untouched(self) -> RequestForm:
        form = RequestForm.fresh(title=self.ticket.title, description=self.ticket.description)
        form.typed.values |= {PREFIX + key: [str(one) for one in ids] for key, ids in self.ticket.picks.items()}
        return form

    async def questions(self, typed: RequestForm | None) -> list[Question]:
        if self.definition is None:
            return []
        answered = self.ticket.custom_fields_data if typed is None else typed.reading.values
        return questions(
            self.definition, answered, now=utc_now(), zone=self.zone, only=self.only,
            people=await people_for(self.drafting.session, self.definition),
            typed=None if typed is None else typed.typed, errors=None if typed is None else typed.errors,
            visible=None if typed is None else typed.reading.visible, before=self.ticket.custom_fields_data,
            kept=self.kept,
        )  # fmt: skip

    def _labels(self) -> dict[str, str]:
        own = {"title": _("Title"), "description": _("Description")}
        return own | (labels(self.definition) if self.definition else {})

    async def _differences(self, typed: RequestForm) -> list[Difference]:
        """What the other one saved, beside what was typed here."""
        found = [
            Difference(label, stored, mine)
            for label, stored, mine in (
                (_("Title"), self.ticket.title, typed.title),
                (_("Description"), self.ticket.description, typed.description),
            )
            if stored != mine
        ]
        return found + await self._differing_answers(typed) if self.definition else found

    async def _differing_answers(self, typed: RequestForm) -> list[Difference]:
        form, stored, mine = self.definition, self.ticket.custom_fields_data, typed.reading.values
        if form is None:
            return []
        before, after = answers.references(form, stored), answers.references(form, mine)
        names = Names(
            people=await people(self.drafting.session, before[0] | after[0]),
            roles=await role_names(self.drafting.session, before[1] | after[1]),
        )
        return [
            Difference(one.label, text_of(one, stored.get(one.key), names), text_of(one, mine.get(one.key), names))
            for one in form.value_fields
            if one.key in self.only and stored.get(one.key) != mine.get(one.key)
        ]
