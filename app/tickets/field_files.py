"""Files that answer a question of the form, attached and taken off one by one: each is a change of that answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.attachments.limits import Limits
from app.attachments.models import TicketAttachment
from app.clock import utc_now
from app.errors import Refused
from app.ticket_templates import values as answers
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldType
from app.ticket_templates.file_answers import ID, described, files_in
from app.tickets.approving.readable import readable_on
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.tickets.files import Files, Kept
from app.tickets.models import Ticket, TicketStatus
from app.web.formats import zone_of
from app.web.i18n import gettext as _


class FieldFiles(Drafting):
    async def attach(self, ticket: Ticket, key: str, kept: Kept, limits: Limits) -> list[TicketAttachment]:
        """To the answer of this field; one that they may not read is none that they could name."""
        self.insist_on_editing(ticket)
        form, readable = await self._form(ticket)
        field = form.field(key) if form else None
        if form is None or field is None or field.type is not FieldType.ATTACHMENT or key not in readable:
            raise Refused.at("field", _("This form has no such field for files."))
        rows = await Files(self.session, self.actor).store(ticket, kept, limits, field_key=key)
        new = [described(row) for row in rows]
        await self._answer(ticket, form, readable, key, [*self._had(ticket, key), *new], new)
        return rows

    async def detach(self, ticket: Ticket, file: TicketAttachment) -> None:
        self.insist_on_editing(ticket)
        form, readable = await self._form(ticket)
        if form is not None and file.field_key is not None:
            left = [one for one in self._had(ticket, file.field_key) if one[ID] != file.id]
            await self._answer(ticket, form, readable, file.field_key, left)

    async def _answer(
        self, ticket: Ticket, form: FormDefinition, readable: frozenset[str], key: str, files: Sequence[dict[str, Any]],
        new: Sequence[dict[str, Any]] = (),
    ) -> None:  # fmt: skip
        """Through the door of all answers, so that its limits and conditions hold."""
        reading = answers.read(
            form, {key: list(files) or None}, now=utc_now(), zone=zone_of(self.actor.time_zone), only=readable,
            before=ticket.custom_fields_data, kept={key: new}, lenient=ticket.status == TicketStatus.DRAFT,
        )  # fmt: skip
        if files and key not in reading.values and not reading.errors:
            raise Refused.at("field", _("This is not asked for, the other answers being as they are."))
        if reading.errors:
            raise Refused(_("Some answers are not as they should be."), reading.errors)
        await self.edit(ticket, Content(ticket.title, description=ticket.description, fields=reading.values))

    async def _form(self, ticket: Ticket) -> tuple[FormDefinition | None, frozenset[str]]:
        form = await self.form_of(ticket)
        if form is None:
            return None, frozenset()
        return form, await readable_on(self.session, self.actor, ticket, form)

    def _had(self, ticket: Ticket, key: str) -> list[dict[str, Any]]:
        stored: Mapping[str, Any] = ticket.custom_fields_data
        return [dict(one) for one in files_in(stored.get(key))]
