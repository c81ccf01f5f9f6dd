"""What runs on older versions of a flow, and its move to the one that is live, as JSON."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.definition import Step
from app.approvals.models import ApprovalTemplateVersion
from app.approvals.service import ApprovalTemplates
from app.errors import NotFound, Stale
from app.tickets.approving.migration_preview import AwaitedNext, Preview, preview
from app.tickets.approving.older_versions import count_on_older, page_on_older, seen_on_older
from app.tickets.bulk.carrying_out import carry_out
from app.tickets.bulk.changes import Changes
from app.tickets.bulk.models import Outcome
from app.tickets.bulk.repository import items_with_titles
from app.tickets.bulk.service import BulkEdits
from app.tickets.commands import command_id_of
from app.tickets.views import note_views
from app.web.api import (
    PAGED,
    AnyRequest,
    Id,
    Named,
    Sent,
    answer,
    begin,
    cleaned,
    described,
    limit_of,
    query_of,
)
from app.web.guards import API_ADMIN, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import key as canonical
from app.web.transaction import Db, Who

MOST = 100


class StepRef(Struct):
    key: str
    name: str


class KeptVoteOut(Struct):
    step: StepRef
    user: Named
    decision: Literal["approved", "rejected", "returned", "abstained"]


class AwaitedOut(Struct):
    """A person, or a role of whose members any one is asked."""

    step: StepRef
    user: Named | None
    role: Named | None


class MigrationPreview(Struct):
    """`why_not` is null where it moves; then the rest says what stays, who is awaited and how the steps differ."""

    ticket_no: str
    title: str
    from_version: int
    why_not: str | None
    kept: list[KeptVoteOut]
    awaited: list[AwaitedOut]
    added: list[StepRef]
    changed: list[StepRef]
    removed: list[StepRef]


class MigrationsOut(Struct):
    """`count`: of those that you may see."""

    to_version: int
    count: int
    items: list[MigrationPreview]
    next_cursor: str | None


class MigrationIn(Sent):
    """`to_version`: the version that you looked at; is another one live by now, nothing moves."""

    tickets: Annotated[list[Annotated[str, Meta(max_length=24)]], Meta(min_length=1, max_length=MOST)]
    to_version: Id
    reason: Annotated[str, Meta(max_length=2_000)]


class MigratedOut(Struct):
    ticket_no: str
    outcome: Literal["moved", "same", "left_out"]
    why: str | None


class MigrationOut(Struct):
    to_version: int
    items: list[MigratedOut]


class MigrationApi(Controller):
    path = "/api/v1/approval-templates/{key:str}/migration"
    opt = access(API_ADMIN)

    @get(**described("What runs on older versions, and what a move would mean", gives=MigrationsOut, query=PAGED))
    async def index(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who, state: State) -> Response[Any]:
        live = await _live(db, actor, state, key)
        found = await page_on_older(db, actor, live, query_of(request, PAGED).get("cursor"), limit=limit_of(request))
        shown = [_shown(await preview(db, actor, ticket, live)) for ticket in found.rows]
        await note_views(db, actor, [ticket.id for ticket in found.rows])
        return answer(MigrationsOut(live.number, await count_on_older(db, actor, live), shown, found.next_cursor))

    @post(**described("Move them to the live version", takes=MigrationIn, gives=MigrationOut, refuses=(412,)))
    async def move(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who, state: State) -> Response[Any]:
        """Each in a transaction of its own, with an answer of its own; none is left out in silence."""
        live = await _live(db, actor, state, key)
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, MigrationIn)
        reason = cleaned("reason", sent.reason, limit=2_000, multiline=True)
        if sent.to_version != live.number:
            raise Stale(_("Another version was published meanwhile. Look at it, then try again."))
        wanted = list(dict.fromkeys(sent.tickets))
        seen = await seen_on_older(db, actor, live, numbers=wanted, most=MOST)
        key_of_all = command_id_of(f"migration {command.key}") if command.key else str(uuid4())
        async with state.database.in_its_own() as session:
            changes = Changes(flow_version=str(live.id), reason=reason)
            bulk = await BulkEdits(session, actor).start(changes, seen, command=key_of_all)
        await carry_out(state.database, actor, bulk)
        done = {one.ticket_no: one for one in await items_with_titles(db, actor, bulk.id, MOST)}
        told = [_told(number, done.get(number)) for number in wanted]
        return await command.keep(answer(MigrationOut(live.number, told)))


async def _live(db: AsyncSession, actor: Actor, state: State, key: str) -> ApprovalTemplateVersion:
    templates = ApprovalTemplates(db, actor, state.forms_of_flow)
    live: ApprovalTemplateVersion | None = await templates.life.published(await templates.find(canonical(key)))
    if live is None:
        raise NotFound
    return live


def _told(number: str, item: Any) -> MigratedOut:
    if item is None:
        return MigratedOut(number, "left_out", _("There is nothing here that runs on an older version."))
    if item.outcome == Outcome.CHANGED:
        return MigratedOut(number, "moved", None)
    return (
        MigratedOut(number, "same", None)
        if item.outcome == Outcome.SAME
        else MigratedOut(number, "left_out", _(item.sentence))
    )


def _shown(found: Preview) -> MigrationPreview:
    return MigrationPreview(
        ticket_no=found.ticket.ticket_no, title=found.ticket.title, from_version=found.from_version,
        why_not=found.why_not or None,
        kept=[KeptVoteOut(_ref(one.step), Named(one.user_id, one.name), one.decision) for one in found.kept],  # type: ignore[arg-type]
        awaited=[_awaited(one) for one in found.awaited], added=[_ref(step) for step in found.added],
        changed=[_ref(step) for step in found.changed], removed=[_ref(step) for step in found.removed],
    )  # fmt: skip


def _awaited(one: AwaitedNext) -> AwaitedOut:
    role = Named(one.role_id, one.name) if one.role_id else None
    return AwaitedOut(_ref(one.step), None if role else Named(one.user_id or 0, one.name), role)


def _ref(step: Step) -> StepRef:
    return StepRef(step.key, step.name)
