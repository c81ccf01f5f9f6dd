"""What can happen to a ticket template."""

from app.activity.kinds import EventKind
from app.web.i18n import N_

CREATED = EventKind("ticket_template_created", N_("{actor} created the ticket template {name}"), "layout-template")
PUBLISHED = EventKind(
    "ticket_template_published", N_("{actor} published version {version} of the ticket template {name}"), "send", "pos"
)
ARCHIVED = EventKind("ticket_template_archived", N_("{actor} archived the ticket template {name}"), "archive", "warn")
UNARCHIVED = EventKind(
    "ticket_template_unarchived", N_("{actor} brought the ticket template {name} back"), "archive-restore"
)
