"""The one door for the answers to a form: what was sent in, values and every error out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.conditions.context import Context
from app.ticket_templates import file_answers, parsing, rules
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.limits import broken_limit
from app.web.forms import Submitted
from app.web.i18n import gettext as _

Values = dict[str, Any]
PREFIX = "fields."
DRAWN = "drawn"
"""Each question on the page says that it was there: an unticked box and a question never asked are not the same."""


@dataclass(slots=True)
class Reading:
    """`errors` is by input name (`fields.amount`); `visible` are the questions that these answers lead to."""

    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    visible: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return not self.errors


def read(
    form: FormDefinition,
    sent: Submitted | Mapping[str, Any],
    *,
    now: datetime,
    zone: ZoneInfo,
    before: Mapping[str, Any] | None = None,
    only: Collection[str] | None = None,
    lenient: bool = False,
    kept: Mapping[str, Sequence[file_answers.File]] | None = None,
) -> Reading:
    """`sent` is a browser's form, or the API's `fields` object, where what is absent stays as it was `before`.

    `only`: the fields this person may change; the others keep what they had. `lenient`: a draft, in which answers
    may still be missing; what is there must be right all the same. `kept`: files that have just come, by the field
    that they answer.
    """
    return _Reader(form, sent, now, zone, dict(before or {}), only, lenient, kept or {}).read()


def input_name(key: str) -> str:
    return PREFIX + key


def visible_fields(form: FormDefinition, values: Mapping[str, Any], *, now: datetime, zone: ZoneInfo) -> set[str]:
    """Headings too; a field is visible if its condition holds for the visible answers above it."""
    seen: set[str] = set()
    for one in form.fields:
        if _shows(form, one, {key: value for key, value in values.items() if key in seen}, now, zone):
            seen.add(one.key)
    return seen


def default_values(form: FormDefinition) -> Values:
    """What a new ticket starts with; what only shows later is left out by the next reading."""
    return {one.key: one.default for one in form.value_fields if one.default is not None}


def references(form: FormDefinition, values: Mapping[str, Any]) -> tuple[set[int], set[int]]:
    """(people, roles) that the answers name."""
    people = {values[one.key] for one in form.fields if one.type is FieldType.USER and values.get(one.key)}
    roles = {values[one.key] for one in form.fields if one.type is FieldType.ROLE and values.get(one.key)}
    return people, roles


def watched(form: FormDefinition, *, read_by_flow: Collection[str] = ()) -> frozenset[str]:
    """The custom fields an approval is bound to: all but the free ones, and those a condition or approver reads."""
    return frozenset(
        one.key
        for one in form.value_fields
        if one.approval_relevant is not False or one.locked or one.key in read_by_flow
    )


def readable(form: FormDefinition, *, role_ids: Collection[int], own: bool = False) -> frozenset[str]:
    """The fields this person may read by their roles. Who answered them (`own`) reads them all."""
    return frozenset(
        one.key
        for one in form.fields
        if own or one.readable_by is None or not set(role_ids).isdisjoint(one.readable_by)
    )


def at_stake(
    form: FormDefinition | None, values: Mapping[str, Any], readable: Collection[str]
) -> dict[str, Any] | None:
    """The first amount of money that this reader may read, where the form asks for one."""
    money = [one.key for one in form.value_fields if one.type is FieldType.MONEY] if form else []
    return next((values[key] for key in money if key in readable and values.get(key)), None)


def _shows(form: FormDefinition, one: FieldDefinition, values: Values, now: datetime, zone: ZoneInfo) -> bool:
    return one.visible_when is None or _holds(form, one, one.visible_when, values, now, zone)


def _holds(
    form: FormDefinition, one: FieldDefinition, tree: Mapping[str, Any], values: Values, now: datetime, zone: ZoneInfo
) -> bool:
    fields = rules.fields_above(form, one.key)
    return rules.holds(tree, fields, values, Context(now=now, zone=zone, known=frozenset(fields)))


@dataclass(slots=True)
class _Reader:
    form: FormDefinition
    sent: Submitted | Mapping[str, Any]
    now: datetime
    zone: ZoneInfo
    before: Values
    only: Collection[str] | None
    lenient: bool
    kept: Mapping[str, Sequence[file_answers.File]]
    reading: Reading = field(default_factory=Reading)

    def read(self) -> Reading:
        self._refuse_unknown()
        for one in self.form.fields:
            if not self._shows(one):
                continue
            self.reading.visible.add(one.key)
            if not one.holds_a_value:
                continue
            if self.only is not None and one.key not in self.only:
                self._keep(one)
            else:
                self._take(one)
        return self.reading

    def _refuse_unknown(self) -> None:
        if isinstance(self.sent, Submitted):
            return
        for key in self.sent:
            known = self.form.field(str(key))
            if known is None or not known.holds_a_value:
                self.reading.errors[input_name(str(key)[:80])] = _("This form has no such field.")
            elif self.only is not None and known.key not in self.only:
                self.reading.errors[input_name(known.key)] = _("You may not change this.")

    def _shows(self, one: FieldDefinition) -> bool:
        """While what it depends on is in error nobody knows, and nothing typed shall get lost: it stays as it was."""
        if one.visible_when is None:
            return True
        unsure = any(input_name(key) in self.reading.errors for key in rules.reads(one.visible_when))
        if unsure and isinstance(self.sent, Submitted) and one.key in self.sent.all(DRAWN):
            return True
        return _holds(self.form, one, one.visible_when, self.reading.values, self.now, self.zone)

    def _keep(self, one: FieldDefinition) -> None:
        if self.before.get(one.key) is not None:
            self.reading.values[one.key] = self.before[one.key]

    def _take(self, one: FieldDefinition) -> None:
        try:
            value = self._parsed(one)
        except ValueError as error:
            self.reading.errors[input_name(one.key)] = str(error)
            return
        sentence = self._missing(one) if value is None else self._wrong(one, value)
        if sentence:
            self.reading.errors[input_name(one.key)] = sentence
        elif value is not None:
            self.reading.values[one.key] = value

    def _parsed(self, one: FieldDefinition) -> Any:
        files = file_answers.at_hand(self.before.get(one.key), self.kept.get(one.key, ()))
        if isinstance(self.sent, Submitted):
            if one.type is FieldType.ATTACHMENT:
                return file_answers.from_form(self.sent, input_name(one.key), files)
            return parsing.from_form(one, self.sent, input_name(one.key), self.zone)
        if one.key not in self.sent:
            return self.before.get(one.key)
        if one.type is FieldType.ATTACHMENT:
            return file_answers.from_json(self.sent[one.key], files)
        return parsing.from_json(one, self.sent[one.key])

    def _missing(self, one: FieldDefinition) -> str | None:
        if self.lenient:
            return None
        if self._required(one):
            said = {FieldType.BOOLEAN: _("Choose yes or no."), FieldType.ATTACHMENT: _("Attach a file.")}
            return said.get(one.type) or _("Fill this in.")
        return self._new_question(one)

    def _required(self, one: FieldDefinition) -> bool:
        if one.required or one.required_when is None:
            return one.required
        return _holds(self.form, one, one.required_when, self.reading.values, self.now, self.zone)

    def _new_question(self, one: FieldDefinition) -> str | None:
        """Without JavaScript a question that another answer leads to has not been seen yet: it is shown first."""
        drawn = self.sent.all(DRAWN) if isinstance(self.sent, Submitted) else []
        if drawn and one.key not in drawn:
            return _("This depends on another answer and is new here. Leave it empty if you have nothing to say.")
        return None

    def _wrong(self, one: FieldDefinition, value: Any) -> str | None:
        if value == self.before.get(one.key) and self.lenient:
            return None
        if self._picks_archived(one, value):
            return _("An option that is not offered any more. Choose another.")
        return broken_limit(one, value, now=self.now, zone=self.zone)

    def _picks_archived(self, one: FieldDefinition, value: Any) -> bool:
        """What the ticket had before may stay."""
        archived = {option.key for option in one.options if option.archived}
        picked, had = _as_set(value), _as_set(self.before.get(one.key))
        return bool(archived) and bool((picked - had) & archived)


def _as_set(value: Any) -> set[str]:
    """Option keys, of a choice or of several."""
    if isinstance(value, list):
        return {one for one in value if isinstance(one, str)}
    return {value} if isinstance(value, str) else set()
