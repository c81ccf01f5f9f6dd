"""What an administrator chooses from while shaping a flow."""

from dataclasses import dataclass

from app.approvals.service import FieldsByForm
from app.conditions import Kind
from app.web.i18n import gettext as _
from app.web.i18n import pgettext

LOOKED_UP = (Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.CHOICE, Kind.CHOICES, Kind.CATEGORIES)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


def manager_levels() -> list[tuple[str, str]]:
    return [
        ("1", _("the requester’s manager")), ("2", _("the manager of the requester’s manager")),
        ("3", _("the manager three levels above the requester")),
    ]  # fmt: skip


def choices() -> dict[str, list[Choice]]:
    """By the input that they are for."""
    words = {
        "mode": [
            ("any", _("One approval is enough")), ("all", _("Everyone must approve")),
            ("count", _("A number of approvals")), ("percent", _("A share of the approvers")),
        ],
        "reject": [("veto", _("One rejection rejects")), ("threshold", _("Only when approval is out of reach"))],
        "on_reject": [
            ("end", pgettext("what happens then", "The request is rejected")),
            ("return", _("It goes back to the requester")),
        ],
        "requester": [
            ("void", _("They do not decide; the others do")), ("manager", _("Their manager decides instead")),
            ("allow", _("They decide on their own request")),
        ],
        "then": [
            ("remind", _("Remind the approvers")), ("escalate", _("Somebody further up may answer too")),
            ("replace", _("Somebody further up decides instead")), ("reject", _("It is rejected")),
        ],
        "when_nothing_applies": [
            ("attention", _("An administrator decides what happens")),
            ("approve", _("It is approved without a person")),
        ],
        "resubmit": [("start", _("From the first stage")), ("returning_step", _("From the step that returned it"))],
        "members": [("any", _("any member may decide")), ("each", _("each member is asked"))],
        "level": manager_levels(),
    }  # fmt: skip
    return {name: [Choice(value, label) for value, label in listed] for name, listed in words.items()}


def field_choices(forms: FieldsByForm) -> list[Choice]:
    """Fields of the forms that run through the flow where the requester names a person or a role."""
    found: dict[str, str] = {}
    for fields in forms.values():
        for one in fields.values():
            if one.kind in (Kind.USER, Kind.ROLE) and one.column is None:
                found.setdefault(one.key, one.label)
    return [Choice(key, label) for key, label in found.items()]


def matrix_field_choices(forms: FieldsByForm) -> list[Choice]:
    """Fields whose value a table can be asked about: custom ones, and the categories."""
    found: dict[str, str] = {}
    for fields in forms.values():
        for one in fields.values():
            if one.kind in LOOKED_UP and (one.column is None or one.kind is Kind.CATEGORIES):
                found.setdefault(one.key, one.label)
    return [Choice(key, label) for key, label in found.items()]
