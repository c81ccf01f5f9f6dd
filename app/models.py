"""Every table, for migrations: importing this module fills `Record.metadata`."""

from app.accounts import models as accounts
from app.activity import models as activity
from app.approvals import models as approvals
from app.attachments import models as attachments
from app.catalogue import models as catalogue
from app.dashboards import models as dashboards
from app.db import master_data
from app.db.base import Record
from app.mailing import models as mailing
from app.notifications import models as notifications
from app.publishing import models as publishing
from app.ticket_templates import models as ticket_templates
from app.tickets import models as tickets
from app.tickets.asking_for_access import models as asking_for_access
from app.tickets.bulk import models as bulk
from app.tickets.exporting import models as exporting
from app.tickets.importing import models as importing
from app.tickets.linking import models as linking
from app.tickets.mentions import models as mentions
from app.tickets.presence import models as presence
from app.tickets.recent import models as recent
from app.tickets.saved_views import models as saved_views
from app.tickets.unsent import models as unsent
from app.tickets.watchers import models as watchers

metadata = Record.metadata

__all__ = [
    "accounts",
    "activity",
    "approvals",
    "asking_for_access",
    "attachments",
    "bulk",
    "catalogue",
    "dashboards",
    "exporting",
    "importing",
    "linking",
    "mailing",
    "master_data",
    "mentions",
    "metadata",
    "notifications",
    "presence",
    "publishing",
    "recent",
    "saved_views",
    "ticket_templates",
    "tickets",
    "unsent",
    "watchers",
]
