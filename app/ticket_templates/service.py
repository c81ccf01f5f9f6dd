"""The verbs on ticket templates: create, change the draft, publish, archive, and find the one to ask with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.log import ActivityLog
from app.actor import Actor
from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.jobs import enqueue
from app.publishing.problems import Problem, by_path
from app.publishing.service import Publishable, Publishing
from app.ticket_templates import checks, events, repository, values
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields_repository import closed_in
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.ticket_templates.policy import May
from app.ticket_templates.repository import OfferedTemplate, form_of
from app.web.i18n import gettext as _

TICKET_TEMPLATES = Publishable(
    TicketTemplate, TicketTemplateVersion, events.PUBLISHED, events.ARCHIVED, events.UNARCHIVED
)
INDEX_FIELDS = "tickets.index_fields"
REINDEX = "tickets.reindex"
"""What search knows of the tickets of a form."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a ticket is made from: the template, the version, and its definition read."""

    template: TicketTemplate
    version: TicketTemplateVersion
    definition: FormDefinition


class TicketTemplates:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self.may = May(actor)
        self.life = Publishing(session, actor, TICKET_TEMPLATES, self._problems_of_json)

    async def offered(self) -> list[OfferedTemplate]:
        """The published forms this person may ask with, by name."""
        every = await repository.offered_templates(self.session)
        return [each for each in every if self.may.ask_with(each.usable_by)]

    async def form(self, key: str) -> Form:
        """To ask with: published, not archived, and theirs to use; anything else does not exist."""
        found = await repository.published_by_key(self.session, key)
        if found is None or not self.may.ask_with(form_of(found[1]).usable_by):
            raise NotFound
        return Form(*found, form_of(found[1]))

    async def published_form(self, key: str) -> Form:
        """Whoever may use it: for a submission, which says itself why it is refused. Archived: NotPossible."""
        found = await repository.published_by_key(self.session, key)
        if found is None:
            raise NotPossible("This form is archived or not published, so nothing can be submitted with it.")
        return Form(*found, form_of(found[1]))

    async def find(self, key: str) -> TicketTemplate:
        """For those who shape it; archived and unpublished ones too."""
        template = await repository.template_by_key(self.session, key) if self.may.shape else None
        if template is None:
            raise NotFound
        return template

    async def create(self, definition: Mapping[str, Any]) -> TicketTemplate:
        """With a draft; nobody can ask with it before it is published."""
        self._insist()
        form = FormDefinition.from_json(definition)
        await self._refuse_key(form)
        template = TicketTemplate(key=form.key, name=form.name or form.key)
        _show(template, form)
        self.session.add(template)
        await self._flush_key()
        await self._record_creation(template)
        await self.life.save_draft(template, form.to_json())
        return template

    async def create_and_publish(self, definition: Mapping[str, Any]) -> TicketTemplate:
        """Both or neither: what cannot be published is not created."""
        form = FormDefinition.from_json(definition)
        if found := by_path(problem for problem in await self.problems(form) if problem.blocking):
            raise Refused("This cannot be published yet.", found)
        template = await self.create(definition)
        await self.publish(template)
        return template

    async def change_draft(self, template: TicketTemplate, definition: Mapping[str, Any]) -> TicketTemplateVersion:
        self._insist()
        return await self.life.save_draft(template, self._read(template, definition).to_json())

    async def restore(self, template: TicketTemplate, number: int) -> TicketTemplateVersion:
        """Brings an old version back as the draft."""
        self._insist()
        return await self.life.restore_as_draft(template, number)

    async def publish(self, template: TicketTemplate, *, based_on: int | None = None) -> TicketTemplateVersion:
        """Publishes the draft; tickets that run keep the version they have."""
        self._insist()
        _refuse_archived(template)
        before = await self.life.published(template)
        version = await self.life.publish(template, based_on=based_on)
        return await self._live(template, version, before)

    async def save(
        self, template: TicketTemplate, definition: Mapping[str, Any], *, based_on: int | None = None
    ) -> TicketTemplateVersion:
        """Draft and publication in one go."""
        self._insist()
        _refuse_archived(template)
        form = self._read(template, definition)
        before = await self.life.published(template)
        version = await self.life.save_and_publish(template, form.to_json(), based_on=based_on)
        return await self._live(template, version, before)

    async def archive(self, template: TicketTemplate) -> None:
        self._insist()
        await self.life.archive(template)
        await self._index(template)

    async def unarchive(self, template: TicketTemplate) -> None:
        self._insist()
        await self.life.unarchive(template)
        await self._index(template)

    async def problems(self, form: FormDefinition) -> list[Problem]:
        return checks.problems(form, await repository.facts_about(self.session, form))

    async def check_references(self, form: FormDefinition, answers: Mapping[str, Any]) -> dict[str, str]:
        """Errors by input name for answers that name somebody who is not there, or not any more."""
        people, roles = values.references(form, answers)
        present = await repository.present_people(self.session, people) if people else frozenset()
        teams = await repository.present_roles(self.session, roles) if roles else frozenset()
        missing = {
            one.key: _("This person is not active. Choose another.") if one.type == "user" else _("This role is gone.")
            for one in form.fields
            if (one.type == "user" and answers.get(one.key) in people - present)
            or (one.type == "role" and answers.get(one.key) in roles - teams)
        }
        return {values.input_name(key): sentence for key, sentence in missing.items()}

    async def _index(self, template: TicketTemplate) -> None:
        """What is used in filters may have changed with what is live."""
        await enqueue(self.session, INDEX_FIELDS, {"template": template.id})

    def _insist(self) -> None:
        if not self.may.shape:
            raise NotAllowed("Only an administrator can change ticket templates.")

    def _read(self, template: TicketTemplate, definition: Mapping[str, Any]) -> FormDefinition:
        form = FormDefinition.from_json(definition)
        if form.key != template.key:
            raise Refused("The key of a ticket template stays as it is.", {"key": _("The key stays as it is.")})
        return form

    async def _problems_of_json(self, definition: Mapping[str, Any]) -> Sequence[Problem]:
        return await self.problems(FormDefinition.from_json(definition))

    async def _refuse_key(self, form: FormDefinition) -> None:
        found = [problem for problem in checks.problems(form, checks.Facts()) if problem.path == "key"]
        if found:
            raise Refused("This key cannot be used.", {"key": found[0].sentence})
        if await repository.template_by_key(self.session, form.key) is not None:
            raise _taken()

    async def _flush_key(self) -> None:
        """Two at once with the same key: the index decides."""
        try:
            async with self.session.begin_nested():
                await self.session.flush()
        except IntegrityError as error:
            raise _taken() from error

    async def _record_creation(self, template: TicketTemplate) -> None:
        log, subject = ActivityLog(self.session, self.actor), TicketTemplate.__tablename__
        await log.audit_about(events.CREATED, subject, template.id, key=template.key, name=template.name)

    async def _live(
        self, template: TicketTemplate, version: TicketTemplateVersion, before: TicketTemplateVersion | None
    ) -> TicketTemplateVersion:
        _show(template, form_of(version))
        await self._index(template)
        if before is not None and closed_in([before]) != closed_in([version]):
            await enqueue(self.session, REINDEX, {"template": template.id})
        return version


def _show(template: TicketTemplate, form: FormDefinition) -> None:
    """The row repeats what lists show of the published version."""
    template.name, template.description = form.name or form.key, form.description
    template.icon, template.prefix = form.icon, form.prefix


def _refuse_archived(template: TicketTemplate) -> None:
    if template.archived_at is not None:
        raise NotPossible("This ticket template is archived. Bring it back first.")


def _taken() -> Refused:
    return Refused("This key is taken.", {"key": _("Another ticket template has this key.")})
