"""Fields of all forms together, as a list of tickets filters and shows them."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import ARRAY, BigInteger, Select, cast, column, false, func, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.conditions import Field
from app.publishing.models import VersionStatus
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.ticket_templates.policy import May
from app.ticket_templates.repository import FormVersion, form_of
from app.ticket_templates.rules import condition_field, own_fields
from app.web.i18n import gettext as _

MOST_FORMS = 500
_K = TypeVar("_K", bound=Hashable)


async def live_forms(session: AsyncSession) -> list[FormDefinition]:
    """Published and in use, by name."""
    version = TicketTemplateVersion
    query = (
        select(version)
        .join(TicketTemplate, TicketTemplate.id == version.template_id)
        .where(version.status == VersionStatus.PUBLISHED, TicketTemplate.archived_at.is_(None))
        .order_by(func.lower(TicketTemplate.name), TicketTemplate.id)
    )
    return [form_of(row) for row in (await session.execute(query.limit(MOST_FORMS))).scalars()]


async def closed_keys(session: AsyncSession, role_ids: Collection[int]) -> set[str]:
    """Keys that any version of any form closes to somebody with these roles.

    A filter runs over tickets of every version at once: a key that is closed in one of them would tell what it holds.
    """
    version = TicketTemplateVersion
    fields = func.jsonb_array_elements(version.definition["fields"])
    rows = fields.table_valued(column("value", JSONB()), name="one").render_derived()
    one, readers = rows.c.value, rows.c.value["readable_by"]
    reader = func.jsonb_array_elements_text(readers).column_valued("reader")
    reads = select(func.array_agg(cast(reader, BigInteger))).scalar_subquery()
    query = (
        select(one["key"].astext)
        .select_from(version)
        .join(rows, true())
        .where(version.status != VersionStatus.DRAFT, func.jsonb_typeof(readers) == "array")
        .where(func.coalesce(reads.op("&&")(literal(list(role_ids), ARRAY(BigInteger()))), false()).is_(false()))
        .distinct()
    )
    return set((await session.execute(query)).scalars())


def closed_in(versions: Iterable[TicketTemplateVersion | FormVersion]) -> frozenset[str]:
    """Keys with readers of their own in any of them: what is known to all who find a ticket leaves them out."""
    return frozenset(one.key for version in versions for one in form_of(version).fields if one.readable_by is not None)


def closing_forms() -> Select[int]:
    """Ids of the forms that close an answer to somebody, in any version that was ever published."""
    closes = func.jsonb_path_exists(
        TicketTemplateVersion.definition, cast("$.fields[*].readable_by ? (@ != null)", JSONPATH)
    )
    return select(TicketTemplateVersion.template_id).where(TicketTemplateVersion.status != VersionStatus.DRAFT, closes)


async def known_forms(session: AsyncSession, actor: Actor) -> list[FormDefinition]:
    """Whose questions this person knows anyway: who may ask with a form, who works on its tickets, administrators."""
    may = May(actor)
    return [
        form for form in await live_forms(session)
        if actor.is_admin or may.ask_with(form.usable_by) or form.default_assigned_role_id in actor.role_ids
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenFields:
    """`shown`: what somebody may have as a column; of several fields with one key the first form's. `filtered`: what
    they may filter and sort by, fields that an administrator marked for it."""

    shown: Mapping[str, FieldDefinition]
    filtered: Mapping[str, Field]


async def open_fields(session: AsyncSession, actor: Actor) -> OpenFields:
    closed = await closed_keys(session, actor.role_ids)
    forms = await known_forms(session, actor)
    shown: dict[str, FieldDefinition] = {}
    several: dict[str, list[Field]] = {}
    asked_in: dict[str, str] = {}
    for name, one in ((form.name, one) for form in forms for one in form.value_fields if one.key not in closed):
        shown.setdefault(one.key, one)
        asked_in.setdefault(one.key, name)
        if one.filterable and own_fields([one]):
            several.setdefault(one.key, []).append(condition_field(one))
    labels = told_apart({key: (one.label, asked_in[key]) for key, one in shown.items()})
    filtered = {key: replace(_together(fields), label=labels[key]) for key, fields in several.items()}
    return OpenFields({key: replace(one, label=labels[key]) for key, one in shown.items()}, filtered)


def told_apart(asked: Mapping[_K, tuple[str, str]]) -> dict[_K, str]:
    """`asked`: what a field is called, and the form that asks it. Where several are called the same, with their form's
    name."""
    times = Counter(label for label, _form in asked.values())
    return {
        key: _("%(field)s (%(form)s)") % {"field": label, "form": form} if times[label] > 1 else label
        for key, (label, form) in asked.items()
    }


async def filter_fields(session: AsyncSession, actor: Actor) -> Mapping[str, Field]:
    return (await open_fields(session, actor)).filtered


async def every_field(session: AsyncSession) -> Mapping[str, Field]:
    """Of all forms, for whoever writes a condition before a form is chosen."""
    several: dict[str, list[Field]] = {}
    asked: dict[str, tuple[str, str]] = {}
    for form in await live_forms(session):
        for key, one in own_fields(form.fields).items():
            several.setdefault(key, []).append(one)
            asked.setdefault(key, (one.label, form.name))
    labels = told_apart(asked)
    return {key: replace(_together(fields), label=labels[key]) for key, fields in several.items()}


def _together(fields: Sequence[Field]) -> Field:
    """One key in several forms: the first says what it is, the others of its kind add what can be chosen."""
    first, *others = fields
    alike = [first, *(one for one in others if one.kind is first.kind)]
    options: dict[str, str] = {}
    for one in alike:
        options |= {key: label for key, label in one.options.items() if key not in options}
    currencies = () if any(not one.currencies for one in alike) else tuple(
        dict.fromkeys(code for one in alike for code in one.currencies)
    )  # fmt: skip
    return Field(first.key, first.label, first.kind, options=options, currencies=currencies)
