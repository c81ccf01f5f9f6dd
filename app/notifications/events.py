"""What can happen to a notification rule; each event carries the whole rule as it is from then on."""

from app.activity.kinds import EventKind
from app.web.i18n import N_

RULE_ADDED = EventKind(
    "rule_added", N_("{actor} added the notification rule {name}"), "bell-ring", people=("users",), roles=("roles",)
)
RULE_CHANGED = EventKind(
    "rule_changed", N_("{actor} changed the notification rule {name}"), "bell-ring", people=("users",), roles=("roles",)
)
RULE_SWITCHED_ON = EventKind("rule_switched_on", N_("{actor} switched on the notification rule {name}"), "bell")
RULE_SWITCHED_OFF = EventKind("rule_switched_off", N_("{actor} switched off the notification rule {name}"), "bell-off")
RULE_ARCHIVED = EventKind("rule_archived", N_("{actor} archived the notification rule {name}"), "archive")
RULE_RESTORED = EventKind("rule_restored", N_("{actor} restored the notification rule {name}"), "archive-restore")
