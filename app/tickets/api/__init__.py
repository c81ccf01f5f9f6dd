"""Tickets and what hangs on them as JSON, one controller a noun."""

from typing import Any

from app.tickets.api.approval import ApprovalApi, ReceiptsApi
from app.tickets.api.asking_for_access import AccessRequestsApi
from app.tickets.api.copies import CopiesApi
from app.tickets.api.deleted import DeletedTicketsApi
from app.tickets.api.exports import ExportsApi
from app.tickets.api.files import CommentFileApi, CommentFilesApi, FileApi, TicketFilesApi
from app.tickets.api.imports import ImportApi, ImportsApi
from app.tickets.api.links import LinksApi
from app.tickets.api.migration import MigrationApi
from app.tickets.api.notes import NotesApi
from app.tickets.api.properties import TicketCategoriesApi, TicketLabelsApi, TicketPermissionsApi
from app.tickets.api.saved_views import SavedViewsApi
from app.tickets.api.simulation import SimulationApi
from app.tickets.api.tickets import TicketApi, TicketsApi
from app.tickets.api.watchers import SubscriptionApi, WatchersApi

TICKETS_API: list[Any] = [
    TicketsApi, TicketApi, NotesApi, TicketLabelsApi, TicketCategoriesApi, TicketPermissionsApi, ApprovalApi,
    ReceiptsApi,
    SimulationApi, TicketFilesApi, CommentFilesApi, FileApi, CommentFileApi, LinksApi,
    SavedViewsApi, ImportsApi, ImportApi, WatchersApi, SubscriptionApi, CopiesApi,
    DeletedTicketsApi,
    MigrationApi,
    AccessRequestsApi, ExportsApi,
]  # fmt: skip
