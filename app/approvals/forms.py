"""What an administrator types about an approval template, as the definition that it means."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.approvals.core.definition import NothingApplies, Resubmission
from app.approvals.step_rows import StepRow
from app.condition_editor import ConditionRows, act_on
from app.errors import Refused
from app.publishing import rows
from app.publishing.problems import Problem
from app.web.forms import Form, Submitted
from app.web.i18n import gettext as _
from app.web.i18n import labelled

MOST_STEPS = 50
STAGE = "stage"
KEPT = ("calendar", "force_close")
"""Parts of a definition without a control of their own: they stay as they are."""
NEW: Mapping[str, Any] = {"key": "", "name": "", "stages": [], "max_rounds": 10}


class ApprovalTemplateForm(Form):
    """Hidden inputs named `row` tell the order: `stage` begins one, a number is a step in it (`steps.2.…`)."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.stages: list[list[StepRow]] = []
        known = rows.numbers(values.all("row"), MOST_STEPS * 2)[:MOST_STEPS]
        for sent in values.all("row")[: MOST_STEPS * 2]:
            if sent == STAGE or not self.stages:
                self.stages.append([])
            if sent.isascii() and sent.isdigit() and len(sent) < 5 and int(sent) in known:
                known.remove(int(sent))
                self.stages[-1].append(StepRow.read(values, int(sent)))
        self.stages = [stage for stage in self.stages if stage]
        self.based_on = self.integer("based_on", low=1, high=10**9)

    @classmethod
    def showing(cls, plain: Mapping[str, Any], *, based_on: int | None = None) -> "ApprovalTemplateForm":
        return cls(_as_typed(plain, based_on))

    @classmethod
    def blank(cls) -> "ApprovalTemplateForm":
        form = cls.showing(NEW)
        form.rearrange("add.stage")
        return form

    @property
    def steps(self) -> list[StepRow]:
        return [step for stage in self.stages for step in stage]

    def definition(self, *, key: str | None = None) -> dict[str, Any]:
        """As JSON; what can't be read as it is typed is in `errors` afterwards."""
        return {
            "key": self.text("key", required=True, limit=63) if key is None else key,
            "name": self.text("name", required=True, limit=120),
            "when_nothing_applies": self.choice(
                "when_nothing_applies", tuple(NothingApplies), default=NothingApplies.ATTENTION
            ),
            "resubmit": self.choice("resubmit", tuple(Resubmission), default=Resubmission.START),
            "max_rounds": self.integer("max_rounds", low=1, high=100, required=True),
            "stages": [{"steps": [self._step(step) for step in stage]} for stage in self.stages],
            **self._kept(),
        }

    def rearrange(self, act: str) -> None:
        """`add.stage`, `up.stage.1`, `add.step.0` (a stage's place), `down.step.4` (a step's number),
        `add.approvers.4.role`, `remove.checks.4.0`, or a condition's own; anything else changes nothing."""
        if act_on(act, self.conditions()):
            return
        verb, what, number, more = [*act.split("."), "", "", "", ""][:4]
        if what == "stage":
            self._rearrange_stages(verb, number)
        elif what == "step":
            self._rearrange_steps(verb, number)
        else:
            step = next((step for step in self.steps if str(step.number) == number), None)
            if step is not None and what in step.lists:
                step.lists[what].rearrange(verb, more)
        self.stages = [stage for stage in self.stages if stage]

    def conditions(self) -> dict[str, ConditionRows]:
        """By the name that their inputs begin with."""
        return {rows.place: rows for step in self.steps for rows in step.conditions()}

    def earlier_steps(self, row: StepRow) -> list[StepRow]:
        """Of the stages before its own: where a rejection may lead back to."""
        found: list[StepRow] = []
        for stage in self.stages:
            if row in stage:
                break
            found += stage
        return found

    def other_steps(self, row: StepRow) -> list[StepRow]:
        return [step for step in self.steps if step is not row and step.get("key")]

    def errors_in(self, place: str) -> bool:
        return any(name.startswith(f"{place}.") for name in self.errors)

    @property
    def labels(self) -> dict[str, str]:
        """What is said before each error in the list of all: the field's name, with its step's where it is in one."""
        own = {"key": _("Key"), "name": _("Name"), "max_rounds": _("Rounds at most")}
        for number, step in enumerate(self.steps, 1):
            named = step.get("name") or step.get("key") or _("Step %(number)s") % {"number": number}
            own |= {
                name: step.label_of(name, named) for name in self.errors if name.startswith(f"{step.place}.")
            }  # fmt: skip
        return own

    def refuse(self, refused: Refused) -> None:
        """Takes over what the definition's reader or the check found, each at the input that it is about."""
        for path, sentence in refused.errors.items():
            name = self.input_for(path)
            self.errors[name] = f"{self.errors[name]} {sentence}" if name in self.errors else sentence
        if not refused.errors:
            self.errors[""] = _(refused.sentence)

    def located(self, problem: Problem) -> tuple[str, str]:
        """(input, sentence with its step's name before it)."""
        step = self._step_at(problem.path.split("."))
        name = self.input_for(problem.path)
        return name, labelled(step.title, problem.sentence) if step else problem.sentence

    def input_for(self, path: str) -> str:
        """The second stage's `stages.1.steps.0.name` is typed at the step of that place, whatever its number."""
        parts = path.split(".")
        if parts[0] != "stages":
            return parts[0]
        step = self._step_at(parts)
        return step.input_for(parts[4:]) if step and len(parts) > 4 else ""

    def _step_at(self, parts: list[str]) -> StepRow | None:
        try:
            return self.stages[int(parts[1])][int(parts[3])]
        except (IndexError, ValueError):
            return None

    def _step(self, row: StepRow) -> dict[str, Any]:
        definition, errors = row.definition()
        self.errors |= errors
        return definition

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.typed.get("kept")[:1000] or "{}")
        except (ValueError, RecursionError):
            return {}
        return {name: kept[name] for name in KEPT if name in kept} if isinstance(kept, dict) else {}

    def _rearrange_stages(self, verb: str, place: str) -> None:
        if verb == "add":
            return self.stages.append(list(self._new_step()))
        numbered = [_Placed(number, stage) for number, stage in enumerate(self.stages)]
        rows.rearrange(numbered, verb, place)
        self.stages = [each.steps for each in numbered]
        return None

    def _rearrange_steps(self, verb: str, number: str) -> None:
        if verb == "add":
            if number.isascii() and number.isdigit() and int(number[:4]) < len(self.stages):
                self.stages[int(number[:4])] += self._new_step()
            return
        for place, stage in enumerate(self.stages):
            step = next((step for step in stage if str(step.number) == number), None)
            if step is not None:
                self._move(step, place, verb)
                return

    def _move(self, step: StepRow, place: int, verb: str) -> None:
        """Past the edge of its stage it joins the stage before or after: the two are asked at the same time."""
        stage = self.stages[place]
        if verb == "up" and step is stage[0] and place > 0:
            stage.remove(step)
            self.stages[place - 1].append(step)
        elif verb == "down" and step is stage[-1] and place + 1 < len(self.stages):
            stage.remove(step)
            self.stages[place + 1].insert(0, step)
        else:
            rows.rearrange(stage, verb, str(step.number))

    def _new_step(self) -> Iterator[StepRow]:
        if len(self.steps) < MOST_STEPS:
            step = StepRow.blank(rows.free_number(self.steps))
            step.lists["approvers"].rearrange("add", "role")
            yield step


class _Placed:
    """A stage has no number of its own: its place is its name while it is moved."""

    def __init__(self, number: int, steps: list[StepRow]) -> None:
        self.number, self.steps = number, steps


def _as_typed(plain: Mapping[str, Any], based_on: int | None) -> Submitted:
    texts = {name: plain.get(name) for name in ("key", "name", "when_nothing_applies", "resubmit", "max_rounds")}
    values = {name: [str(value)] for name, value in texts.items() if value is not None}
    values["kept"] = [json.dumps({name: plain[name] for name in KEPT if plain.get(name)})]
    order, number = [], 0
    for stage in plain["stages"]:
        order.append(STAGE)
        for step in stage["steps"]:
            values |= StepRow.showing(step, number).sent()
            order.append(str(number))
            number += 1
    values["row"] = order
    return Submitted(values | ({"based_on": [str(based_on)]} if based_on else {}))
