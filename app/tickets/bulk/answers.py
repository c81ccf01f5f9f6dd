"""One answer of the form that all chosen tickets have: which question, its control, what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.ticket_templates import parsing
from app.ticket_templates.asking import CONTROLS, Question, questions
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.limits import broken_limit
from app.ticket_templates.repository import form_of, versions_by_id
from app.ticket_templates.values import DRAWN, input_name, readable
from app.tickets.requesting import people_for
from app.web.formats import zone_of
from app.web.forms import Submitted


@dataclass(frozen=True, slots=True)
class Answering:
    """Of the newest version among theirs: each ticket keeps its own, and has the last word."""

    actor: Actor
    template_id: int
    form: FormDefinition

    @property
    def choices(self) -> list[FieldDefinition]:
        """Those that this person may read in anybody's ticket; files answer for one ticket only."""
        open_to_them = readable(self.form, role_ids=self.actor.role_ids, own=self.actor.is_admin)
        asked = (one for one in self.form.value_fields if one.type in CONTROLS and one.type is not FieldType.ATTACHMENT)
        return [one for one in asked if one.key in open_to_them]

    @property
    def options(self) -> list[dict[str, str]]:
        return [{"value": one.key, "label": one.label} for one in self.choices]

    def chosen(self, key: str) -> FieldDefinition | None:
        return next((one for one in self.choices if one.key == key), None)

    def was_asked(self, one: FieldDefinition, sent: Submitted) -> bool:
        """An empty field takes the answer away; one that was not on the page yet does not."""
        return one.key in sent.all(DRAWN)

    def read(self, one: FieldDefinition, sent: Submitted) -> dict[str, Any]:
        """Raises ValueError with the sentence for the person."""
        zone = zone_of(self.actor.time_zone)
        value = parsing.from_form(one, sent, input_name(one.key), zone)
        if value is not None and (broken := broken_limit(one, value, now=utc_now(), zone=zone)):
            raise ValueError(broken)
        return {"template": self.template_id, "key": one.key, "value": value}

    async def question(self, session: AsyncSession, key: str, sent: Submitted, errors: dict[str, str]) -> Question:
        typed = sent if key in sent.all(DRAWN) else None
        [found] = questions(
            self.form, {}, now=utc_now(), zone=zone_of(self.actor.time_zone), visible=[key], only=[key],
            people=await people_for(session, self.form), typed=typed, errors=errors,
        )  # fmt: skip
        return found


async def answering(session: AsyncSession, actor: Actor, chosen: Sequence[Any]) -> Answering | None:
    """None where they have several forms, or none."""
    templates = {one.template_id for one in chosen}
    if len(templates) != 1 or None in templates:
        return None
    versions = await versions_by_id(session, {one.template_version_id for one in chosen})
    newest = max(versions.values(), key=lambda version: version.number)
    return Answering(actor, newest.template_id, form_of(newest))
