"""Puts the pieces together; the only file that knows all of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from app import badges, template_usage, where_used
from app.accounts.api import ACCOUNTS_API
from app.accounts.controller import Display, SignIn, SignOut
from app.accounts.me_controller import Me
from app.accounts.recognise import Recogniser
from app.accounts.role_controller import RolePages
from app.accounts.user_controller import UserPages
from app.activity.vocabulary import word
from app.approvals.api import ApprovalTemplatesApi
from app.approvals.controller import ApprovalTemplatePages
from app.attachments.limits import Limits
from app.attachments.storage import storage_for
from app.catalogue.api import CATALOGUE_API
from app.catalogue.calendar_controller import CalendarPages
from app.catalogue.calendars_api import CalendarsApi
from app.catalogue.category_controller import CategoryPages
from app.catalogue.label_controller import LabelPages
from app.catalogue.matrices_api import MatricesApi, MatrixRowsApi
from app.catalogue.matrix_controller import MatrixPages
from app.config import Settings, resource
from app.dashboards.controller import Dashboards
from app.db.session import Database
from app.flow_forms import fields_of_every_form, forms_by_flow, forms_of_flow
from app.mailing.controller import EmailLinks, UndeliveredMail
from app.notifications.api import NotificationRulesApi
from app.notifications.inbox_controller import NotificationPages
from app.notifications.rule_controller import NotificationRulePages
from app.ticket_templates.api import TicketTemplatesApi
from app.ticket_templates.controller import TicketTemplatePages
from app.tickets.api import TICKETS_API
from app.tickets.commands import CommandBook
from app.tickets.controllers import TICKET_PAGES
from app.tickets.controllers.receipts import KeySet, Receipts
from app.tickets.presence.repository import attend
from app.tickets.trying import count_matching
from app.web import errors
from app.web.api_docs import API_DOCS
from app.web.door import Door
from app.web.guards import CLASSES, IS_A_FILE, PUBLIC, access, guard_access, refuse_forged
from app.web.health import Favicon, Live, Ready
from app.web.hub import Hub
from app.web.templates import PageEngine
from app.web.transaction import provide_actor, provide_db
from app.work.api import WORK_API
from app.work.controllers.attention import AttentionQueue
from app.work.controllers.away import MyProxies, ProxyPages
from app.work.controllers.bulk import Bulk
from app.work.controllers.decisions import Decisions
from app.work.controllers.handing_over import Delegations, FurtherApprovers
from app.work.controllers.home import Home
from app.work.controllers.inbox import Inbox
from app.work.controllers.palette import PalettePage
from app.work.controllers.reminders import Reminders
from app.work.controllers.updates import Badges, Updates
from app.work.proxies_api import ProxiesApi
from app.work.seats_api import RescueApi, SeatsApi

UPLOADS_AT_ONCE = 6
"""That have arrived and are put on record: fewer than there are connections, so that pages go on meanwhile."""
PAGES: list[ControllerRouterHandler] = [
    Receipts, KeySet,
    *TICKET_PAGES, Home, Inbox, Bulk, Decisions, Delegations, FurtherApprovers, AttentionQueue, MyProxies, ProxyPages,
    Reminders, PalettePage, Dashboards, Updates, Badges, EmailLinks, UndeliveredMail,
    SignIn, SignOut, Display, Live, Ready, Favicon, Me, UserPages, RolePages, CategoryPages, LabelPages, CalendarPages,
    MatrixPages,
    TicketTemplatePages, ApprovalTemplatePages, NotificationPages, NotificationRulePages,
]  # fmt: skip
API: list[ControllerRouterHandler] = [
    *API_DOCS, *ACCOUNTS_API, *CATALOGUE_API, *TICKETS_API, *WORK_API, SeatsApi, RescueApi, ProxiesApi,
    TicketTemplatesApi, ApprovalTemplatesApi, NotificationRulesApi, CalendarsApi, MatricesApi, MatrixRowsApi,
]  # fmt: skip
DEPENDENCIES: dict[str, Any] = {
    "db": Provide(provide_db),
    "actor": Provide(provide_actor),
}


def create_app(settings: Settings, *, database: Database | None = None, debug: bool = False) -> Litestar:
    """`database` is given by tests; otherwise the app opens its own and closes it when it stops."""
    database = database or Database(
        settings.database_url or "",
        role=settings.app_role,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
    )
    static = resource("static")
    recogniser = Recogniser(database, settings.secret_key)
    hub = Hub(database, recogniser.by_sessions, partial(attend, database))
    app = Litestar(
        route_handlers=[*PAGES, *API, _static_files(static)],
        dependencies=DEPENDENCIES,
        guards=[guard_access],
        before_request=refuse_forged,
        exception_handlers=errors.HANDLERS,
        template_config=None,
        request_max_body_size=2_000_000,
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=1, minimum_size=1000, exclude=["^/updates$"], exclude_opt_key=IS_A_FILE
        ),
        openapi_config=None,
        state=State({**_state(settings, database), "hub": hub, "by_session": recogniser.by_session}),
        lifespan=[_closing(database, hub)],
        debug=False,
    )
    app.template_engine = PageEngine(resource("templates"), static, debug=debug)
    app.asgi_handler = Door(
        app.asgi_handler,
        recogniser.by_session,
        recogniser.by_bearer,
        app.state.session_cookie,
        settings.trusted_proxies,
    )
    _insist_on_access(app)
    return app


def _state(settings: Settings, database: Database) -> dict[str, Any]:
    return {
        "settings": settings,
        "database": database,
        "session_cookie": "__Host-countersign" if settings.is_secure else "countersign",
        "storage": storage_for(settings),
        "limits": Limits(),
        "turns": asyncio.Semaphore(UPLOADS_AT_ONCE),
        "count_for": badges.counter(database),
        "count_hot": badges.counter(database, only=badges.HOT),
        "surroundings": badges.surroundings(database),
        "word": word,
        "where_used": where_used.count_uses,
        "command_book": CommandBook,
        "forms_of_flow": forms_of_flow,
        "fields_of_every_form": fields_of_every_form,
        "count_matching": count_matching,
        "running_tickets": template_usage.running_tickets,
        "running_approvals": template_usage.running_approvals,
        "forms_by_flow": forms_by_flow,
    }


def _closing(database: Database, hub: Hub) -> Any:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        yield
        await hub.close()
        await database.close()

    return lifespan


def _static_files(static: Any) -> Any:
    forever = CacheControlHeader(max_age=31_536_000, immutable=True, public=True)
    return create_static_files_router(
        path="/static",
        directories=[static],
        cache_control=forever,
        opt=access(PUBLIC),
        include_in_schema=False,
    )


def _insist_on_access(app: Litestar) -> None:
    for route in app.routes:
        for handler in _handlers(route):
            if handler.opt.get("access") not in CLASSES and "OPTIONS" not in getattr(handler, "http_methods", ()):
                raise RuntimeError(f"{route.path} names no access class")


def _handlers(route: Any) -> Sequence[BaseRouteHandler]:
    return route.route_handlers if hasattr(route, "route_handlers") else [route.route_handler]
