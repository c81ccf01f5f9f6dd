"""What runs on older versions of a flow moves to the live one: what it would mean, a reason, one answer each."""

from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.approvals.service import ApprovalTemplates
from app.tickets.approving.migration_preview import preview
from app.tickets.approving.older_versions import count_on_older, page_on_older, seen_on_older
from app.tickets.bulk.carrying_out import carry_out
from app.tickets.bulk.changes import Changes
from app.tickets.bulk.form import seen_in
from app.tickets.bulk.service import AT_ONCE, MOST, BulkEdits
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.views import note_views
from app.web.forms import Form, Submitted, submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.params import key as canonical_key
from app.web.transaction import Db, Who


class MigrationForm(Form):
    """`to`: the number of the version that was live when the page was read."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.command = self.text("command", required=True, limit=60)
        self.to = self.integer("to", low=1, high=10_000_000, required=True)
        self.all = self.flag("all")
        self.seen = seen_in(values)
        self.reason = self.text("reason", required=True, limit=2_000, multiline=True)
        if not self.all and not self.seen:
            self.errors[""] = _("Tick the requests that shall move.")


class ApprovalMigration(Controller):
    path = "/admin/approval-templates/{template_key:str}/migration"
    opt = access(ADMIN)

    @get()
    async def choose(
        self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who, state: State
    ) -> Template:
        template, live = await _live(db, actor, state, template_key)
        return await _page(request, db, actor, template, live, MigrationForm.fresh())

    @post(status_code=200)
    async def move(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who, state: State) -> Answer:
        template, live = await _live(db, actor, state, template_key)
        form = MigrationForm(await submitted(request))
        if live is None or form.to != live.number:
            form.errors[""] = _("Another version was published meanwhile. Look at it, then try again.")
        if live is None or form.errors:
            return await _page(request, db, actor, template, live, form)
        seen = await seen_on_older(db, actor, live, numbers=None, most=MOST) if form.all else form.seen
        changes = Changes(flow_version=str(live.id), reason=form.reason)
        async with state.database.in_its_own() as session:
            bulk = await BulkEdits(session, actor).start(changes, seen[:MOST], command=form.command)
        if len(seen) <= AT_ONCE:
            await carry_out(state.database, actor, bulk)
        return go(request, f"/tickets/bulk/{bulk.id}")


async def _live(
    db: AsyncSession, actor: Actor, state: State, key: str
) -> tuple[ApprovalTemplate, ApprovalTemplateVersion | None]:
    templates = ApprovalTemplates(db, actor, state.forms_of_flow)
    template = await templates.find(canonical_key(key))
    return template, await templates.life.published(template)


async def _page(
    request: AnyRequest, db: AsyncSession, actor: Actor, template: ApprovalTemplate,
    live: ApprovalTemplateVersion | None, form: MigrationForm,
) -> Template:  # fmt: skip
    found = await page_on_older(db, actor, live, request.query_params.get("cursor")) if live else None
    tickets = found.rows if found else []
    previews = [await preview(db, actor, ticket, live) for ticket in tickets] if live else []
    await note_views(db, actor, [ticket.id for ticket in tickets])
    count = await count_on_older(db, actor, live) if live else 0
    next_url = f"{request.url.path}?cursor={found.next_cursor}" if found and found.next_cursor else None
    return await page(
        request, "tickets/migration/new", active="approval-templates", status=422 if form.errors else 200,
        template=template, live=live, form=form, previews=previews, count=count, most=MOST, next_url=next_url,
    )  # fmt: skip
