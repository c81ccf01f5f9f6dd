"""One row at a time through the door of a typed request: what is wrong with it, or the ticket it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.errors import DomainError, NotPossible, Refused
from app.ticket_templates.asking import labels as labels_of
from app.ticket_templates.file_answers import of_files
from app.ticket_templates.service import Form
from app.ticket_templates.values import input_name
from app.tickets.approving.picks import PREFIX as PICKED
from app.tickets.drafting import Drafting
from app.tickets.forms import RequestForm
from app.tickets.importing.columns import Cells, Problems
from app.tickets.importing.models import Import
from app.tickets.importing.people import Names
from app.tickets.importing.service import Imports
from app.tickets.models import Ticket
from app.tickets.requesting import Asking
from app.web.i18n import gettext as _

Told = list[list[str]]
"""Pairs of a column's heading, or of the field that no column fills, and what is wrong there."""


class RowRefused(DomainError):
    status_code = 422

    def __init__(self, told: Told) -> None:
        super().__init__("Some answers are not as they should be.")
        self.told = told


@dataclass(frozen=True, slots=True)
class Rows:
    """An import as it is read now: by its form as it is published."""

    asking: Asking
    cells: Cells
    labels: Mapping[str, str]
    headings: Sequence[str]
    submits: bool

    @classmethod
    async def of(cls, session: AsyncSession, actor: Actor, imported: Import, names: Names) -> "Rows":
        imports = Imports(session, actor)
        form: Form | None = await imports.form(imported.form_key)
        definition = form.definition if form else None
        labels = {target.name: target.label for target in imports.targets(definition)}
        labels |= labels_of(definition) if definition else {}
        cells = Cells(definition, imported.targets, names)
        return cls(Asking(session, actor, form), cells, labels, imported.headings, imported.submits)

    async def problems(self, cells: Sequence[str]) -> Told:
        _typed, found = await self._read(cells)
        return self._told(found)

    async def make(self, cells: Sequence[str]) -> Ticket:
        """By the services of the page; its approval starts as it would from there."""
        typed, found = await self._read(cells)
        if found:
            raise RowRefused(self._told(found))
        drafting = Drafting(self.asking.session, self.asking.actor)
        try:
            ticket = await drafting.start(typed.content(self.asking.definition), form=self.asking.form)
            if self.submits and (await drafting.submit(ticket)).outdated:
                raise NotPossible("The form was published anew just now. Check the rows again.")
        except Refused as refused:
            raise RowRefused(self._told(refused.errors or {"": refused.sentence})) from refused
        return ticket

    async def _read(self, cells: Sequence[str]) -> tuple[RequestForm, Problems]:
        sent, unreadable = self.cells.typed(cells)
        typed = await self.asking.read_whole(sent, lenient=not self.submits)
        return typed, typed.errors | self._not_in_a_cell(typed.errors) | unreadable

    def _not_in_a_cell(self, found: Mapping[str, str]) -> Problems:
        """What no other cell would mend says what is possible instead."""
        form = self.cells.form
        files = {input_name(one.key) for one in (of_files(form.fields) if form else ())}
        no_files = _("A CSV file brings no files: keep the rows as drafts, and attach one there.")
        no_people = _("A CSV file does not say who approves: keep the rows as drafts, and choose there.")
        return {name: no_files for name in found if name in files} | {
            name: no_people for name in found if name.startswith(PICKED)
        }

    def _told(self, found: Mapping[str, str]) -> Told:
        """In the order of the columns; then what no column fills."""
        by_name = {name: heading for name, heading in zip(self.cells.targets, self.headings, strict=False) if name}
        ordered = sorted(found, key=lambda name: list(by_name).index(name) if name in by_name else len(by_name))
        return [[by_name.get(name) or self.labels.get(name, ""), _(found[name])] for name in ordered]
