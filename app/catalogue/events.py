"""What can happen to categories, labels, calendars and approval matrices."""

from app.activity.kinds import EventKind
from app.web.i18n import N_

CATEGORY_ADDED = EventKind("category_added", N_("{actor} added the category {name}"), "folder")
CATEGORY_RENAMED = EventKind("category_renamed", N_("{actor} renamed the category {old} to {new}"), "folder")
CATEGORY_ICON = EventKind("category_icon_changed", N_("{actor} gave the category {name} another icon"), "image")
CATEGORY_MOVED = EventKind(
    "category_moved",
    N_("{actor} moved the category {name} under {new}"),
    "folder-tree",
    categories=("old", "new"),
    alternatives={"to_top": N_("{actor} moved the category {name} to the top")},
)
CATEGORY_REORDERED = EventKind(
    "category_reordered", N_("{actor} moved the category {name} in its list"), "arrow-down-up"
)
CATEGORY_ARCHIVED = EventKind("category_archived", N_("{actor} archived the category {name}"), "archive")
CATEGORY_RESTORED = EventKind("category_restored", N_("{actor} restored the category {name}"), "archive-restore")
LABEL_ADDED = EventKind("label_added", N_("{actor} added the label {name}"), "tag")
LABEL_RENAMED = EventKind("label_renamed", N_("{actor} renamed the label {old} to {new}"), "tag")
LABEL_RECOLOURED = EventKind("label_recoloured", N_("{actor} changed the colour of the label {name}"), "palette")
LABEL_REORDERED = EventKind("label_reordered", N_("{actor} moved the label {name} in its list"), "arrow-down-up")
LABEL_ARCHIVED = EventKind("label_archived", N_("{actor} archived the label {name}"), "archive")
LABEL_RESTORED = EventKind("label_restored", N_("{actor} restored the label {name}"), "archive-restore")
CALENDAR_ADDED = EventKind("calendar_added", N_("{actor} added the calendar {name}"), "calendar-days")
CALENDAR_CHANGED = EventKind("calendar_changed", N_("{actor} changed the calendar {name}"), "calendar-days")
CALENDAR_ARCHIVED = EventKind("calendar_archived", N_("{actor} archived the calendar {name}"), "archive")
CALENDAR_RESTORED = EventKind("calendar_restored", N_("{actor} restored the calendar {name}"), "archive-restore")
MATRIX_ADDED = EventKind("matrix_added", N_("{actor} added the approval matrix {name}"), "table-2")
MATRIX_RENAMED = EventKind("matrix_renamed", N_("{actor} renamed the approval matrix {old} to {new}"), "table-2")
MATRIX_ROW_ADDED = EventKind(
    "matrix_row_added", N_("{actor} put {who} for “{value}” into the approval matrix {name}"), "table-2"
)
MATRIX_ROW_REMOVED = EventKind(
    "matrix_row_removed", N_("{actor} took {who} for “{value}” out of the approval matrix {name}"), "table-2"
)
MATRIX_ARCHIVED = EventKind("matrix_archived", N_("{actor} archived the approval matrix {name}"), "archive")
MATRIX_RESTORED = EventKind("matrix_restored", N_("{actor} restored the approval matrix {name}"), "archive-restore")
