"""What can happen to an approval template; what happens in a process is told by `tickets/approving/events.py`."""

from app.activity.kinds import EventKind
from app.web.i18n import N_

CREATED = EventKind("approval_template_created", N_("{actor} created the approval template {name}"), "workflow")
PUBLISHED = EventKind(
    "approval_template_published",
    N_("{actor} published version {version} of the approval template {name}"),
    "send",
    "pos",
)
ARCHIVED = EventKind(
    "approval_template_archived", N_("{actor} archived the approval template {name}"), "archive", "warn"
)
UNARCHIVED = EventKind(
    "approval_template_unarchived", N_("{actor} brought the approval template {name} back"), "archive-restore"
)
PROXY_SET = EventKind(
    "proxy_set", N_("{actor} made {proxy} the proxy of {principal}"), "users", people=("proxy", "principal")
)
PROXY_REVOKED = EventKind(
    "proxy_revoked",
    N_("{actor} ended the proxy of {proxy} for {principal}"),
    "user-minus",
    people=("proxy", "principal"),
)
