"""The verbs on imports: begin one, say what its columns mean, run it, cancel it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.errors import NotFound, NotPossible, Refused, TooMany
from app.jobs import enqueue
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.service import Form, TicketTemplates
from app.tickets.importing.columns import Offer, Target, guessed, needs_files, no_files, offer_of, targets_of
from app.tickets.importing.models import Import, ImportRow, ImportStatus
from app.tickets.importing.repository import forget_checks, own_import, sent_before, under_way
from app.tickets.importing.table import Table
from app.tickets.requesting import BLANK
from app.web.i18n import N_
from app.web.i18n import gettext as _

KEPT = timedelta(days=7)
MOST_AT_ONCE = 2
CARRY_ON = "tickets.carry_on_import"
NO_FORM = N_("This form is archived, or not yours to use any more.")


class Imports:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def form(self, key: str) -> Form | None:
        """What this person may ask with; anything else does not exist."""
        return None if key == BLANK else await TicketTemplates(self.session, self.actor).form(key)

    def targets(self, form: FormDefinition | None) -> list[Target]:
        return targets_of(form, self.actor)

    async def offer_now(self, imported: Import) -> Offer:
        """Nothing where its form is archived by now, or not theirs to use any more."""
        try:
            form = await self.form(imported.form_key)
        except NotFound:
            return Offer()
        return offer_of(form.definition if form else None, imported.headings, self.actor)

    async def begin(self, table: Table, *, file_name: str, form_key: str, command: str) -> Import:
        """With what its headings say by themselves; nothing is checked before somebody has looked at that. Drafts are
        proposed where no row could be submitted."""
        known = await sent_before(self.session, self.actor, command)
        if known is not None:
            return known
        form = await self.form(form_key)
        definition = form.definition if form else None
        targets = guessed(table.headings, self.targets(definition))
        imported = Import(
            user_id=self.actor.id, command=command, file_name=file_name, form_key=form_key, headings=table.headings,
            targets=targets, submits=not needs_files(definition), expires_at=utc_now() + KEPT,
        )  # fmt: skip
        self.session.add(imported)
        await self.session.flush()
        rows = [ImportRow(import_id=imported.id, number=number, cells=cells) for number, cells in table.rows.items()]
        self.session.add_all(rows)
        await self.session.flush()
        return imported

    async def find(self, import_id: int, *, lock: bool = False) -> Import:
        found = await own_import(self.session, self.actor, import_id, utc_now(), lock=lock)
        if found is None:
            raise NotFound
        return found

    async def map(self, imported: Import, targets: Sequence[str], *, submits: bool) -> None:
        """Every row is checked anew."""
        if not imported.can_be_mapped:
            raise NotPossible("This import has begun: what its columns mean stays as it is.")
        offer = await self.offer_now(imported)
        if not offer.targets:
            raise NotPossible(NO_FORM)
        self._insist_on(targets, imported, offer)
        imported.targets, imported.submits = list(targets), submits
        await forget_checks(self.session, imported.id)
        await self._go_on(imported, ImportStatus.CHECKING)

    async def run(self, imported: Import) -> None:
        if imported.status != ImportStatus.CHECKED:
            raise NotPossible("This import can begin when all of its rows are checked, and once.")
        await self._go_on(imported, ImportStatus.RUNNING)

    async def cancel(self, imported: Import) -> None:
        """What was imported stays; what waits does not come any more."""
        if not imported.can_be_cancelled:
            raise NotPossible("This import is over.")
        imported.status = ImportStatus.CANCELLED
        await self.session.flush()

    async def _go_on(self, imported: Import, status: ImportStatus) -> None:
        if not imported.is_under_way and await under_way(self.session, self.actor) >= MOST_AT_ONCE:
            raise TooMany("Two of your imports are under way already. Wait until one is done.")
        imported.status, imported.round = status, imported.round + 1
        await self.session.flush()
        await enqueue(self.session, CARRY_ON, {"import": imported.id}, key=f"{imported.id}:{imported.round}")

    def _insist_on(self, targets: Sequence[str], imported: Import, offer: Offer) -> None:
        names = {target.name for target in offer.targets}
        errors: dict[str, str] = {}
        if len(targets) != len(imported.headings):
            errors[""] = _("One for each column.")
        for at, name in enumerate(targets):
            if name and name not in names:
                errors[f"column-{at}"] = no_files() if name in offer.files else _("This form has no such field.")
            elif name and name in targets[:at]:
                errors[f"column-{at}"] = _("Another column fills this already.")
        if "title" not in targets:
            errors.setdefault("", _("One column must be the title."))
        if errors:
            raise Refused(_("The columns are not as they should be."), errors)
