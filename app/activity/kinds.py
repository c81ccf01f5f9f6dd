"""Kinds of events: declared once in a domain's `events.py`, with the sentence that people will read."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EventKind:
    """`sentence` is a gettext message with `{actor}` and the facts' names as placeholders.

    A fact named in `people`, `roles`, `labels`, `categories` or `tickets` is an id (or a list of ids) and is told by
    name;
    one named in `words` is a code of `vocabulary` and is told in the reader's language; one in `sentences` is a message
    (or a list of them) and told so too; one in `moments` is a time in ISO form; the rest as it is. What was recorded in
    English has its other languages beside it: `why` in `why_elsewhere`.
    """

    code: str
    sentence: str
    icon: str
    tone: str = ""
    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    quote: str | None = None
    """The fact shown below the sentence as somebody's own words (a reason, a comment)."""
    group: str = "changes"
    """Which tab of the timeline it belongs to: `changes`, `decisions` or `comments`."""
    follows: bool = False
    """It comes by itself of what was done in the same moment, and is told in one line with it."""
    alternatives: Mapping[str, str] = field(default_factory=dict)
    """Sentences that replace the first one where the fact of this name is set (truthy)."""

    def __post_init__(self) -> None:
        if _KINDS.setdefault(self.code, self) != self:
            raise ValueError(f"event kind {self.code} is declared twice")


_KINDS: dict[str, EventKind] = {}


def kind_of(code: str) -> EventKind | None:
    return _KINDS.get(code)


def all_kinds() -> list[EventKind]:
    return sorted(_KINDS.values(), key=lambda kind: kind.code)
