"""Changing many tickets: what is chosen and what shall change, then an answer for each."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import active_people, active_roles
from app.activity.vocabulary import word
from app.actor import Actor
from app.catalogue.repository import known_labels, known_tree
from app.clock import utc_now
from app.db.session import Database
from app.errors import NotPossible
from app.ticket_templates.asking import Question
from app.tickets.bulk.answers import answering
from app.tickets.bulk.carrying_out import carry_out
from app.tickets.bulk.form import TARGETS, BulkForm, filters_of, seen_in
from app.tickets.bulk.models import BulkEdit
from app.tickets.bulk.repository import (
    all_matching,
    counts_by_outcome,
    items_with_titles,
    seen_tickets,
    undone_by,
)
from app.tickets.bulk.service import AT_ONCE, MOST, BulkEdits
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import understood
from app.tickets.models import Priority, TicketStatus
from app.tickets.walking import listed_pairs
from app.web.forms import Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial
from app.web.params import row_id
from app.web.transaction import Db, Who

SHOWN = 200


class TicketBulk(Controller):
    path = "/tickets/bulk"
    opt = access(SIGNED_IN)

    @get()
    async def choose(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        query = request.query_params
        values = Submitted({name: query.getall(name) for name in query})
        chosen = await _chosen(db, actor, values, values.all("ticket"))
        if not chosen:
            return go(request, filters_of(values).url(), say=_("Tick the tickets that you want to change first."))
        form = BulkForm(Submitted({}), await answering(db, actor, chosen))
        form.errors.clear()
        return await _form(request, db, values, chosen, form)

    @post(status_code=200)
    async def change(self, request: AnyRequest, db: Db, actor: Who, state: State) -> Answer:
        values = await submitted(request)
        chosen = await _chosen(db, actor, values, [number for number, _version in seen_in(values)])
        form = BulkForm(values, await answering(db, actor, chosen))
        seen = form.seen
        if form.all:
            seen = [(one.ticket_no, one.version) for one in chosen]
            if len(chosen) > MOST:
                form.errors[""] = _("At most %(most)d tickets at once: filter the list first.") % {"most": MOST}
        if form.errors or form.is_asking or not seen:
            return await _form(request, db, values, chosen, form)
        return await _carry_out(request, state.database, actor, form, seen)

    @get("/{bulk_id:str}")
    async def show(self, request: AnyRequest, bulk_id: FromPath[str], db: Db, actor: Who) -> Template:
        bulk = await BulkEdits(db, actor).find(row_id(bulk_id))
        return await page(request, "tickets/bulk/show", active="tickets", **await _about(request, db, actor, bulk))

    @get("/{bulk_id:str}/progress")
    async def progress(self, request: AnyRequest, bulk_id: FromPath[str], db: Db, actor: Who) -> Template:
        bulk = await BulkEdits(db, actor).find(row_id(bulk_id))
        return partial("tickets/bulk/progress", **await _about(request, db, actor, bulk))

    @post("/{bulk_id:str}/undo", status_code=200)
    async def undo(self, request: AnyRequest, bulk_id: FromPath[str], actor: Who, state: State) -> Answer:
        async with state.database.in_its_own() as session:
            bulks = BulkEdits(session, actor)
            undoing = await bulks.undo(await bulks.find(row_id(bulk_id)))
        return go(request, _address(undoing, _list_of(request)))


async def _chosen(db: AsyncSession, actor: Actor, values: Submitted, numbers: Sequence[str]) -> Sequence[Any]:
    if values.get("all") == "1":
        filters = await understood(db, actor, filters_of(values))
        if filters.unknown:
            raise NotPossible("A filter is not understood any more, so these would be other tickets. Look again.")
        return await all_matching(db, actor, filters, utc_now(), MOST)
    return await seen_tickets(db, actor, numbers[:MOST])


async def _carry_out(
    request: AnyRequest, database: Database, actor: Actor, form: BulkForm, seen: Sequence[tuple[str, int]]
) -> Answer:
    """Written down before it begins: whatever happens now, it is finished, and once."""
    async with database.in_its_own() as session:
        bulk = await BulkEdits(session, actor).start(form.changes, seen, command=form.command)
    if len(seen) <= AT_ONCE:
        await carry_out(database, actor, bulk)
    return go(request, _address(bulk, filters_of(form.typed)))


async def _form(
    request: AnyRequest, db: AsyncSession, values: Submitted, chosen: Sequence[Any], form: BulkForm
) -> Template:
    kept = [(name, one) for name, given in values.values.items() if name.startswith("filter-") for one in given]
    return await page(
        request, "tickets/bulk/new", active="tickets", status=422 if form.errors else 200, form=form, chosen=chosen,
        shown=chosen[:SHOWN], all=values.get("all") == "1", kept=kept, back=filters_of(values).url(),
        options=await _options(db), question=await _question(db, form),
    )  # fmt: skip


async def _question(db: AsyncSession, form: BulkForm) -> Question | None:
    if form.answering is None or form.question is None:
        return None
    return await form.answering.question(db, form.question.key, form.typed, form.errors)


async def _options(db: AsyncSession) -> dict[str, list[dict[str, str]]]:
    tree = [one for one in (await known_tree(db)).in_order() if not one.category.is_archived]
    labels = [one for one in await known_labels(db) if not one.is_archived]
    nobody = {"value": "none", "label": _("Nobody")}
    return {
        "priorities": [{"value": str(one), "label": word(one)} for one in reversed(Priority)],
        "people": [nobody, *({"value": str(row.id), "label": row.name} for row in await active_people(db))],
        "roles": [nobody, *({"value": str(row.id), "label": row.name} for row in await active_roles(db))],
        "labels": [{"value": str(one.id), "label": one.name} for one in labels],
        "categories": [{"value": str(one.category.id), "label": one.full_name} for one in tree],
        "visibilities": [
            {"value": "internal", "label": _("Everybody here")},
            {"value": "restricted", "label": _("Only those involved")},
        ],
        "targets": [{"value": str(one), "label": word(one)} for one in sorted(TARGETS, key=list(TicketStatus).index)],
    }


def _list_of(request: AnyRequest) -> TicketFilters:
    """From which they were chosen, and to which one goes back: the address names it, as a ticket's does."""
    return TicketFilters.read(listed_pairs(request.query_params.get("list")))


def _address(bulk: BulkEdit, filters: TicketFilters) -> str:
    return f"/tickets/bulk/{bulk.id}{_kept(filters)}"


def _kept(filters: TicketFilters) -> str:
    return f"?{urlencode({'list': query})}" if (query := filters.query()) else ""


async def _about(request: AnyRequest, db: AsyncSession, actor: Actor, bulk: BulkEdit) -> dict[str, Any]:
    filters = _list_of(request)
    counts = await counts_by_outcome(db, bulk.id)
    return {
        "bulk": bulk, "waiting": counts.get(None, 0), "changed": counts.get("changed", 0),
        "same": counts.get("same", 0),
        "left_out": counts.get("left_out", 0), "total": sum(counts.values()),
        "undoable": bool(counts.get("changed")) and not bulk.changes.get("flow_version"),
        "back": filters.url(), "kept": _kept(filters),
        "items": await items_with_titles(db, actor, bulk.id, SHOWN), "undone": await undone_by(db, bulk.id),
    }  # fmt: skip
