"""Which input each column fills, and how a cell's words become what a person would have typed there."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.activity.vocabulary import PRIORITIES, VISIBILITIES, word
from app.actor import Actor
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.file_answers import of_files
from app.ticket_templates.values import default_values, input_name
from app.tickets.importing.people import Names
from app.web.forms import Submitted
from app.web.i18n import gettext as _
from app.web.i18n import series

NOT_FROM_A_CELL = frozenset({FieldType.ATTACHMENT, FieldType.TABLE, FieldType.TICKET})
_CURRENCY = re.compile(r"\s*([A-Za-z]{3})\s*")
_ZONE = re.compile(r"\s*\([^()]*\)\s*$")
Problems = dict[str, str]
"""Sentences by the input that they are about; an empty name is the whole row."""


@dataclass(frozen=True, slots=True)
class Target:
    """An input of the form that a column may fill; `also` are other headings that plainly mean it."""

    name: str
    label: str
    also: tuple[str, ...] = ()
    required: bool = False


def targets_of(form: FormDefinition | None, actor: Actor) -> list[Target]:
    own = [
        Target("title", _("Title"), ("title", "summary", "subject"), required=True),
        Target("description", _("Description"), ("description", "details")),
        Target("priority", _("Priority"), ("priority",)),
        Target("visibility", _("Who can see it"), ("visibility",)),
        Target("due_at", _("Due"), ("due", "due_at", "due date")),
    ]
    if actor.is_manager or actor.is_admin:
        own.append(Target("requester_id", _("Asked for"), ("requester", "requester_id", "requested for")))
    return own + [target for one in (form.value_fields if form else ()) for target in _of_field(one)]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the columns of one file can fill, and what becomes of those that nothing can be made of."""

    targets: Sequence[Target] = ()
    files: Collection[str] = ()
    """Inputs that none of them can fill."""
    left_out: Sequence[str] = ()
    """For each column, why it fills nothing; empty where that is for its sender to say."""
    notes: Sequence[str] = ()
    """What a file of this form can't bring, and what is possible instead."""


def offer_of(form: FormDefinition | None, headings: Sequence[str], actor: Actor) -> Offer:
    targets, files = targets_of(form, actor), of_files(form.fields) if form else []
    beside = [Target(input_name(one.key), one.label, (one.key,)) for one in files]
    named = guessed(headings, beside)
    filled = guessed(headings, targets)
    left_out = [no_files() if name and not other else "" for name, other in zip(named, filled, strict=True)]
    notes = [_note_on(one) for one in files if one.required or one.required_when is not None]
    return Offer(targets, {one.name for one in beside}, left_out, notes)


def no_files() -> str:
    return _("Files cannot be imported: this column is left out.")


def needs_files(form: FormDefinition | None) -> bool:
    """Of every row, so that none could be submitted."""
    return any(one.required and one.visible_when is None for one in of_files(form.fields if form else ()))


def _note_on(one: FieldDefinition) -> str:
    said = _(
        "“%(field)s” asks for files, which a CSV file cannot bring. Rows that must have one can be kept as drafts: "
        "attach the file there, then submit it."
    )
    return said % {"field": one.label}


def _of_field(one: FieldDefinition) -> list[Target]:
    if one.type in NOT_FROM_A_CELL:
        return []
    target = Target(input_name(one.key), one.label, (one.key,), one.required and one.default is None)
    if one.type is not FieldType.MONEY or len(one.currencies) < 2:
        return [target]
    said = _("%(field)s, currency") % {"field": one.label}
    return [target, Target(f"{target.name}_currency", said, (f"{one.key}_currency",))]


def guessed(headings: Sequence[str], targets: Iterable[Target]) -> list[str]:
    """By the headings' own words, as an export writes them too; each input once."""
    known: dict[str, str] = {}
    for target in targets:
        for said in (target.label, *target.also):
            known.setdefault(said.casefold(), target.name)
    found: list[str] = []
    for heading in headings:
        said = heading.casefold()
        name = known.get(said) or known.get(_ZONE.sub("", said), "")
        found.append("" if name in found else name)
    return found


