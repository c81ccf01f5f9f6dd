"""A request, or a change to one, as a script sends it: through the services of the pages, property by property."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET

from app.actor import Actor
from app.catalogue.repository import known_labels, known_tree
from app.clock import utc_now
from app.errors import Refused
from app.ticket_templates import values as answers
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.service import Form, TicketTemplates
from app.tickets.api.shapes import NewTicket, TicketChange
from app.tickets.approving.picks import pick_steps_of, unknown
from app.tickets.approving.readable import readable_on
from app.tickets.approving.rewinding import Rewinding
from app.tickets.content import LONGEST_DESCRIPTION, LONGEST_TITLE, Content
from app.tickets.drafting import Drafting
from app.tickets.models import Priority, Ticket, TicketStatus, Visibility
from app.tickets.properties import Properties
from app.tickets.repository import placements_of
from app.web.api import cleaned, within_years
from app.web.formats import zone_of
from app.web.i18n import gettext as _
from app.web.params import key as canonical_key
from app.web.transaction import Db


async def start(db: Db, actor: Actor, sent: NewTicket) -> Ticket:
    """A draft; what its form sets comes along unless something else is said."""
    form = await TicketTemplates(db, actor).form(canonical_key(sent.template)) if sent.template is not None else None
    content = await _content(db, actor, sent, form)
    ticket = await Drafting(db, actor).start(content, form=form)
    _refuse_steps(unknown(await pick_steps_of(db, ticket, form.definition if form else None), sent.picks))
    if sent.assignee_id is not UNSET or sent.assigned_role_id is not UNSET:
        await _assign(Properties(db, actor), ticket, sent)
    return ticket


async def _content(db: Db, actor: Actor, sent: NewTicket, form: Form | None) -> Content:
    definition = form.definition if form else None
    content = Content(
        title=_title(sent.title), description=_description(sent.description), requester_id=sent.requester_id,
        due_at=within_years("due_at", sent.due_at), picks=sent.picks,
    )  # fmt: skip
    if definition is not None:
        content.priority, content.visibility = definition.default_priority, definition.default_visibility
        content.assignee_id, content.assigned_role_id = (
            definition.default_assignee_id,
            definition.default_assigned_role_id,
        )
        content.category_ids, content.label_ids = list(definition.category_ids), list(definition.label_ids)
    await _answer(db, actor, sent, definition, content)
    if sent.priority is not UNSET:
        content.priority = sent.priority
    if sent.visibility is not UNSET:
        content.visibility = sent.visibility
    if sent.category_ids is not UNSET:
        content.category_ids = await _present_categories(db, sent.category_ids)
    if sent.label_ids is not UNSET:
        content.label_ids = await _present_labels(db, sent.label_ids)
    return content


async def _answer(db: Db, actor: Actor, sent: NewTicket, definition: FormDefinition | None, content: Content) -> None:
    """Answers may still be missing; what is there is right."""
    if definition is None:
        _refuse_fields(sent.fields)
        return
    first = answers.default_values(definition)
    reading = answers.read(
        definition, sent.fields, now=utc_now(), zone=zone_of(actor.time_zone), before=first, lenient=True
    )
    await _insist(db, actor, definition, reading)
    content.fields = reading.values


async def change(db: Db, actor: Actor, ticket: Ticket, sent: TicketChange) -> list[str]:
    """All of it or nothing: the first thing that is refused undoes the rest with the transaction.

    Answers whom the description calls in vain."""
    changed, unheard = set[str](), list[str]()
    drafting = Drafting(db, actor, together=changed)
    if sent.requester_id is not UNSET:
        await drafting.ask_for(ticket, sent.requester_id)
    if any(part is not UNSET for part in (sent.title, sent.description, sent.fields, sent.picks)):
        unheard = await drafting.edit(ticket, await _changed_content(drafting, ticket, sent))
    await _change_properties(Properties(db, actor, together=changed), ticket, sent)
    rewinding = Rewinding(db, actor)
    rewinding.accept_rewind = sent.accept_rewind
    await rewinding.content_changed(ticket, changed)
    return unheard


async def _changed_content(drafting: Drafting, ticket: Ticket, sent: TicketChange) -> Content:
    content = Content(
        title=ticket.title if sent.title is UNSET else _title(sent.title),
        description=ticket.description if sent.description is UNSET else _description(sent.description),
        fields=dict(ticket.custom_fields_data),
        picks=await _changed_picks(drafting, ticket, sent),
    )
    if sent.fields is UNSET or not drafting.may(ticket).edit_content:
        return content
    definition = await drafting.form_of(ticket)
    if definition is None:
        _refuse_fields(sent.fields)
        return content
    actor = drafting.actor
    reading = answers.read(
        definition, sent.fields, now=utc_now(), zone=zone_of(actor.time_zone), before=ticket.custom_fields_data,
        only=await readable_on(drafting.session, actor, ticket, definition),
        lenient=ticket.status == TicketStatus.DRAFT,
    )  # fmt: skip
    await _insist(drafting.session, actor, definition, reading)
    content.fields = reading.values
    return content


async def _changed_picks(drafting: Drafting, ticket: Ticket, sent: TicketChange) -> Mapping[str, Sequence[int]] | None:
    """Step by step; an empty list chooses nobody."""
    if sent.picks is UNSET or not drafting.may(ticket).is_owner:
        return None if sent.picks is UNSET else sent.picks
    steps = await pick_steps_of(drafting.session, ticket, await drafting.form_of(ticket))
    _refuse_steps(unknown(steps, sent.picks))
    return {**ticket.picks, **sent.picks}


def _refuse_steps(errors: dict[str, str]) -> None:
    if errors:
        raise Refused(_("Some of those who approve cannot be chosen."), errors)


async def _change_properties(desk: Properties, ticket: Ticket, sent: TicketChange) -> None:
    if sent.priority is not UNSET:
        await desk.prioritise(ticket, Priority(sent.priority))
    if sent.due_at is not UNSET:
        await desk.due(ticket, within_years("due_at", sent.due_at))
    if sent.assignee_id is not UNSET or sent.assigned_role_id is not UNSET:
        await _assign(desk, ticket, sent)
    placed = (await placements_of(desk.session, [ticket.id]))[ticket.id]
    if sent.category_ids is not UNSET:
        before = [one.id for one in placed.categories]
        await _present_categories(desk.session, set(sent.category_ids) - set(before))
        await _replace(ticket, before, sent.category_ids, desk.categorise, desk.uncategorise)
    if sent.label_ids is not UNSET:
        before = [one.id for one in placed.labels]
        await _present_labels(desk.session, set(sent.label_ids) - set(before))
        await _replace(ticket, before, sent.label_ids, desk.label, desk.unlabel)
    if sent.visibility is not UNSET:
        await desk.show_to(ticket, Visibility(sent.visibility))


async def _assign(desk: Properties, ticket: Ticket, sent: NewTicket | TicketChange) -> None:
    """What is absent stays; null is nobody."""
    person = ticket.assignee_id if sent.assignee_id is UNSET else sent.assignee_id
    role = ticket.assigned_role_id if sent.assigned_role_id is UNSET else sent.assigned_role_id
    if (person, role) == (ticket.assignee_id, ticket.assigned_role_id):
        return
    await desk.assign(ticket, user_id=person, role_id=role)


Verb = Callable[[Ticket, int], Awaitable[None]]


async def _replace(ticket: Ticket, before: Sequence[int], after: Sequence[int], add: Verb, remove: Verb) -> None:
    for row in (row for row in dict.fromkeys(after) if row not in before):
        await add(ticket, row)
    for row in (row for row in before if row not in after):
        await remove(ticket, row)


async def _insist(db: Db, actor: Actor, definition: FormDefinition, reading: answers.Reading) -> None:
    errors = reading.errors | await TicketTemplates(db, actor).check_references(definition, reading.values)
    if errors:
        raise Refused(_("Some answers are not as they should be."), errors)


def _refuse_fields(fields: dict[str, Any]) -> None:
    if fields:
        unknown = {answers.input_name(key[:80]): _("This form has no such field.") for key in fields}
        raise Refused(_("Without a ticket template there are no fields."), unknown)


async def _present_categories(db: Db, ids: Iterable[int]) -> list[int]:
    tree = await known_tree(db)
    return _present("category_ids", ids, {one.category.id for one in tree.in_order() if not one.category.is_archived})


async def _present_labels(db: Db, ids: Iterable[int]) -> list[int]:
    return _present("label_ids", ids, {one.id for one in await known_labels(db) if not one.is_archived})


def _present(name: str, ids: Iterable[int], known: set[int]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    if set(wanted) - known:
        raise Refused.at(name, _("One of these is not in use any more."))
    return wanted


def _title(text: str) -> str:
    return cleaned("title", text, limit=LONGEST_TITLE)


def _description(text: str) -> str:
    return cleaned("description", text, limit=LONGEST_DESCRIPTION, multiline=True, required=False)
