"""Asking for the same again: a request of one's own, with what one may read of another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.attachments.limits import Limits
from app.attachments.models import TicketAttachment
from app.attachments.receiving import Received
from app.attachments.storage import Storage, new_key
from app.clock import utc_now
from app.errors import NotFound, NotPossible
from app.ticket_templates import values as answers
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.file_answers import ID, described, files_in
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.service import Form, TicketTemplates
from app.tickets.approving.readable import readable_on
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.tickets.files import Files
from app.tickets.hanging import hanging_on
from app.tickets.linking.desk import Linking
from app.tickets.linking.models import Relation
from app.tickets.models import Ticket, Visibility
from app.web.formats import zone_of
from app.web.i18n import gettext as _


class Copying(Drafting):
    """Whoever copies is who asks: they approve it as little as any request of theirs. Nothing that was decided or said
    comes along; who approves is picked anew. Files do, as files of their own: those that this person may read."""

    def __init__(self, session: AsyncSession, actor: Actor, storage: Storage, limits: Limits) -> None:
        super().__init__(session, actor)
        self.storage, self.limits = storage, limits

    async def copy(self, ticket: Ticket) -> Ticket:
        """A draft in the form as it is published now; of a restricted ticket a restricted one."""
        form = await self._form_to_ask_with(ticket)
        content = await self._content(ticket, form)
        answered, content.fields = content.fields, _without_files(content.fields)
        copy = await self.start(content, form=form)
        await self._copy_files(ticket, copy, answered)
        await Linking(self.session, self.actor, other_no=ticket.ticket_no).link(copy, Relation.RELATES)
        return copy

    async def _form_to_ask_with(self, ticket: Ticket) -> Form | None:
        if ticket.template_id is None:
            return None
        key = select(TicketTemplate.key).filter_by(id=ticket.template_id)
        try:
            return await TicketTemplates(self.session, self.actor).form((await self.session.execute(key)).scalar_one())
        except NotFound as error:
            raise NotPossible("Nothing can be asked for with this form any more, or not by you.") from error

    async def _copy_files(self, ticket: Ticket, copy: Ticket, answered: Mapping[str, Any]) -> None:
        """The bytes first: where the rest is refused no row names them, and the sweep takes them away."""
        desk = Files(self.session, self.actor)
        files = {one.id: one for one in await desk.readable_of(ticket)}
        own = [one for one in files.values() if one.field_key is None]
        if own:
            await desk.add(copy, [await self._copied(one) for one in own], self.limits)
        fields = dict(copy.custom_fields_data)
        for key, value in answered.items():
            listed = [files[one[ID]] for one in files_in(value) if one[ID] in files]
            if listed:
                kept = [await self._copied(one) for one in listed]
                rows = await desk.store(copy, kept, self.limits, field_key=key)
                fields[key] = [described(row) for row in rows]
        await self.complete(copy, fields)

    async def _copied(self, file: TicketAttachment) -> tuple[str, Received]:
        key = new_key()
        try:
            await self.storage.copy(file.storage_path, key)
        except FileNotFoundError as error:
            sentence = _("The bytes of %(name)s are missing from the storage. Tell an administrator.")
            raise NotPossible(sentence % {"name": file.file_name}) from error
        return key, Received(file.file_name, file.size, file.mime_type, file.sha256, Path(key))

    async def _content(self, ticket: Ticket, form: Form | None) -> Content:
        there = await hanging_on(self.session, self.actor, ticket)
        secret = ticket.visibility == Visibility.RESTRICTED
        content = Content(
            ticket.title, description=ticket.description, priority=ticket.priority,
            category_ids=[one for one, _name in there.categories],
            label_ids=[one.id for one in there.labels if not one.is_archived],
        )  # fmt: skip
        if form is not None:
            shape = form.definition
            content.assignee_id, content.assigned_role_id = shape.default_assignee_id, shape.default_assigned_role_id
            content.visibility = shape.default_visibility
            content.fields = await self._answers(ticket, shape)
        if secret:
            content.visibility = Visibility.RESTRICTED
        return content

    async def _answers(self, ticket: Ticket, shape: FormDefinition) -> dict[str, Any]:
        """Those that this person may read, and that the form would still take."""
        old = await self.form_of(ticket)
        if old is None:
            return {}
        readable = await readable_on(self.session, self.actor, ticket, old)
        kept = {
            one.key: ticket.custom_fields_data[one.key]
            for one in shape.value_fields
            if one.key in readable and one.key in ticket.custom_fields_data and _is_same(one, old)
        }
        reading = answers.read(
            shape, kept, now=utc_now(), zone=zone_of(self.actor.time_zone), lenient=True,
            before=answers.default_values(shape), kept={key: files_in(value) for key, value in kept.items()},
        )  # fmt: skip
        wrong = reading.errors | await TicketTemplates(self.session, self.actor).check_references(shape, reading.values)
        return {key: value for key, value in reading.values.items() if answers.input_name(key) not in wrong}


def _without_files(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if not files_in(value)}


def _is_same(one: Any, old: FormDefinition) -> bool:
    before = old.field(one.key)
    return before is not None and before.type is one.type