@dataclass(slots=True)
class Cells:
    """Reads one import's rows: `targets` says what each column fills."""

    form: FormDefinition | None
    targets: Sequence[str]
    names: Names
    defaults: Mapping[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.defaults = _defaults(self.form)

    def typed(self, cells: Sequence[str]) -> tuple[Submitted, Problems]:
        """An empty cell leaves what the form begins with."""
        sent, problems = {name: list(given) for name, given in self.defaults.items()}, Problems()
        for name, cell in zip(self.targets, cells, strict=False):
            if name and cell.strip():
                try:
                    sent |= self._inputs(name, cell)
                except ValueError as error:
                    problems[name] = str(error)
        if any(cell.strip() for cell in cells[len(self.targets) :]):
            problems[""] = _("This row has more cells than there are headings.")
        return Submitted(sent), problems

    def _inputs(self, name: str, cell: str) -> dict[str, list[str]]:
        words = cell.strip()
        if name == "priority":
            return {name: [_code(PRIORITIES, words)]}
        if name == "visibility":
            return {name: [_code(VISIBILITIES, words)]}
        if name == "requester_id":
            return {name: [str(self.names.person(words))]}
        if name == "due_at":
            return {name: [words.replace(" ", "T")]}
        key = name.removeprefix(input_name(""))
        one = self.form.field(key) if self.form and key != name else None
        if one is None:
            return {name: [cell if name == "description" else words]}
        return self._answer(one, name, cell)

    def _answer(self, one: FieldDefinition, name: str, cell: str) -> dict[str, list[str]]:
        words = cell.strip()
        if one.type is FieldType.MONEY:
            return _money(name, words)
        if one.type is FieldType.CHOICE:
            return {name: [_option(one, words)]}
        if one.type is FieldType.CHOICES:
            return {name: [_option(one, part.strip()) for part in re.split(r"[;,、\n]", words) if part.strip()]}
        if one.type is FieldType.BOOLEAN:
            return {name: [_yes_or_no(words)]}
        if one.type is FieldType.USER:
            return {name: [str(self.names.person(words))]}
        if one.type is FieldType.ROLE:
            return {name: [str(self.names.role(words))]}
        return {name: [cell if one.type is FieldType.LONG_TEXT else words]}


def _defaults(form: FormDefinition | None) -> dict[str, list[str]]:
    """What stands in the form's inputs before anybody types."""
    sent: dict[str, list[str]] = {}
    for key, value in (default_values(form) if form else {}).items():
        name = input_name(key)
        if isinstance(value, dict):
            sent |= {name: [str(value["amount"])], f"{name}_currency": [str(value["currency"])]}
        elif isinstance(value, list):
            sent[name] = [str(one) for one in value]
        else:
            sent[name] = [str(value).lower() if isinstance(value, bool) else str(value)]
    return sent


def _money(name: str, words: str) -> dict[str, list[str]]:
    """`38,400.00`, and `EUR 38,400` or `38,400 EUR` where the currency stands in the same cell."""
    for pattern in (rf"{_CURRENCY.pattern}(?=[0-9+-])", rf"(?<=[0-9]){_CURRENCY.pattern}$"):
        found = re.search(pattern, words)
        if found:
            amount = words[: found.start()] + words[found.end() :]
            return {name: [amount.strip()], f"{name}_currency": [found.group(1).upper()]}
    return {name: [words]}


def _option(one: FieldDefinition, words: str) -> str:
    """By its key or by its words; what is neither, the form refuses in its own."""
    said = words.casefold()
    return next(
        (option.key for option in one.options if said in {option.key.casefold(), option.label.casefold()}), words
    )


def _yes_or_no(words: str) -> str:
    said = words.casefold()
    if said in {"yes", "y", "true", "1", "x", _("Yes").casefold()}:
        return "true"
    if said in {"no", "n", "false", "0", _("No").casefold()}:
        return "false"
    raise ValueError(_("Only yes or no."))


def _code(codes: Mapping[str, str], words: str) -> str:
    said = words.casefold()
    for code in codes:
        if said in {code, word(code).casefold()}:
            return code
    raise ValueError(_("One of: %(words)s.") % {"words": series(word(code) for code in codes)})
