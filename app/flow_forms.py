"""Which forms run through a flow, and what conditions may read of their tickets; approvals do not know forms."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.conditions import Field
from app.publishing.models import VersionStatus
from app.ticket_templates.fields_repository import every_field
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.ticket_templates.repository import form_of
from app.ticket_templates.rules import built_in_fields, condition_fields


async def forms_of_flow(session: AsyncSession, key: str) -> Mapping[str, Mapping[str, Field]]:
    """By the form's name; archived forms submit nothing and do not count."""
    version = TicketTemplateVersion
    query = _live(select(version)).where(version.definition["approval_template"].as_string() == key)
    forms = [form_of(row) for row in (await session.execute(query)).scalars()]
    return {form.name: condition_fields(form) for form in forms}


async def forms_by_flow(session: AsyncSession) -> Mapping[str, Sequence[tuple[str, str]]]:
    """(key, name) of the forms that run through each flow, by the flow's key."""
    flow = TicketTemplateVersion.definition["approval_template"].as_string()
    query = _live(select(flow, TicketTemplate.key, TicketTemplate.name)).where(flow.is_not(None))
    found: dict[str, list[tuple[str, str]]] = {}
    for key, form, name in (await session.execute(query.order_by(func.lower(TicketTemplate.name)))).all():
        found.setdefault(key, []).append((form, name))
    return found


async def fields_of_every_form(session: AsyncSession) -> Mapping[str, Field]:
    """For the conditions of a flow that no form uses yet."""
    return {**built_in_fields(), **await every_field(session)}


def _live(query: Select[Any]) -> Select[Any]:
    """Published, of templates that are not archived."""
    version = TicketTemplateVersion
    return query.join_from(version, TicketTemplate, TicketTemplate.id == version.template_id).where(
        version.status == VersionStatus.PUBLISHED, TicketTemplate.archived_at.is_(None)
    )
