"""The dashboards' pages: what a manager watches."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from app.clock import utc_now
from app.dashboards.operations import overview
from app.dashboards.scope import PERIODS, Scope
from app.errors import NotFound
from app.web.guards import MANAGER, access
from app.web.pages import go, page
from app.web.transaction import Db, Who

OPERATIONS = "operations"


class Dashboards(Controller):
    path = "/dashboards"
    opt = access(MANAGER)

    @get()
    async def index(self, request: Request[Any, Any, Any], actor: Who) -> Response[Any]:
        """There is one so far."""
        return go(request, Scope.read(request.query_params, actor, utc_now()).url())

    @get("/{slug:str}")
    async def show(self, request: Request[Any, Any, Any], slug: FromPath[str], db: Db, actor: Who) -> Template:
        if slug != OPERATIONS:
            raise NotFound
        scope = Scope.read(request.query_params, actor, utc_now())
        found = await overview(db, scope)
        return await page(request, "dashboards/operations", active="dashboards", board=found, periods=PERIODS)
