"""What a flow would do with a request that nobody has made: its steps, with people and reasons."""

from litestar import Controller, post
from litestar.params import FromPath

from app.accounts.models import User
from app.actor import Actor
from app.approvals.repository import published_flow
from app.clock import utc_now
from app.errors import NotFound, Refused
from app.ticket_templates import values as answers
from app.ticket_templates.service import Form, TicketTemplates
from app.tickets.api.shapes import SimulatedStep, Simulation, SimulationOut
from app.tickets.approving.forecast import Forecast, forecast
from app.tickets.content import Content
from app.web.api import AnyRequest, Json, Named, answer, described
from app.web.formats import zone_of
from app.web.guards import API_ADMIN, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import key as canonical
from app.web.transaction import Db, Who


class SimulationApi(Controller):
    path = "/api/v1/approval-templates/{key:str}/simulation"
    opt = access(API_ADMIN)

    @post(**described("Who would approve, and why", takes=Simulation, gives=SimulationOut))
    async def simulate(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        if await published_flow(db, canonical(key)) is None:
            raise NotFound
        sent = await read(request, Simulation)
        requester = await db.get(User, sent.requester_id or actor.id)
        if requester is None or not requester.is_active:
            raise Refused.at("requester_id", _("Choose somebody who is active."))
        form = await _form(db, actor, sent)
        content = Content(title="", fields=await _answers(actor, form, sent), requester_id=requester.id)
        asking = Actor(id=requester.id, name=requester.name)
        return answer(_told(await forecast(db, asking, form, content, flow_key=key)))


async def _form(db: Db, actor: Actor, sent: Simulation) -> Form:
    try:
        return await TicketTemplates(db, actor).form(canonical(sent.template))
    except NotFound as error:
        raise Refused.at("template", _("There is no such ticket template.")) from error


async def _answers(actor: Actor, form: Form, sent: Simulation) -> answers.Values:
    reading = answers.read(
        form.definition, sent.fields, now=utc_now(), zone=zone_of(actor.time_zone),
        before=answers.default_values(form.definition), lenient=True,
    )  # fmt: skip
    if reading.errors:
        raise Refused(_("Some answers are not as they should be."), reading.errors)
    return reading.values


def _told(found: Forecast) -> SimulationOut:
    return SimulationOut(
        [
            SimulatedStep(
                step.number, step.name, step.is_skipped, step.why or None, step.needed or None,
                [Named(person.id, person.name) for person in step.people],
            )
            for step in found.steps
        ]
    )  # fmt: skip
