"""`/live`: the process; `/ready`: database and migrations. Neither tells detail."""

from litestar import Controller, MediaType, Response, get
from litestar.datastructures import State
from sqlalchemy import text

from app.web.guards import PUBLIC, access

FAVICON = "/static/icons/favicon.svg"


class Live(Controller):
    path = "/live"
    opt = access(PUBLIC)

    @get(media_type=MediaType.TEXT)
    async def show(self) -> str:
        return "ok"


class Favicon(Controller):
    """Browsers ask for it by themselves where a page is not ours; the real one is linked from every page."""

    path = "/favicon.ico"
    opt = access(PUBLIC)

    @get()
    async def show(self) -> Response[None]:
        return Response(None, status_code=308, headers={"location": FAVICON}, media_type=MediaType.TEXT)


class Ready(Controller):
    path = "/ready"
    opt = access(PUBLIC)

    @get()
    async def show(self, state: State) -> Response[str]:
        try:
            async with state.database.session() as session:
                at_head = await session.execute(text("SELECT version_num FROM ticket.schema_version"))
                ready = at_head.scalar() is not None
        except Exception:  # whatever it is, the answer is the same and the reason is in the log
            ready = False
        return Response(
            "ok" if ready else "not ready",
            status_code=200 if ready else 503,
            media_type=MediaType.TEXT,
        )
