"""What is wrong with a ticket template before it goes live; pure, the facts about the house are given."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import re2

from app.approvals.core import publish_check
from app.approvals.service import trees_in
from app.conditions.tree import ConditionError, parse
from app.publishing.problems import Problem
from app.ticket_templates import rules
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import (
    BUILT_IN,
    KEY,
    NOT_AVAILABLE_YET,
    TEXTS,
    WITH_LIMITS,
    WITH_OPTIONS,
    FieldDefinition,
    FieldType,
)
from app.ticket_templates.limits import broken_limit, compiled, limit_of
from app.ticket_templates.parsing import from_json
from app.web.i18n import gettext as _
from app.web.i18n import series

TEMPLATE_KEY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
PREFIX = re.compile(r"[A-Z]{2,8}", re.ASCII)
OPTION_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
TAKEN_KEYS = frozenset({"new", "rows", "blank"})
"""Words that addresses use: of the admin pages, and of a request without a form."""
_SOME_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Facts:
    """Which of the things that the definition names exist and are in use."""

    approval_templates: frozenset[str] = field(default_factory=frozenset)
    categories: frozenset[int] = field(default_factory=frozenset)
    labels: frozenset[int] = field(default_factory=frozenset)
    roles: frozenset[int] = field(default_factory=frozenset)
    users: frozenset[int] = field(default_factory=frozenset)
    flow: Mapping[str, Any] | None = None
    """The definition of its approval template that is live."""


MOST_FILTERABLE = 12


def problems(form: FormDefinition, facts: Facts) -> list[Problem]:
    """In the order of the form; all that are not warnings keep it from being published."""
    found = [*_about_the_form(form), *_about_references(form, facts), *_about_the_flow(form, facts)]
    for number, one in enumerate(form.fields):
        found += _about_field(form, one, number, facts)
    return found


def _about_the_flow(form: FormDefinition, facts: Facts) -> Iterator[Problem]:
    """It may have been published before any form ran through it: what it reads must make sense on this one."""
    if facts.flow is None:
        return
    fields = rules.condition_fields(form)
    told = []
    for _path, tree in trees_in(facts.flow.get("stages", [])):
        try:
            parse(tree, fields)
        except ConditionError as error:
            told += [one.told(_) for one in error.problems]
    missing = publish_check.problems(facts.flow, publish_check.PublishFacts(fields=frozenset(fields)))
    told += [_(one.message) % one.params for one in missing if "field" in one.params]
    for sentence in dict.fromkeys(told):
        said = _("Its approval template does not fit this form: %(told)s") % {"told": sentence}
        yield Problem("approval_template", said)


def _about_the_form(form: FormDefinition) -> Iterator[Problem]:
    if not TEMPLATE_KEY.fullmatch(form.key):
        yield Problem("key", _("Small letters, digits and hyphens, like purchase-request."))
    elif form.key in TAKEN_KEYS:
        yield Problem("key", _("This word is taken. Choose another."))
    if not form.name:
        yield Problem("name", _("Fill this in."))
    if not PREFIX.fullmatch(form.prefix):
        yield Problem("prefix", _("Two to eight capital letters, like PUR."))
    if sum(one.filterable for one in form.fields) > MOST_FILTERABLE:
        said = _("At most %(most)d fields can be used in filters: each needs an index of its own.")
        yield Problem("fields", said % {"most": MOST_FILTERABLE})
    if not form.fields:
        yield Problem("fields", _("It asks for nothing but a title and a description."), blocking=False)


def _about_references(form: FormDefinition, facts: Facts) -> Iterator[Problem]:
    if form.approval_template and form.approval_template not in facts.approval_templates:
        yield Problem("approval_template", _("This approval template is not published, or it is archived."))
    team = _given(form.default_assigned_role_id)
    named: tuple[tuple[str, Iterable[int], frozenset[int], str], ...] = (
        ("category_ids", form.category_ids, facts.categories, _("A category is gone or archived.")),
        ("label_ids", form.label_ids, facts.labels, _("A label is gone or archived.")),
        ("usable_by", form.usable_by or (), facts.roles, _("A role is gone or archived.")),
        ("default_assignee_id", _given(form.default_assignee_id), facts.users, _("This person is not active.")),
        ("default_assigned_role_id", team, facts.roles, _("This role is gone or archived.")),
    )  # fmt: skip
    for path, ids, present, sentence in named:
        if not present.issuperset(ids):
            yield Problem(path, sentence)


def _about_field(form: FormDefinition, one: FieldDefinition, number: int, facts: Facts) -> Iterator[Problem]:
    place = f"fields.{number}"
    yield from _about_key(form, one, number, place)
    if not one.label:
        yield Problem(f"{place}.label", _("Fill this in."))
    if one.type in NOT_AVAILABLE_YET:
        yield Problem(f"{place}.type", _("Fields of this type are not available yet."))
        return
    yield from _about_type(one, place)
    yield from _about_limits(one, place)
    if one.pattern is not None:
        yield from _about_pattern(one, place)
    for name in ("visible_when", "required_when"):
        yield from _about_condition(form, one, name, place)
    if one.readable_by is not None and not facts.roles.issuperset(one.readable_by):
        yield Problem(f"{place}.readable_by", _("A role is gone or archived."))
    if one.default is not None:
        yield from _about_default(one, place, facts)


def _about_key(form: FormDefinition, one: FieldDefinition, number: int, place: str) -> Iterator[Problem]:
    earlier = form.fields[:number]
    if not KEY.fullmatch(one.key):
        yield Problem(
            f"{place}.key", _("Small letters, digits and underscores, beginning with a letter, like cost_center.")
        )
    elif one.key in BUILT_IN:
        yield Problem(f"{place}.key", _("Every ticket has “%(key)s” already. Choose another.") % {"key": one.key})
    elif any(one.key == other.key for other in earlier):
        yield Problem(f"{place}.key", _("Another field has the key “%(key)s”.") % {"key": one.key})
    elif one.key.endswith("_currency") and form.field(one.key.removesuffix("_currency")) is not None:
        yield Problem(f"{place}.key", _("This is the currency of another field. Choose another."))


def _about_type(one: FieldDefinition, place: str) -> Iterator[Problem]:
    if one.type is FieldType.MONEY and not one.currencies:
        yield Problem(f"{place}.currencies", _("Name at least one currency."))
    if one.type is not FieldType.MONEY and one.currencies:
        yield Problem(f"{place}.currencies", _("Only money has a currency."))
    if one.type in WITH_OPTIONS:
        yield from _about_options(one, place)
    elif one.options:
        yield Problem(f"{place}.options", _("Only choices have options."))
    if one.type is FieldType.HEADING and (one.required or one.required_when):
        yield Problem(f"{place}.required", _("A heading is no question."))


def _about_options(one: FieldDefinition, place: str) -> Iterator[Problem]:
    if not any(not option.archived for option in one.options):
        yield Problem(f"{place}.options", _("Name at least one option."))
    seen: set[str] = set()
    for number, option in enumerate(one.options):
        if not OPTION_KEY.fullmatch(option.key):
            yield Problem(
                f"{place}.options.{number}.key",
                _("“%(key)s” is no key: small letters, digits, _ and -.") % {"key": option.key},
            )
        if option.key in seen:
            yield Problem(f"{place}.options.{number}.key", _("“%(key)s” is there twice.") % {"key": option.key})
        seen.add(option.key)


def _about_limits(one: FieldDefinition, place: str) -> Iterator[Problem]:
    bounds: dict[str, Any] = {}
    for name, limit in (("min", one.min), ("max", one.max)):
        if limit is None:
            continue
        if one.type not in WITH_LIMITS:
            yield Problem(f"{place}.{name}", _("Fields of this type have no limits."))
            continue
        try:
            bounds[name] = limit_of(one, limit, _SOME_DAY, _ZONE)
        except ValueError:
            yield Problem(f"{place}.{name}", _limit_hint(one))
    if len(bounds) == 2 and bounds["min"] > bounds["max"] and "today" not in (one.min, one.max):
        yield Problem(f"{place}.max", _("The most is less than the least."))


def _limit_hint(one: FieldDefinition) -> str:
    if one.type in {FieldType.DATE, FieldType.DATETIME}:
        return _("A date like 2026-12-31, or “today”.")
    if one.type in {FieldType.NUMBER, FieldType.MONEY}:
        return _("A number like 1250 or 1250.50.")
    return _("A whole number.")


def _about_pattern(one: FieldDefinition, place: str) -> Iterator[Problem]:
    if one.type not in TEXTS:
        yield Problem(f"{place}.pattern", _("Only texts have a pattern."))
        return
    try:
        compiled(one.pattern or "")
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        yield Problem(f"{place}.pattern", _("This pattern cannot be read: %(reason)s.") % {"reason": reason})


def _about_condition(form: FormDefinition, one: FieldDefinition, name: str, place: str) -> Iterator[Problem]:
    tree: Mapping[str, Any] | None = getattr(one, name)
    if tree is None:
        return
    earlier = {field.key for field in rules.above(form, one.key)}
    later = sorted(key for key in set(rules.reads(tree)) - earlier if form.field(key) is not None)
    if later:
        yield Problem(f"{place}.{name}", _("It may only use fields above it, not %(keys)s.") % {"keys": series(later)})
        return
    try:
        rules.parsed(tree, rules.fields_above(form, one.key))
    except ConditionError as error:
        yield from (Problem(f"{place}.{name}", f"{each.path}: {each.told(_)}") for each in error.problems)


def _about_default(one: FieldDefinition, place: str, facts: Facts) -> Iterator[Problem]:
    try:
        value = from_json(one, one.default) if one.holds_a_value else None
    except ValueError as error:
        yield Problem(f"{place}.default", str(error))
        return
    if value is None:
        yield Problem(f"{place}.default", _("A heading has no value."))
        return
    if (one.type is FieldType.USER and value not in facts.users) or (
        one.type is FieldType.ROLE and value not in facts.roles
    ):
        yield Problem(f"{place}.default", _("There is nobody of this id."))
    with_limits = not any(
        problem.path.startswith(place) for problem in [*_about_limits(one, place), *_pattern_of(one, place)]
    )
    if with_limits and (sentence := broken_limit(one, value, now=_SOME_DAY, zone=_ZONE)):
        yield Problem(f"{place}.default", sentence)


def _pattern_of(one: FieldDefinition, place: str) -> list[Problem]:
    return [] if one.pattern is None else list(_about_pattern(one, place))


def _given(row: int | None) -> tuple[int, ...]:
    return () if row is None else (row,)
