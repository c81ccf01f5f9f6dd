"""What the pages of a new request and of an edit show: questions with what was typed, pickers, who would approve."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import active_people, active_roles
from app.activity.vocabulary import word
from app.actor import Actor
from app.catalogue.repository import known_tree
from app.clock import utc_now
from app.ticket_templates import values as answers
from app.ticket_templates.asking import People, Question, labels, questions
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldType
from app.ticket_templates.file_answers import File, of_files
from app.ticket_templates.gallery import Gallery, gallery
from app.ticket_templates.repository import OfferedTemplate
from app.ticket_templates.service import Form, TicketTemplates
from app.tickets.approving.forecast import Forecast, forecast, subject_typed
from app.tickets.approving.picks import PickStep, flow_of_form, known, pick_steps, problems
from app.tickets.content import Content
from app.tickets.draft_files import DraftFiles
from app.tickets.forms import RequestForm
from app.tickets.models import Priority, Visibility
from app.tickets.repository import used_templates
from app.tickets.typed import Begun
from app.web.formats import zone_of
from app.web.forms import Submitted
from app.web.i18n import gettext as _

BLANK = "blank"
"""The key of a request without a ticket template; no template may have it."""


async def gallery_for(session: AsyncSession, actor: Actor, words: str) -> Gallery:
    tree = (await known_tree(session)).in_order()
    places = [(one.category.id, one.full_name, one.category.icon) for one in tree if not one.category.is_archived]
    offered = await TicketTemplates(session, actor).offered()
    used = await used_templates(session, actor)
    return gallery(offered, categories=places, used=used, words=words, other=_("Everything else"))


@dataclass(frozen=True, slots=True)
class HalfTyped:
    """What one may go on with: a form that is still theirs to use, or none."""

    begun: Begun
    form: OfferedTemplate | None


def half_typed(found: Gallery, begun: Iterable[Begun]) -> list[HalfTyped]:
    offered = {one.key: one for shelf in found.shelves for one in shelf.templates}
    return [HalfTyped(one, offered.get(one.key)) for one in begun if one.key in offered or one.key == BLANK]


@dataclass(frozen=True, slots=True)
class Asking:
    """One request being written by one person, from one form or from none."""

    session: AsyncSession
    actor: Actor
    form: Form | None
    kept: Mapping[str, Sequence[File]] = field(default_factory=dict)
    """Files that were sent for its questions, by field."""

    @property
    def key(self) -> str:
        return self.form.definition.key if self.form else BLANK

    @property
    def definition(self) -> FormDefinition | None:
        return self.form.definition if self.form else None

    @property
    def has_flow(self) -> bool:
        return self.definition is not None and self.definition.approval_template is not None

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.actor.time_zone)

    @property
    def takes_files(self) -> bool:
        return self.definition is not None and bool(of_files(self.definition.fields))

    async def with_files(self) -> "Asking":
        """And those that this person has sent for its questions so far."""
        if not self.takes_files:
            return self
        return replace(self, kept=await DraftFiles(self.session, self.actor).for_fields(self.key))

    def read(self, sent: Submitted, *, lenient: bool) -> RequestForm:
        return RequestForm.read(sent, self.definition, now=utc_now(), zone=self.zone, lenient=lenient, kept=self.kept)

    async def read_whole(self, sent: Submitted, *, lenient: bool) -> RequestForm:
        """With the answers that name people and roles looked up."""
        typed = self.read(sent, lenient=lenient)
        if self.definition is not None:
            templates = TicketTemplates(self.session, self.actor)
            typed.errors |= await templates.check_references(self.definition, typed.reading.values)
        steps = await self.pick_steps(typed)
        typed.picks = known(steps, typed.picks)
        typed.errors = problems(steps, typed.picks, lenient=lenient) | typed.errors
        return typed

    async def pick_steps(self, typed: RequestForm | None) -> list[PickStep]:
        """Where whoever asks chooses who approves."""
        if self.form is None:
            return []
        flow = await flow_of_form(self.session, self.definition)
        subject = subject_typed(self.actor, self.form, self._content(typed))
        return await pick_steps(self.session, self.actor.id, subject, flow)

    async def page(self, typed: RequestForm | None, *, saved_at: datetime | None = None) -> dict[str, Any]:
        """`typed`: none for a form that nobody has touched; its errors are shown as they are."""
        shown, picked = RequestForm(Submitted()) if typed is None else typed, await self.pick_steps(typed)
        return {
            "asking": self, "form": shown, "saved_at": saved_at, "questions": await self.questions(typed),
            "files": await DraftFiles(self.session, self.actor).of(self.key), "refused": "",
            "labels": self._labels(picked), "pick_steps": picked, "forecast": await self.forecast(typed),
            "pickers": await self._pickers(), "defaults": self._defaults(),
            "ask_url": f"/tickets/new/{self.key}/questions", "files_url": f"/tickets/new/{self.key}/files",
        }  # fmt: skip

    async def questions(self, typed: RequestForm | None) -> list[Question]:
        if self.definition is None:
            return []
        now, picked = utc_now(), await people_for(self.session, self.definition)
        if typed is None:
            first = {**answers.default_values(self.definition), **self.kept}
            return questions(self.definition, first, now=now, zone=self.zone, people=picked, kept=self.kept)
        reading = typed.reading
        return questions(
            self.definition, reading.values, now=now, zone=self.zone, people=picked, typed=typed.typed,
            errors=typed.errors, visible=reading.visible, kept=self.kept,
        )  # fmt: skip

    async def forecast(self, typed: RequestForm | None) -> Forecast:
        """From what can be read of it so far."""
        return await forecast(self.session, self.actor, self.form, self._content(typed))

    def _content(self, typed: RequestForm | None) -> Content:
        seen = self.read(Submitted(), lenient=True) if typed is None else typed
        content = seen.content(self.definition)
        if typed is None and self.definition is not None:
            content.fields = {**answers.default_values(self.definition), **self.kept}
        return content

    def _labels(self, picked: Iterable[PickStep]) -> Mapping[str, str]:
        own = {"title": _("Title"), "description": _("Description"), "due_at": _("Due"), "priority": _("Priority")}
        own |= {step.input_name: step.label for step in picked}
        return own | (labels(self.definition) if self.definition else {})

    def _defaults(self) -> dict[str, str]:
        form = self.definition
        return {
            "priority": form.default_priority if form else Priority.MEDIUM,
            "visibility": form.default_visibility if form else Visibility.INTERNAL,
        }

    async def _pickers(self) -> dict[str, list[dict[str, Any]]]:
        asks_for_others = self.actor.is_manager or self.actor.is_admin
        persons = await active_people(self.session) if asks_for_others else []
        return {
            "people": [{"value": row.id, "label": row.name} for row in persons if row.id != self.actor.id],
            "priorities": [{"value": str(one), "label": word(one)} for one in Priority],
            "visibilities": [
                {"value": "internal", "label": _("Everybody here")},
                {"value": "restricted", "label": _("Only those involved: you, who approves, who works on it")},
            ],
        }


async def people_for(session: AsyncSession, definition: FormDefinition) -> People:
    """Only where a question asks for somebody."""
    kinds = {one.type for one in definition.fields}
    users = [(row.id, row.name) for row in await active_people(session)] if FieldType.USER in kinds else []
    roles = [(row.id, row.name) for row in await active_roles(session)] if FieldType.ROLE in kinds else []
    return People(users=users, roles=roles)
