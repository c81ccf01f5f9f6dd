"""The queries behind an export: one cursor over the list's own predicate, and what its batches are called."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import people, role_names
from app.actor import Actor
from app.catalogue.models import Category, Label
from app.db.constants import planned_each_time
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldType
from app.ticket_templates.repository import FormVersion, form_of, template_names, versions_by_id
from app.ticket_templates.showing import Names
from app.tickets.exporting.models import Export, ExportBatch, ExportPart, ExportStatus
from app.tickets.filters import TicketFilters
from app.tickets.matching import matching
from app.tickets.models import Ticket, TicketCategory, TicketLabel
from app.tickets.orders import order_of
from app.tickets.repository import COLUMNS
from app.tickets.visibility import asked_on, visible

BATCH = 500
_MORE = (
    Ticket.description, Ticket.resolution, Ticket.submitted_at, Ticket.resolved_at, Ticket.closed_at,
    Ticket.template_version_id, Ticket.custom_fields_data,
)  # fmt: skip


async def how_many(session: AsyncSession, actor: Actor, filters: TicketFilters, now: datetime, most: int) -> int:
    """Counted over at most one more than `most`."""
    some = select(Ticket.id).where(*matching(filters, actor, now)).limit(most + 1).subquery()
    return (await session.execute(planned_each_time(select(func.count()).select_from(some)))).scalar_one()


async def batches(
    session: AsyncSession, actor: Actor, filters: TicketFilters, now: datetime
) -> AsyncIterator[Sequence[Any]]:
    """One statement, so the rows are those of one moment, and never more than a batch of them is in memory."""
    order = await order_of(session, filters)
    query = select(*COLUMNS, *_MORE, reads_all_answers(actor).label("is_own"))
    ordered = query.where(*matching(filters, actor, now)).order_by(*order.by())
    found = await session.stream(planned_each_time(ordered).execution_options(yield_per=BATCH))
    async for rows in found.partitions(BATCH):
        yield rows


def reads_all_answers(actor: Actor) -> ColumnElement[bool]:
    """Who asked, and who is asked to approve: fields that are closed to others are not closed to them."""
    if actor.is_admin:
        return true()
    return or_(Ticket.created_by == actor.id, Ticket.requester_id == actor.id, asked_on(actor))


async def forms_used(
    session: AsyncSession, actor: Actor, filters: TicketFilters, now: datetime
) -> list[tuple[FormVersion, FormDefinition]]:
    """Those of the tickets that will be in the file, the newest version of each last."""
    used = select(Ticket.template_version_id).where(*matching(filters, actor, now)).distinct()
    versions = await versions_by_id(session, (await session.execute(planned_each_time(used))).scalars().all())
    ordered = sorted(versions.values(), key=lambda version: (version.template_id, version.number))
    return [(version, form_of(version)) for version in ordered]


@dataclass(frozen=True, slots=True)
class Called:
    """What the ids of one batch are called."""

    names: Names
    labels: Mapping[int, list[str]]
    categories: Mapping[int, list[str]]
    templates: Mapping[int, str]


async def called(session: AsyncSession, rows: Sequence[Any], forms: Mapping[int, FormDefinition]) -> Called:
    persons = {one for row in rows for one in (row.created_by, row.requester_id, row.assignee_id)}
    roles = {row.assigned_role_id for row in rows}
    ids = [row.id for row in rows]
    names = Names(
        await people(session, persons | set(_answered(rows, forms, FieldType.USER))),
        await role_names(session, roles | set(_answered(rows, forms, FieldType.ROLE))),
    )
    return Called(
        names=names,
        labels=await _hung_on(session, ids, TicketLabel, TicketLabel.label_id, Label),
        categories=await _hung_on(session, ids, TicketCategory, TicketCategory.category_id, Category),
        templates=await template_names(session),
    )


def _answered(rows: Sequence[Any], forms: Mapping[int, FormDefinition], kind: FieldType) -> Iterable[int]:
    for row in rows:
        form = forms.get(row.template_version_id)
        for one in form.value_fields if form else ():
            if one.type is kind and isinstance(answer := row.custom_fields_data.get(one.key), int):
                yield answer


async def _hung_on(
    session: AsyncSession, ids: Sequence[int], link: Any, column: Any, thing: Any
) -> dict[int, list[str]]:
    query = select(link.ticket_id, thing.name).join(thing, thing.id == column).where(link.ticket_id.in_(ids))
    found: dict[int, list[str]] = {}
    for ticket_id, name in (await session.execute(query.order_by(thing.position, thing.id))).all():
        found.setdefault(ticket_id, []).append(name)
    return found


async def own_export(session: AsyncSession, actor: Actor, export_id: int, now: datetime) -> Export | None:
    query = select(Export).where(Export.id == export_id, Export.user_id == actor.id, Export.expires_at > now)
    return (await session.execute(query)).scalar_one_or_none()


async def being_made(session: AsyncSession, actor: Actor) -> int:
    query = select(func.count()).where(Export.user_id == actor.id, Export.status == ExportStatus.WAITING)
    return (await session.execute(query.select_from(Export))).scalar_one()


async def all_still_open_to(session: AsyncSession, actor: Actor, export: Export) -> bool:
    """Every ticket of the file may be seen now, and every answer in it may be read."""
    ids = func.unnest(ExportBatch.ticket_ids).table_valued("value").render_derived()
    own = func.unnest(ExportBatch.own_ids).table_valued("value").render_derived()
    seen = exists().where(Ticket.id == ids.c.value, visible(actor))
    read = exists().where(Ticket.id == own.c.value, and_(visible(actor), reads_all_answers(actor)))
    this = ExportBatch.export_id == export.id
    hidden = select(ExportBatch.id).join(ids, true()).where(this, ~seen)
    closed = select(ExportBatch.id).join(own, true()).where(this, ~read)
    found = await session.execute(hidden.union_all(closed).limit(1))
    return found.first() is None


async def batch_numbers(session: AsyncSession, export: Export) -> Sequence[int]:
    query = select(ExportBatch.number).where(ExportBatch.export_id == export.id)
    return (await session.execute(query.order_by(ExportBatch.number))).scalars().all()


async def tickets_in(session: AsyncSession, export: Export, number: int) -> list[int]:
    query = select(ExportBatch.ticket_ids).where(ExportBatch.export_id == export.id, ExportBatch.number == number)
    return (await session.execute(query)).scalar_one()


async def part_of(session: AsyncSession, export_id: int, number: int) -> bytes | None:
    query = select(ExportPart.content).where(ExportPart.export_id == export_id, ExportPart.number == number)
    return (await session.execute(query)).scalar_one_or_none()
