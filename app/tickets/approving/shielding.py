"""Sentences of conditions, without the values of answers that their reader may not read (approvals.md, rule 9)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.context import Verdict
from app.approvals.core.definition import Step
from app.approvals.core.state import StepRun
from app.tickets.approving.events import SAME_PERSON
from app.tickets.approving.readable import readable_on
from app.tickets.approving.subject import Subject
from app.tickets.approving.watching import fields_in
from app.tickets.hearing import HIDDEN
from app.tickets.models import Ticket
from app.web.formats import amounts
from app.web.i18n import gettext as _
from app.web.i18n import own_words


@dataclass(frozen=True, slots=True)
class Shield:
    """`hidden`: keys of the fields that this reader may not read."""

    hidden: frozenset[str] = frozenset()

    def why_there(self, step: Step, verdict: Verdict | None) -> str:
        """Rule 5: what could not be compared opens the step, and says so."""
        said = self.said(step, verdict)
        if verdict is None or not said:
            return ""
        if verdict.skips:
            return _("Opened by an administrator, although %(why)s") % {"why": said}
        message = _("Asked to be safe: %(why)s") if verdict.undecided else _("Because %(why)s")
        return message % {"why": said}

    def why_skipped(self, step: Step, run: StepRun) -> str:
        if run.satisfied_by is not None or run.condition is None:
            return _(SAME_PERSON)
        return self.said(step, run.condition)

    def said(self, step: Step, verdict: Verdict | None) -> str:
        if verdict is None:
            return ""
        return (
            _(HIDDEN)
            if self.covers(fields_in(step.condition))
            else amounts(own_words(verdict.sentence, verdict.elsewhere))
        )

    def covers(self, names: Iterable[str]) -> bool:
        return not self.hidden.isdisjoint(names)


NOTHING_HIDDEN = Shield()


async def shield_for(session: AsyncSession, actor: Actor, ticket: Ticket, subject: Subject) -> Shield:
    """Costs no query where the form keeps nothing from anybody."""
    form = subject.form
    kept = {one.key for one in form.value_fields if one.readable_by is not None} if form else set()
    if form is None or not kept:
        return NOTHING_HIDDEN
    return Shield(frozenset(kept - await readable_on(session, actor, ticket, form)))
