"""Deciding many requests at once: a check list first, then one answer for each."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.response import Template

from app.approvals.core.commands import Decision
from app.tickets.approving.bulk import MOST, carry_out, plan
from app.web.forms import MAX_ID, Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.transaction import Db, Who

DECISIONS = (str(Decision.APPROVE), str(Decision.REJECT))


class BulkForm(Form):
    """`seen` is one text a request: seat, hash and on whose behalf, as the check list showed them."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.decision = self.choice("decision", DECISIONS)
        self.comment = self.text("comment", limit=10_000, multiline=True)
        self.batch = self.text("command", required=True, limit=128)
        self.seen = [seen for text in values.all("seen")[: MOST + 1] if (seen := _seen(text))]


def _seen(text: str) -> tuple[int, str, int | None] | None:
    seat, content_hash, behalf = ([*text.split(":"), "", ""])[:3]
    if not _is_id(seat) or (behalf and not _is_id(behalf)):
        return None
    return int(seat), content_hash[:64], int(behalf) if behalf else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:20]) <= MAX_ID


class Bulk(Controller):
    path = "/approvals/bulk"
    opt = access(SIGNED_IN)

    @get()
    async def check(self, request: Request[Any, Any, Any], db: Db, actor: Who) -> Template | Response[Any]:
        form = Form(Submitted({key: request.query_params.getall(key) for key in request.query_params}))
        decision = form.choice("decision", DECISIONS, default=DECISIONS[0])
        seats = form.rows("seat")
        if form.errors or not seats:
            return go(request, "/approvals", say=_("Tick the requests that you want to decide first."))
        made = await plan(db, actor, seats, Decision(decision))
        return await page(request, "work/bulk", active="approvals", plan=made, comment="", error="")

    @post(status_code=200)
    async def decide(
        self, request: Request[Any, Any, Any], db: Db, actor: Who, state: State
    ) -> Template | Response[Any]:
        form = BulkForm(await submitted(request))
        if form.errors or not form.seen:
            return go(request, "/approvals", say=_("Nothing was decided."))
        made = await plan(db, actor, [seat for seat, *_rest in form.seen], Decision(form.decision))
        if made.needs_comment and not form.comment:
            error = _("Say why: one reason for all of them.")
            return await page(
                request, "work/bulk", active="approvals", status=422, plan=made, comment=form.comment, error=error
            )
        results = await carry_out(
            state.database, actor, form.seen, Decision(form.decision), comment=form.comment, batch=form.batch
        )
        return await page(
            request, "work/bulk_done", active="approvals", results=results, decision=form.decision,
            done=[one for one in results if one.done], left=[one for one in results if not one.done],
        )  # fmt: skip
