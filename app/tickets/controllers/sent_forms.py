"""Forms that ask for files, as a browser sends them: the files are kept whatever becomes of what was typed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.actor import Actor
from app.attachments.limits import TooLarge
from app.attachments.receiving import Arrival
from app.errors import DomainError, NotFound, Refused
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.file_answers import LEFT_OUT, of_files
from app.ticket_templates.values import input_name
from app.tickets.controllers.uploading import AnyRequest, let_go, received
from app.tickets.draft_files import DraftFiles
from app.tickets.files import Kept
from app.web.forms import MAX_ID, Form, Submitted
from app.web.i18n import gettext as _


@dataclass(slots=True)
class SentForm:
    """`refused`: by input, why its files were not taken."""

    typed: Submitted
    refused: dict[str, DomainError] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return next((error.status_code for error in self.refused.values()), 200)

    def tell(self, form: Form) -> None:
        form.errors |= {name: _said(error) for name, error in self.refused.items()}


async def sent_form(
    request: AnyRequest, actor: Actor, key: str, definition: FormDefinition | None, *, only: str | None = None
) -> SentForm:
    """The files are kept under `key` in a transaction of their own. `only`: those of one field."""
    fields = {input_name(one.key): one.key for one in of_files(definition.fields if definition else ())}
    inputs = [name for name, field_key in fields.items() if only is None or field_key == only]
    if only is not None and not inputs:
        raise NotFound
    async with received(request, inputs=inputs) as (arrival, keep):
        found = SentForm(Submitted(arrival.words), dict(arrival.refused))
        kept = await keep()
        try:
            await _keep(request, actor, key, arrival, kept, fields)
        except (Refused, TooLarge) as error:
            await let_go(request, kept)
            found.refused |= {one.name: error for one in arrival.files}
    return found


async def _keep(
    request: AnyRequest, actor: Actor, key: str, arrival: Arrival, kept: Kept, fields: Mapping[str, str]
) -> None:
    """What was ticked to be left out makes room for the new ones."""
    left_out = _drafts(arrival.words, fields)
    if not kept and not left_out:
        return
    async with request.app.state.database.in_its_own() as session:
        files = DraftFiles(session, actor)
        await files.drop(key, left_out)
        if kept:
            await files.add(key, kept, request.app.state.limits, fields=fields)


def _drafts(words: Mapping[str, list[str]], inputs: Collection[str]) -> list[int]:
    marks = [mark.removeprefix("d") for name in inputs for mark in words.get(name + LEFT_OUT, ()) if mark[:1] == "d"]
    return [int(mark) for mark in marks if mark.isascii() and mark.isdigit() and 0 < int(mark[:20]) <= MAX_ID]


def _said(error: DomainError) -> str:
    return _(next(iter(getattr(error, "errors", {}).values()), error.sentence))
