"""Answers that are files: of each what is known of it, so that an answer says by itself what was read and decided upon.

One that is stored has the `id` of the ticket's file, one that is kept with a form that somebody still types has the
number of its `draft`. Whoever stores an answer stores the files first (`app.tickets.field_files`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.attachments.looks import Looks
from app.attachments.models import StoredFile
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.web.forms import Submitted
from app.web.i18n import gettext as _
from app.web.i18n import series

File = Mapping[str, Any]
LEFT_OUT = ".leave"
"""Ends the name of the boxes that are ticked beside files which the answer is to be without."""
ID, DRAFT = "id", "draft"


@dataclass(frozen=True, slots=True)
class ShownFile(Looks):
    """`mark` tells it apart on the form; `leaves`: it is ticked to be left out."""

    id: int
    file_name: str
    size: int
    mime_type: str
    is_draft: bool = False
    leaves: bool = False

    @property
    def mark(self) -> str:
        return f"d{self.id}" if self.is_draft else str(self.id)


def described(file: StoredFile, *, as_: str = ID) -> dict[str, Any]:
    return {
        as_: file.id, "file_name": file.file_name, "size": file.size, "mime_type": file.mime_type,
        "sha256": file.sha256,
    }  # fmt: skip


def shown(value: Any, left_out: Collection[str] = ()) -> tuple[ShownFile, ...]:
    """Of a stored value; what has another shape is no file."""
    return tuple(
        ShownFile(
            one.get(DRAFT) or one.get(ID) or 0, str(one["file_name"]), int(one["size"]), str(one["mime_type"]),
            is_draft=DRAFT in one, leaves=mark_of(one) in left_out,
        )
        for one in files_in(value)
    )  # fmt: skip


def files_in(value: Any) -> list[File]:
    return [one for one in value if isinstance(one, Mapping) and "sha256" in one] if isinstance(value, list) else []


def mark_of(file: File) -> str:
    return f"d{file[DRAFT]}" if DRAFT in file else str(file.get(ID))


def at_hand(before: Any, kept: Sequence[File]) -> list[File]:
    """Everything that the answer may consist of: what is stored, then what was sent with the form."""
    return [*files_in(before), *kept]


def from_form(sent: Submitted, name: str, files: Sequence[File]) -> list[File] | None:
    """Files stay unless they are left out: nothing is lost by a form that says nothing of them."""
    left_out = set(sent.all(name + LEFT_OUT))
    return [one for one in files if mark_of(one) not in left_out] or None


def from_json(value: Any, files: Sequence[File]) -> list[File] | None:
    """Ids of files that this answer has already, or the files as they were read: no other file can be named."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError(_("A list of ids of files is expected here."))
    wanted = [_id(one) for one in value]
    present = {one[ID]: one for one in files if ID in one}
    if not all(one in present for one in wanted):
        raise ValueError(_("One of these files is not of this answer. Attach it first, naming the field."))
    return [file for row, file in present.items() if row in wanted] or None


def settled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without the files that are not stored yet."""
    kept = {key: _stored(value) for key, value in values.items()}
    return {key: value for key, value in kept.items() if value is not None}


def _stored(value: Any) -> Any:
    files = files_in(value)
    return [file for file in files if ID in file] or None if files else value


def of_files(fields: Iterable[FieldDefinition]) -> list[FieldDefinition]:
    return [one for one in fields if one.type is FieldType.ATTACHMENT]


def names(value: Any) -> str:
    return series(str(one["file_name"]) for one in files_in(value))


def told_apart(old: Any, new: Any) -> tuple[str, str]:
    """Both in words; where the names are the same, with the beginning of what tells the contents apart."""
    if names(old) != names(new):
        return names(old), names(new)
    marked = [series(f"{one['file_name']} ({one['sha256'][:8]})" for one in files_in(value)) for value in (old, new)]
    return marked[0], marked[1]


def as_content(value: Any) -> Any:
    """What an approval is bound to: names and bytes. The same file attached anew is the same answer."""
    files = files_in(value)
    told = ({"file_name": one.get("file_name"), "sha256": one["sha256"]} for one in files)
    return sorted(told, key=lambda one: (str(one["file_name"]), str(one["sha256"]))) if files else value


def _id(one: Any) -> int:
    row = one.get(ID) if isinstance(one, Mapping) else one
    if isinstance(row, bool) or not isinstance(row, int):
        raise ValueError(_("A list of ids of files is expected here."))
    return row
