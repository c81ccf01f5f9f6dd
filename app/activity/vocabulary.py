"""The words for codes that events, tables and forms carry: one word a code, wherever it is read."""

from collections.abc import Mapping

from app.web.i18n import N_, gettext

STATUSES: Mapping[str, str] = {
    "draft": N_("Draft"),
    "waiting_approval": N_("Waiting approval"),
    "open": N_("Open"),
    "in_progress": N_("In progress"),
    "resolved": N_("Resolved"),
    "closed": N_("Closed"),
    "rejected": N_("Rejected"),
    "cancelled": N_("Cancelled"),
}
RETURNED = N_("Sent back")
"""How a draft reads whose approval was returned."""
PRIORITIES: Mapping[str, str] = {
    "low": N_("Low"),
    "medium": N_("Medium"),
    "high": N_("High"),
    "urgent": N_("Urgent"),
}
VISIBILITIES: Mapping[str, str] = {
    "internal": N_("everybody here"),
    "restricted": N_("only those involved"),
}
APPROVALS: Mapping[str, str] = {
    "running": N_("Running"),
    "returned": RETURNED,
    "approved": N_("Approved"),
    "withdrawn": N_("Withdrawn"),
}
RELATIONS: Mapping[str, str] = {
    "relates": N_("relates to"),
    "blocks": N_("blocks"),
    "blocked_by": N_("is blocked by"),
    "duplicates": N_("duplicates"),
    "duplicated_by": N_("is duplicated by"),
    "parent": N_("is parent of"),
    "child": N_("is child of"),
}
"""How one ticket is linked to another."""
WORDS: Mapping[str, str] = {**APPROVALS, **STATUSES, **PRIORITIES, **VISIBILITIES, **RELATIONS}


def word(code: str) -> str:
    """In the reader's language; an unknown code stands for itself."""
    return gettext(WORDS.get(code, code))


def shown_status(status: str, approval: str | None) -> str:
    """Its code, or `returned` for a draft that was sent back."""
    return "returned" if status == "draft" and approval == "returned" else str(status)


def status_word(status: str, approval: str | None) -> str:
    shown = shown_status(status, approval)
    return gettext(RETURNED if shown == "returned" else STATUSES.get(shown, shown))
