"""One step of a flow as it is typed, from and to its definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from app.actor import current_actor
from app.approvals.core.definition import Mode, OnDeadline, OnReject, Reject, WhenRequester
from app.approvals.line_rows import CheckRow, LineRow, Rows, Typed
from app.condition_editor import ConditionRows
from app.web.formats import zone_of
from app.web.forms import Form, Submitted
from app.web.i18n import N_, labelled
from app.web.i18n import gettext as _

TEXTS = ("key", "name", "mode", "threshold", "reject", "requester")
FLAGS = ("comment_on_approve", "comment_on_reject", "wait_all", "auto_satisfy", "ad_hoc", "reauthenticate")
LISTS: Mapping[str, type[LineRow] | type[CheckRow]] = {
    "approvers": LineRow, "fallback": LineRow, "to": LineRow, "checks": CheckRow,
}  # fmt: skip
BACK = "back:"
ODD = (
    "auto_satisfy", "wait_all", "distinct_all", "distinct", "editors", "replace_inactive", "ad_hoc", "watches",
)  # fmt: skip
"""Inputs that most steps leave empty; the page folds them away."""
INPUT_OF = {"deadline": "hours", "watches": "watches", "distinct_from": "distinct"}
"""Parts of a definition that are typed under another name."""

LABELS = {
    "key": N_("Key"), "name": N_("Name"), "approvers": N_("Approvers"), "fallback": N_("Fallback"),
    "mode": N_("Who has to approve"), "threshold": N_("How many, or percent"), "reject": N_("What a rejection does"),
    "on_reject": N_("After a rejection"), "hours": N_("Decide within, in working hours"),
    "remind": N_("Remind, hours before"), "then": N_("When it has passed"), "to": N_("Further up"),
    "requester": N_("When the requester is an approver"), "distinct": N_("Nobody decides here who decides in"),
    "watches": N_("Votes are bound to these fields only"), "checks": N_("Checks"), "condition": N_("Asked only when"),
}  # fmt: skip
"""As the inputs are called on the screen (templates/approvals/admin/_step.html)."""


@dataclass(slots=True)
class StepRow:
    """`number` is its name on this screen, wherever it is moved to: focus and what is typed go with it."""

    number: int
    typed: Submitted
    lists: dict[str, Rows] = field(default_factory=dict)
    condition: ConditionRows = field(default_factory=lambda: ConditionRows.showing(None, ""))

    @classmethod
    def read(cls, sent: Submitted, number: int) -> Self:
        place = f"steps.{number}."
        typed = {name.removeprefix(place): given for name, given in sent.values.items() if name.startswith(place)}
        lists = {name: Rows.read(kind, sent, f"{place}{name}") for name, kind in LISTS.items()}
        return cls(number, Submitted(typed), lists, ConditionRows.read(sent, f"{place}condition"))

    @classmethod
    def blank(cls, number: int) -> Self:
        """As a step of the API is when it says nothing."""
        return cls.showing({"key": "", "name": "", "comment_on_reject": True}, number)

    @classmethod
    def showing(cls, plain: Mapping[str, Any], number: int) -> Self:
        deadline = plain.get("deadline") or {}
        given = {**plain, "to": deadline.get("to")}
        lists = {name: Rows.showing(kind, given.get(name), f"steps.{number}.{name}") for name, kind in LISTS.items()}
        condition = ConditionRows.showing(plain.get("condition"), f"steps.{number}.condition")
        return cls(number, Submitted(_as_typed(plain, deadline)), lists, condition)

    def get(self, name: str) -> str:
        return self.typed.get(name)

    def all(self, name: str) -> list[str]:
        return self.typed.all(name)

    def flag(self, name: str) -> bool:
        return self.get(name) == "true"

    @property
    def place(self) -> str:
        return f"steps.{self.number}"

    @property
    def title(self) -> str:
        return self.get("name") or self.get("key") or _("New step")

    def label_of(self, name: str, title: str) -> str:
        """The step, and which of its inputs: what is in a list has the list's name."""
        words = LABELS.get(name.removeprefix(f"{self.place}.").split(".")[0])
        return labelled(title, _(words)) if words else title

    @property
    def counts(self) -> bool:
        """Whether a number goes with its mode."""
        return self.get("mode") in (Mode.COUNT, Mode.PERCENT)

    @property
    def is_special(self) -> bool:
        usual = {"requester": WhenRequester.VOID, "on_reject": OnReject.END}
        return any(map(self.get, ODD)) or any(self.get(name) not in ("", value) for name, value in usual.items())

    def is_lost_way_back(self, earlier: list[Self]) -> bool:
        """It names a step to go back to that is not before it (any more)."""
        chosen = self.get("on_reject")
        return chosen.startswith(BACK) and chosen.removeprefix(BACK) not in [step.get("key") for step in earlier]

    def sent(self) -> Typed:
        """Everything as a browser sends it for this step."""
        typed = {f"{self.place}.{name}": given for name, given in self.typed.values.items()}
        for name, listed in self.lists.items():
            typed[f"{self.place}.{name}.row"] = [str(row.number) for row in listed.listed]
            for row in listed.listed:
                typed |= row.typed()
        return typed | self.condition.typed()

    def conditions(self) -> list[ConditionRows]:
        return [self.condition, *(check.condition for check in self.lists["checks"].listed)]

    def definition(self) -> tuple[dict[str, Any], dict[str, str]]:
        """(JSON, errors by input)."""
        reader = _StepReader(self.typed)
        own = reader.definition()
        errors = {f"{self.place}.{name}": sentence for name, sentence in reader.errors.items()}
        own["condition"] = self.condition.tree(zone_of(current_actor().time_zone), errors)
        for name in ("approvers", "fallback", "checks"):
            own[name] = self.lists[name].definition(errors)
        if own["deadline"] is not None:
            own["deadline"]["to"] = self.lists["to"].definition(errors)
        return own, errors

    def input_for(self, parts: list[str]) -> str:
        """`["approvers", "1"]` and what else a path has below the step, as the input where it was typed."""
        name, rest = parts[0], parts[1:]
        if name == "deadline" and rest:
            name, rest = rest[0], rest[1:]
        if name in self.lists:
            return self._input_in(name, rest)
        return f"{self.place}.{INPUT_OF.get(name, name)}"

    def _input_in(self, name: str, rest: list[str]) -> str:
        listed = self.lists[name].listed
        if not rest or not rest[0].isdigit() or int(rest[0]) >= len(listed):
            return f"{self.place}.{name}"
        row = listed[int(rest[0])]
        if name == "checks":
            return f"{row.place}.{rest[1] if len(rest) > 1 else 'label'}"
        return str(row.input_name)


