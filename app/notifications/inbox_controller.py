"""The bell: what somebody was told, and what of it they have read."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.notifications.inbox import Inbox, by_day
from app.web.door import visit_of
from app.web.forms import Form, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, swap
from app.web.paging import decode_cursor
from app.web.params import row_id
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheInbox = NamedDependency[SkipValidation[Inbox]]


async def provide_inbox(db: Db, actor: Who) -> Inbox:
    return Inbox(db, actor)


class NotificationPages(Controller):
    path = "/notifications"
    opt = access(SIGNED_IN)
    dependencies: Mapping[str, Provide] = {"inbox": Provide(provide_inbox)}

    @get()
    async def index(self, request: AnyRequest, inbox: TheInbox) -> Template:
        unread_only = request.query_params.get("show") == "unread"
        cursor = decode_cursor(request.query_params.get("after"), (int,))
        found = await inbox.page(unread_only=unread_only, before=cursor[0] if cursor else None)
        return await page(
            request, "notifications/index", active="notifications", days=by_day(found.rows),
            newest=found.rows[0].id if found.rows else 0, next_cursor=found.next_cursor, paged=cursor is not None,
            unread=await inbox.unread(), unread_only=unread_only,
        )  # fmt: skip

    @post("/{notification_id:str}/reading", status_code=200)
    async def read(
        self, request: AnyRequest, notification_id: FromPath[str], inbox: TheInbox
    ) -> Template | Response[Any]:
        """Opened, and so read; or only marked, and stays where it is."""
        line = await inbox.find(row_id(notification_id))
        await inbox.mark_read(line.id)
        if Form(await submitted(request)).flag("open"):
            return go(request, line.href)
        if visit_of(request).htmx:
            read = await inbox.find(line.id)
            return swap("notifications/line", line=read, unread=await inbox.unread(), unread_only=False)
        return go(request, self.path)

    @post("/reading", status_code=200)
    async def read_all(self, request: AnyRequest, inbox: TheInbox) -> Response[Any]:
        await inbox.mark_all_read(up_to=Form(await submitted(request)).row("up_to"))
        return go(request, f"{self.path}#main", say=_("All notifications are read."))
