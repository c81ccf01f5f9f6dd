"""What can happen to a ticket; the engine's own events are declared in `approval_events.py`."""

from app.activity.kinds import EventKind
from app.web.i18n import N_

CREATED = EventKind(
    "created",
    N_("{actor} started this request"),
    "plus",
    people=("requester_id", "assignee_id"),
    roles=("assigned_role_id",),
)
STATUS_CHANGE = EventKind(
    "status_change", N_("{actor} moved this from {old} to {new}"), "arrow-right", words=("old", "new"), quote="reason",
    group="decisions", follows=True,
)  # fmt: skip
TITLE_CHANGE = EventKind("title_change", N_("{actor} changed the title from “{old}” to “{new}”"), "pencil")
DESCRIPTION_CHANGE = EventKind("description_change", N_("{actor} changed the description"), "pencil")
FIELD_CHANGE = EventKind("field_change", N_("{actor} changed {label}"), "pencil")
PRIORITY_CHANGE = EventKind(
    "priority_change", N_("{actor} changed the priority from {old} to {new}"), "flag", words=("old", "new")
)
DUE_DATE_CHANGE = EventKind(
    "due_date_change",
    N_("{actor} set the due date to {new}"),
    "calendar",
    moments=("old", "new"),
    alternatives={"removed": N_("{actor} removed the due date")},
)
ASSIGNEE_CHANGE = EventKind(
    "assignee_change", N_("{actor} assigned this to {to}"), "user", people=("to", "old"), roles=("role", "old_role"),
    alternatives={"nobody": N_("{actor} took the assignee off"), "to_role": N_("{actor} assigned this to {role}")},
)  # fmt: skip
VISIBILITY_CHANGE = EventKind(
    "visibility_change", N_("{actor} changed who can see this from {old} to {new}"), "eye", words=("old", "new")
)
PERMISSION_GRANT = EventKind(
    "permission_grant", N_("{actor} opened this to {user}"), "lock-open", people=("user",), roles=("role",),
    alternatives={"role": N_("{actor} opened this to {role}")},
)  # fmt: skip
PERMISSION_REVOKE = EventKind(
    "permission_revoke", N_("{actor} closed this to {user}"), "lock", people=("user",), roles=("role",),
    alternatives={"role": N_("{actor} closed this to {role}")},
)  # fmt: skip
LABEL_ADD = EventKind("label_add", N_("{actor} added the label {label}"), "tag", labels=("label",))
LABEL_REMOVE = EventKind("label_remove", N_("{actor} removed the label {label}"), "tag", labels=("label",))
CATEGORY_ADD = EventKind("category_add", N_("{actor} put this under {category}"), "folder", categories=("category",))
CATEGORY_REMOVE = EventKind(
    "category_remove", N_("{actor} took this out of {category}"), "folder", categories=("category",)
)
LINK_ADD = EventKind(
    "link_add", N_("{actor} linked this: it {relation} {linked}"), "link", words=("relation",), tickets=("linked",)
)
LINK_REMOVE = EventKind(
    "link_remove", N_("{actor} took off a link: it {relation} {linked}"), "x", words=("relation",),
    tickets=("linked",),
)  # fmt: skip
ATTACHMENT_ADD = EventKind("attachment_add", N_("{actor} attached {file_name}"), "paperclip")
ATTACHMENT_REMOVE = EventKind("attachment_remove", N_("{actor} removed {file_name}"), "trash-2")
COMMENT_ATTACHMENT_ADD = EventKind(
    "comment_attachment_add", N_("{actor} attached {file_name} to a comment"), "paperclip"
)
COMMENT_EDITED = EventKind("comment_edited", N_("{actor} edited a comment"), "pencil")
COMMENT_REMOVED = EventKind("comment_removed", N_("{actor} removed a comment"), "trash-2")
DELETED = EventKind("deleted", N_("{actor} deleted this ticket"), "trash-2", "neg")
RESTORED = EventKind("restored", N_("{actor} restored this ticket: it is a draft again"), "archive-restore")
RESTRICTED_VIEWED = EventKind("restricted_viewed", N_("{actor} opened this restricted ticket"), "eye")
ACCESS_REQUESTED = EventKind("access_requested", N_("{actor} asks to see this"), "key-round", quote="reason")
FORM_FOLLOWED = EventKind(
    "form_followed", N_("This draft follows version {version} of its form now"), "layout-template"
)
