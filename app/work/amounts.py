"""What is at stake in each request of the inbox: of the answers that are for few, only what its step watches."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalProcess
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldType
from app.ticket_templates.repository import form_of, versions_by_id
from app.ticket_templates.values import at_stake, readable
from app.tickets.approving.readable import watched_by
from app.tickets.models import Ticket
from app.tickets.trails import flows_of

ANSWERS = (
    Ticket.custom_fields_data.label("answers"),
    Ticket.template_version_id.label("form_version"),
    ApprovalProcess.template_version_id.label("flow_version"),
    ApprovalProcess.definition_sha256.label("flow_sha256"),
)
"""What a query selects for it; `with_amounts` puts `amount` in its place."""
_NAMES = tuple(column.name for column in ANSWERS)


async def with_amounts(session: AsyncSession, actor: Actor, rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Forms and flows were read before; where a form keeps no amount from anybody, no flow is asked for."""
    versions = await versions_by_id(session, {row["form_version"] for row in rows})
    forms = {number: form_of(version) for number, version in versions.items()}
    kept = {number for number, form in forms.items() if _keeps_an_amount(form, actor)}
    flows = await flows_of(
        session, {row["flow_version"]: row["flow_sha256"] for row in rows if row["form_version"] in kept}
    )
    everybodys = {
        number: readable(form, role_ids=actor.role_ids, own=number not in kept) for number, form in forms.items()
    }
    shown = []
    for row in rows:
        known = dict(row)
        answers, form_version, flow_version, _sha256 = [known.pop(name) for name in _NAMES]
        form, may_read = forms.get(form_version), everybodys.get(form_version, frozenset())
        if form and form_version in kept:
            may_read |= watched_by(flows[flow_version].steps[row["step_key"]], form)
        shown.append(known | {"amount": at_stake(form, answers, may_read)})
    return shown


def _keeps_an_amount(form: FormDefinition, actor: Actor) -> bool:
    """From this person."""
    may_read = readable(form, role_ids=actor.role_ids)
    return any(one.type is FieldType.MONEY and one.key not in may_read for one in form.value_fields)