class _StepReader(Form):
    def definition(self) -> dict[str, Any]:
        mode = self.choice("mode", tuple(Mode), default=Mode.ANY)
        counts = mode in (Mode.COUNT, Mode.PERCENT)
        threshold = self.integer("threshold", low=1, high=1000, required=True) if counts else None
        return {
            "key": self.text("key", required=True, limit=63), "name": self.text("name", required=True, limit=120),
            "mode": mode, "threshold": threshold,
            "reject": self.choice("reject", tuple(Reject), default=Reject.VETO), "on_reject": self._on_reject(),
            "requester": self.choice("requester", tuple(WhenRequester), default=WhenRequester.VOID),
            "distinct_from": "all" if self.flag("distinct_all") else self.typed.all("distinct"),
            "watches": self._watches(),
            "editors": "allow" if self.flag("editors") else "void",
            "replace_inactive": "manager" if self.flag("replace_inactive") else "none",
            "deadline": self._deadline(), **{name: self.flag(name) for name in FLAGS},
        }  # fmt: skip

    def _on_reject(self) -> Any:
        chosen = self.typed.get("on_reject")
        if chosen.startswith(BACK):
            return {"back_to": chosen.removeprefix(BACK)}
        return self.choice("on_reject", (OnReject.END, OnReject.RETURN), default=OnReject.END)

    def _deadline(self) -> dict[str, Any] | None:
        hours = self.integer("hours", low=1, high=2000)
        return None if hours is None else {
            "business_hours": hours, "remind": self._remind(),
            "then": self.choice("then", tuple(OnDeadline), default=OnDeadline.REMIND),
        }  # fmt: skip

    def _watches(self) -> list[str] | None:
        """None for everything; no field at all can be said through the API only, and is kept."""
        listed = self.text("watches", limit=4000).replace(",", " ").split()
        return listed or ([] if self.flag("watches_nothing") else None)

    def _remind(self) -> list[int]:
        listed = self.typed.get("remind").replace(",", " ").split()
        if len(listed) > 20 or not all(each.isascii() and each.isdigit() and len(each) < 6 for each in listed):
            self.errors["remind"] = _("Whole numbers, like 4 or 8, 2.")
            return []
        return [int(each) for each in listed]


def _as_typed(plain: Mapping[str, Any], deadline: Mapping[str, Any]) -> Typed:
    on_reject, distinct = plain.get("on_reject", "end"), plain.get("distinct_from") or []
    texts = {name: plain.get(name) for name in TEXTS} | {
        "on_reject": BACK + str(on_reject["back_to"]) if isinstance(on_reject, Mapping) else on_reject,
        "watches": " ".join(map(str, plain.get("watches") or ())), "hours": deadline.get("business_hours"),
        "remind": ", ".join(map(str, deadline.get("remind") or ())), "then": deadline.get("then"),
    }  # fmt: skip
    flags = {name: plain.get(name, False) for name in FLAGS} | {
        "distinct_all": distinct == "all", "editors": plain.get("editors") == "allow",
        "replace_inactive": plain.get("replace_inactive") == "manager", "watches_nothing": plain.get("watches") == [],
    }  # fmt: skip
    typed = {name: [str(value)] for name, value in texts.items() if value not in (None, "")}
    typed |= {name: ["true"] for name, value in flags.items() if value}
    return typed | ({"distinct": [str(key) for key in distinct]} if distinct and distinct != "all" else {})
