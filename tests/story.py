"""Steps that many tests take before the one they are about."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM_ID
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.clock import utc_now
from app.publishing.service import fingerprint
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.tickets.models import Ticket
from tests.cast import Browser
from tests.page import form_values

CAMERAS: dict[str, Any] = {
    "amount": {"amount": "38400.00", "currency": "EUR"},
    "cost_center": "cc_4410",
    "supplier": "Nordtherm Imaging Oy",
    "supplier_is_new": True,
    "budgeted": True,
}
"""24 thermal cameras: the manager, two of Finance, and Legal because the supplier is new."""


async def draft(
    session: AsyncSession, who: Browser, fields: dict[str, Any] | None = None, *, form: str = "purchase-request",
    title: str = "Replace 24 thermal cameras", **content: Any,
) -> Ticket:  # fmt: skip
    actor = await who.actor()
    asked = await TicketTemplates(session, actor).form(form)
    content.setdefault("assigned_role_id", asked.definition.default_assigned_role_id)
    content.setdefault("visibility", asked.definition.default_visibility)
    answers = CAMERAS if fields is None else fields
    return await Drafting(session, actor).start(Content(title, fields=answers, **content), form=asked)


async def ask(session: AsyncSession, who: Browser, fields: dict[str, Any] | None = None, **content: Any) -> Ticket:
    """Drafted and submitted."""
    ticket = await draft(session, who, fields, **content)
    drafting = Drafting(session, await who.actor())
    await drafting.submit(await drafting.lock(ticket.ticket_no))
    await session.commit()
    return ticket


async def decide(
    session: AsyncSession, who: Browser, ticket_no: str, decision: Decision = Decision.APPROVE, comment: str = ""
) -> None:
    """The first vote this person may cast on the ticket."""
    if not isinstance(decision, Decision):
        raise TypeError(
            f"{decision!r} is no Decision: a string would be stored as it is, and make a state that cannot be"
        )
    desk = ApprovalDesk(session, await who.actor())
    ticket = await desk.lock(ticket_no)
    running = await desk.running(ticket)
    assert running is not None
    vote = explain(running.state, who.id, running.context).votes[0]
    await desk.decide(ticket, seat=vote.seat, decision=decision, seen_hash=vote.content_hash, comment=comment)
    await session.commit()


CHANGE: dict[str, Any] = {"window": "2026-12-05T20:00:00Z", "risk": "low", "rollback": "Put the old one back."}
"""A change needs everybody on the board: Lucas, Elena and Daniel, each with a seat of their own."""


async def republish_flow(session: AsyncSession, key: str, change: Callable[[dict[str, Any]], None]) -> None:
    """As its next version; what runs keeps the one it has."""
    found = select(ApprovalTemplateVersion).join(
        ApprovalTemplate, ApprovalTemplate.id == ApprovalTemplateVersion.template_id
    )
    old = (
        await session.execute(found.where(ApprovalTemplate.key == key, ApprovalTemplateVersion.status == "published"))
    ).scalar_one()
    definition = deepcopy(old.definition)
    change(definition)
    old.status = "retired"
    await session.flush()
    session.add(
        ApprovalTemplateVersion(
            template_id=old.template_id, number=old.number + 1, status="published", definition=definition,
            sha256=fingerprint(definition), published_at=utc_now(), published_by=SYSTEM_ID,
        )
    )  # fmt: skip
    await session.commit()


async def open_steps(session: AsyncSession, who: Browser, ticket: Ticket) -> set[str]:
    """Names of the steps that wait for somebody now."""
    running = await ApprovalDesk(session, await who.actor()).running(ticket)
    assert running is not None
    return {running.flow.steps[run.step_key].name for run in running.state.open_runs}


async def edited(who: Browser, ticket: Ticket, *, htmx: bool = False, **changes: Any) -> httpx.Response:
    """The edit page, with this typed over what stood there, sent."""
    form = form_values((await who.get(f"/tickets/{ticket.ticket_no}/edit")).text, "/edit")
    return await who.submit(form.action, {**form.values, **changes}, htmx=htmx)


async def add_fields(session: AsyncSession, admin: Browser, key: str, *fields: dict[str, Any]) -> None:
    """The form is republished, with these asked at its end."""
    templates = TicketTemplates(session, await admin.actor())
    template = await templates.find(key)
    version = await templates.life.published(template)
    assert version is not None
    await templates.save(template, {**version.definition, "fields": [*version.definition["fields"], *fields]})
    await session.commit()


async def republish_form(session: AsyncSession, admin: Browser, key: str, **changes: dict[str, Any]) -> None:
    """With these rules of its fields changed, by the fields' keys; a field of None is left out."""
    templates = TicketTemplates(session, await admin.actor())
    template = await templates.find(key)
    version = await templates.life.published(template)
    assert version is not None
    fields = [{**one, **(changes.get(one["key"]) or {})} for one in version.definition["fields"]]
    definition = {**version.definition, "fields": [one for one in fields if changes.get(one["key"], one) is not None]}
    await templates.save(template, definition)
    await session.commit()
