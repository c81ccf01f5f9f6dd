"""What the list's conditions may speak of, and the filters of an address with their conditions read."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.conditions import Field, Kind, from_url
from app.ticket_templates.fields_repository import filter_fields
from app.ticket_templates.models import TicketTemplateVersion
from app.ticket_templates.rules import built_in_fields
from app.tickets.filters import NEWEST, SORTS, TicketFilters
from app.tickets.orders import sortable
from app.web.i18n import gettext as _
from app.web.i18n import pgettext


def ticket_fields() -> dict[str, Field]:
    """What every ticket has."""
    more = (
        Field("updated_at", _("Updated"), Kind.DATETIME, column="updated_at"),
        Field("resolved_at", pgettext("time", "Resolved"), Kind.DATETIME, column="resolved_at"),
        Field("closed_at", pgettext("time", "Closed"), Kind.DATETIME, column="closed_at"),
    )
    return {**built_in_fields(), **{field.key: field for field in more}}


async def list_fields(session: AsyncSession, actor: Actor) -> Mapping[str, Field]:
    """With the fields of forms that this person may filter by; a ticket's own come first."""
    own = ticket_fields()
    return own | {key: one for key, one in (await filter_fields(session, actor)).items() if key not in own}


async def understood(
    session: AsyncSession, actor: Actor, filters: TicketFilters, fields: Mapping[str, Field] | None = None
) -> TicketFilters:
    """With its chips and its order read; what nobody understands is among the unknown. Asks only if it must; `fields`
    are this person's, where they are known already."""
    filters = await _with_versions(session, filters)
    if filters.sort.removeprefix("-") not in SORTS:
        fields = fields or await list_fields(session, actor)
        filters = _in_order(filters, fields)
    if not filters.f:
        return filters
    found = from_url(filters.f, fields or ticket_fields())
    if found.problems and fields is None:
        fields = await list_fields(session, actor)
        found = from_url(filters.f, fields)
    good = [chip for chip in found.chips if chip.condition is not None]
    bad = tuple(("f", chip.text) for chip in found.chips if chip.condition is None)
    return replace(
        filters, f=tuple(chip.text for chip in good), unknown=(*filters.unknown, *bad),
        fields=fields or ticket_fields(),
        conditions=tuple(chip.condition for chip in good if chip.condition is not None),
    )  # fmt: skip


async def _with_versions(session: AsyncSession, filters: TicketFilters) -> TicketFilters:
    if filters.version:
        form = TicketTemplateVersion
        query = select(form.id).where(form.number.in_(map(int, filters.version)))
        if filters.template:
            query = query.where(form.template_id.in_([int(one) for one in filters.template if one.isdigit()]))
        filters = replace(filters, version_ids=await _ids(session, query.order_by(form.id)))
    if filters.approval_template or filters.approval_version:
        flow = ApprovalTemplateVersion
        query = select(flow.id).join(ApprovalTemplate, ApprovalTemplate.id == flow.template_id)
        if filters.approval_template:
            query = query.where(ApprovalTemplate.key.in_(filters.approval_template))
        if filters.approval_version:
            query = query.where(flow.number.in_(map(int, filters.approval_version)))
        filters = replace(filters, approval_version_ids=await _ids(session, query.order_by(flow.id)))
    return filters


async def _ids(session: AsyncSession, query: Select[int]) -> tuple[int, ...]:
    return tuple((await session.execute(query)).scalars())


def _in_order(filters: TicketFilters, fields: Mapping[str, Field]) -> TicketFilters:
    """An order by a field that is closed to somebody would tell what it holds, so it is unknown to them too."""
    field = fields.get(filters.sort.removeprefix("-"))
    if field is None or not sortable(field):
        return replace(filters, sort=NEWEST, unknown=(*filters.unknown, ("sort", filters.sort)))
    return replace(filters, sort_field=field)
