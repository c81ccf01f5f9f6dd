"""A flow in words: who is asked, how it is decided, and what differs between two versions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app import conditions
from app.approvals.core.definition import Flow, Mode, Source, Step
from app.approvals.core.definition_json import flow_to_json
from app.approvals.options import choices, manager_levels
from app.approvals.service import FieldsByForm
from app.condition_editor.words import as_shown
from app.publishing.compare import Path, compare, plainly
from app.web.i18n import gettext as _
from app.web.i18n import in_quotes, ngettext, series

LINES = frozenset({"approvers", "fallback"})


@dataclass(frozen=True, slots=True)
class Named:
    """What definitions name by id or key."""

    people: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)
    forms: FieldsByForm = field(default_factory=dict)

    def sentence(self, tree: Any) -> str:
        """Empty where no form that runs through the flow can make sense of it."""
        for fields in self.forms.values():
            try:
                return conditions.sentence(conditions.parse(tree, fields), fields, _, formats=as_shown)
            except conditions.ConditionError:
                continue
        return ""

    def label(self, key: Any) -> str:
        found = (fields[key].label for fields in self.forms.values() if key in fields)
        return next(found, str(key))


def ids_in(definition: Any) -> Iterator[tuple[str, int]]:
    """(`user_id` or `role_id`, id) at any depth."""
    if isinstance(definition, Mapping):
        for key, value in definition.items():
            if key in ("user_id", "role_id") and isinstance(value, int):
                yield key, value
            else:
                yield from ids_in(value)
    elif isinstance(definition, list | tuple):
        for value in definition:
            yield from ids_in(value)


def said_line(plain: Mapping[str, Any], names: Named) -> str:
    """An approver line as its reader says it."""
    source = plain.get("source")
    if source == Source.USER:
        return names.people.get(plain.get("user_id") or 0, f"#{plain.get('user_id')}")
    if source in (Source.ROLE, Source.PICK):
        role = names.roles.get(plain.get("role_id") or 0, f"#{plain.get('role_id')}")
        if source == Source.PICK:
            return _("whom the requester picks from %(role)s") % {"role": role}
        said = _("each member of %(role)s") if plain.get("members") == "each" else _("any member of %(role)s")
        return said % {"role": role}
    if source == Source.MANAGER:
        return dict(manager_levels()).get(str(plain.get("level")), "?")
    if source == Source.FIELD:
        return _("whom “%(field)s” names") % {"field": names.label(plain.get("field"))}
    if source == Source.MATRIX:
        facts = {"matrix": plain.get("matrix"), "field": names.label(plain.get("field"))}
        return _("whom the approval matrix %(matrix)s names for “%(field)s”") % facts
    words = {"previous_manager": _("the manager of the approver before"), "rules": _("whom a list of rules names")}
    return words.get(str(source), str(source))


def decides(step: Step) -> str:
    """How many of those who are asked have to approve."""
    if step.mode is Mode.COUNT and step.threshold:
        return ngettext("%(num)d approval", "%(num)d approvals", step.threshold) % {"num": step.threshold}
    if step.mode is Mode.PERCENT:
        return _("%(share)s%% of them") % {"share": step.threshold}
    return _("everyone") if step.mode is Mode.ALL else _("one is enough")


def in_short(flow: Flow) -> list[str]:
    """A stage each: `Line manager`, `Legal + Finance`."""
    return [" + ".join(step.name for step in stage.steps) for stage in flow.stages]


def changes(old: Flow, new: Flow, names: Named) -> list[str]:
    return compare(_by_step(old), _by_step(new), name=_namer(old, new), say=_sayer(names))


def _by_step(flow: Flow) -> dict[str, Any]:
    """The stage is a property of each step, so that a step that moved is the same step."""
    plain = flow_to_json(flow)
    stages = plain.pop("stages")
    steps = [{**step, "stage": number} for number, stage in enumerate(stages, 1) for step in stage["steps"]]
    return plain | {"steps": steps}


def _namer(old: Flow, new: Flow) -> Callable[[Path], str]:
    words = _words()

    def name(path: Path) -> str:
        if path[0] != "steps" or len(path) == 1:
            return words.get(path[0], path[0])
        step = new.steps.get(path[1]) or old.steps.get(path[1])
        label = _("Step “%(name)s”") % {"name": step.name if step else path[1]}
        return label if len(path) == 2 else series([label, words.get(path[2], path[2])])

    return name


def _sayer(names: Named) -> Callable[[Path, Any], str]:
    labels = {(name, one.value): one.label for name, listed in choices().items() for one in listed}

    def say(path: Path, value: Any) -> str:
        kind = path[-1]
        if isinstance(value, str) and (kind, value) in labels:
            return in_quotes(labels[kind, value])
        if value in (None, "", [], {}):
            return plainly(path, value)
        if kind in LINES:
            return _joined(said_line(line, names) for line in value)
        if kind == "condition":
            return in_quotes(names.sentence(value) or _("another rule"))
        if kind == "deadline":
            return _said_deadline(value, names)
        if kind == "distinct_from":
            return _("every other step") if value == "all" else _joined(map(str, value))
        if isinstance(value, Mapping) and "back_to" in value:
            return _("back to %(step)s") % {"step": value["back_to"]}
        return plainly(path, value)

    return say


def _said_deadline(plain: Mapping[str, Any], names: Named) -> str:
    hours = plain.get("business_hours")
    said = [_("%(hours)s working hours") % {"hours": hours}, _said_late(str(plain.get("then")))]
    if plain.get("remind"):
        said.append(_("reminder %(hours)s hours before") % {"hours": _joined(map(str, plain["remind"]))})
    said += [said_line(line, names) for line in plain.get("to") or ()]
    return _joined(said)


def _said_late(then: str) -> str:
    words = {"remind": _("then a reminder"), "escalate": _("then somebody is added")}
    return (words | {"replace": _("then somebody else decides"), "reject": _("then it is rejected")}).get(then, then)


def _joined(said: Any) -> str:
    return series(said)


def _words() -> dict[str, str]:
    """What the page calls each part of a definition."""
    return {
        "name": _("Name"), "calendar": _("Calendar"), "force_close": _("Administrators may decide"),
        "when_nothing_applies": _("When no step applies"), "resubmit": _("After a return"),
        "max_rounds": _("Rounds at most"), "steps": _("Steps"), "stage": _("stage"), "key": _("key"),
        "mode": _("how many have to approve"), "threshold": _("how many"), "approvers": _("approvers"),
        "fallback": _("fallback"), "condition": _("asked when"), "reject": _("a rejection"),
        "on_reject": _("after a rejection"), "requester": _("when the requester is an approver"),
        "distinct_from": _("decided by others than"), "watches": _("fields it is bound to"),
        "editors": _("who changed the request"), "replace_inactive": _("approvers who left"),
        "deadline": _("deadline"), "checks": _("checks"), "comment_on_reject": _("comment to reject"),
        "comment_on_approve": _("comment to approve"), "wait_all": _("waits for every answer"),
        "auto_satisfy": _("same person as before"), "ad_hoc": _("further approvers"),
        "reauthenticate": _("sign in again"),
    }  # fmt: skip
