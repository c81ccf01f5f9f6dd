"""The places one can go to: once for the menu, the phone, the palette and the keys that begin with G."""

from dataclasses import dataclass

from app.actor import Actor
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Place:
    """`go`: the key after G. `counted`: the menu says how many, `hot`: of what waits for this person."""

    id: str
    url: str
    icon: str
    name: str
    go: str = ""
    counted: bool = False
    hot: bool = False


def main_places(actor: Actor) -> list[Place]:
    """Dashboards for those whom `guards.MANAGER` lets in."""
    dashboards = [Place("dashboards", "/dashboards", "chart-no-axes-column", _("Dashboard"), "d")]
    return [
        Place("home", "/", "house", _("Home"), "h"),
        *(dashboards if actor.is_manager or actor.is_admin else []),
        Place("approvals", "/approvals", "stamp", _("Approvals"), "a", counted=True, hot=True),
        Place("tickets", "/tickets", "ticket", _("Tickets"), "t", counted=True),
        Place("my_requests", "/tickets?creator=me", "pen-line", _("My requests"), "m", counted=True),
        Place("notifications", "/notifications", "bell", _("Notifications"), "n", counted=True, hot=True),
    ]


def personal_places() -> list[Place]:
    return [
        Place("me", "/me", "user", _("Profile and settings")),
        Place("away", "/me/proxies", "plane", _("Set me away")),
    ]


def further_places() -> list[Place]:
    """Not in the menu: buttons of the list of tickets lead there, and the palette."""
    return [
        Place("views", "/views", "bookmark", _("Saved views")),
        Place("imports", "/imports", "upload", _("Import tickets")),
    ]


def admin_places(actor: Actor) -> list[Place]:
    if not actor.is_admin:
        return []
    return [
        Place("attention", "/admin/attention", "triangle-alert", _("Needs attention"), counted=True, hot=True),
        Place("ticket-templates", "/admin/ticket-templates", "layout-template", _("Ticket templates")),
        Place("approval-templates", "/admin/approval-templates", "workflow", _("Approval templates")),
        Place("notification-rules", "/admin/notification-rules", "bell-ring", _("Notification rules")),
        Place("mail", "/admin/mail", "mail", _("Undelivered mail")),
        Place("deleted", "/admin/deleted-tickets", "trash-2", _("Deleted tickets")),
        Place("categories", "/admin/categories", "folder-tree", _("Categories")),
        Place("labels", "/admin/labels", "tag", _("Labels")),
        Place("calendars", "/admin/calendars", "calendar-days", _("Calendars")),
        Place("matrices", "/admin/matrices", "table-2", _("Approval matrices")),
        Place("users", "/admin/users", "users", _("People")),
        Place("roles", "/admin/roles", "key-round", _("Roles")),
    ]
