"""Tells an event as a sentence, safe to put on a page: everything that somebody typed is escaped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from markupsafe import Markup, escape

from app.activity.kinds import EventKind, kind_of
from app.activity.vocabulary import word
from app.web.formats import amounts, day, money
from app.web.i18n import N_, own_words, series
from app.web.i18n import gettext as _

COMMENT = EventKind(
    "comment",
    N_("{actor} commented"),
    "message-square",
    alternatives={"to_approvers": N_("{actor} wrote to the approvers")},
    group="comments",
)
"""A comment is no event of its own; where one is told in a sentence, this is it."""


@dataclass(frozen=True, slots=True)
class Names:
    """Whatever a page's events name, loaded at once (`collect_ids`)."""

    people: Mapping[int, Any] = field(default_factory=dict)
    """By id, each with a `name`."""
    roles: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)
    tickets: Mapping[int, str] = field(default_factory=dict)
    """By id, the numbers of those that the reader may see; any other is told as one that is gone."""


@dataclass(slots=True)
class Ids:
    people: set[int] = field(default_factory=set)
    roles: set[int] = field(default_factory=set)
    labels: set[int] = field(default_factory=set)
    categories: set[int] = field(default_factory=set)
    tickets: set[int] = field(default_factory=set)


class Told(Protocol):
    """A row of the timeline or of the audit stream, or what a query selected of one."""

    @property
    def event_type(self) -> str | None: ...
    @property
    def event_details(self) -> Mapping[str, Any] | None: ...
    @property
    def created_by(self) -> int: ...


def tell(kind: EventKind | str, facts: Mapping[str, Any], names: Names, *, actor: int) -> Markup:
    """One sentence. A kind that the running code does not know is told by its code."""
    known = kind_of(kind) if isinstance(kind, str) else kind
    if known is None:
        return Markup(_("{actor}: {code}")).format(actor=_person(actor, names), code=kind)  # noqa: S704
    sentence = Markup(_(_sentence(known, facts)))  # noqa: S704  (sentences are the house's, facts are escaped)
    return sentence.format_map(_Facts(known, facts, names, actor))


def quoted(kind: EventKind | str, facts: Mapping[str, Any]) -> str:
    """Somebody's own words that belong to the event (a reason, a comment), or nothing."""
    known = kind_of(kind) if isinstance(kind, str) else kind
    words = facts.get(known.quote) if known and known.quote else None
    return words if isinstance(words, str) else ""


def collect_ids(events: Iterable[Told]) -> Ids:
    """Everybody and everything that these events name, so that a page loads them in a fixed number of queries."""
    ids = Ids()
    for event in events:
        ids.people.add(event.created_by)
        kind = kind_of(event.event_type or "")
        if kind is None:
            continue
        facts = event.event_details or {}
        for wanted, keys in (
            (ids.people, kind.people),
            (ids.roles, kind.roles),
            (ids.labels, kind.labels),
            (ids.categories, kind.categories),
            (ids.tickets, kind.tickets),
        ):
            wanted.update(one for key in keys for one in _numbers(facts.get(key)))
    return ids


def _sentence(kind: EventKind, facts: Mapping[str, Any]) -> str:
    return next((other for fact, other in kind.alternatives.items() if facts.get(fact)), kind.sentence)


class _Facts(dict[str, Any]):
    """Looks up a placeholder only when the sentence has it."""

    def __init__(self, kind: EventKind, facts: Mapping[str, Any], names: Names, actor: int) -> None:
        super().__init__()
        self.kind, self.facts, self.names, self.actor = kind, facts, names, actor

    def __missing__(self, placeholder: str) -> Markup:
        if placeholder == "actor":
            return _person(self.actor, self.names)
        value, kind = self.facts.get(placeholder), self.kind
        if f"{placeholder}_elsewhere" in self.facts:
            value = own_words(str(value), self.facts[f"{placeholder}_elsewhere"])
        if value is None or value == []:
            return escape(_("nothing"))
        if placeholder in kind.people:
            return _joined(_person(one, self.names) for one in _numbers(value))
        for keys, named in (
            (kind.roles, self.names.roles),
            (kind.labels, self.names.labels),
            (kind.categories, self.names.categories),
            (kind.tickets, self.names.tickets),
        ):
            if placeholder in keys:
                return _joined(_bold(named.get(one) or _("something that is gone")) for one in _numbers(value))
        return escape(_in_words(kind, placeholder, value))


def _in_words(kind: EventKind, placeholder: str, value: Any) -> str:
    if placeholder in kind.words:
        return series(word(str(one)) for one in (value if isinstance(value, list) else [value]))
    if placeholder in kind.sentences:
        return " ".join(amounts(_(str(one))) for one in (value if isinstance(value, list) else [value]) if one)
    if placeholder in kind.moments:
        return day(datetime.fromisoformat(str(value)))
    return _plainly(value)


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return series(_plainly(one) for one in value)
    if isinstance(value, Mapping):
        return money(value) or series(f"{key}: {_plainly(one)}" for key, one in value.items())
    return str(value)


def _person(person_id: int, names: Names) -> Markup:
    person = names.people.get(person_id)
    return _bold(person.name if person else _("Somebody"))


def _bold(name: str) -> Markup:
    return Markup("<b>{}</b>").format(name)


def _joined(parts: Iterable[Markup]) -> Markup:
    return escape(_(", ")).join(parts)


def _numbers(value: Any) -> list[int]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, int) and not isinstance(one, bool)]
