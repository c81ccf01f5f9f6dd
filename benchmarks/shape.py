"""The documented shape: what the n-th ticket of a seeded database is like. The same n is the same ticket, always."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MARKER = "kestrelgate"
"""A word of every two-hundredth ticket, and of nothing else: 5,000 of a million."""
MARKED_EVERY = 200
RARE_MARKER = "merlinvale"
"""The rare word, of every twenty-thousandth: 50 of a million."""
RARE_EVERY = 20_000
COMMENTS, MANY_COMMENTS, TALKATIVE_EVERY = 4, 20, 100
RESTRICTED_EVERY = 20
HISTORY = timedelta(days=730)
_FORMS = ("purchase-request",) * 3 + ("it-incident",) * 4 + ("travel", "change", "access-request")
_SYLLABLES = tuple(first + second for first in "bdfgklmnprstvz" for second in "aeiou")


@dataclass(frozen=True, slots=True)
class Shaped:
    number: int
    form: str
    status: str
    restricted: bool
    created_at: datetime
    due_at: datetime | None
    priority: str
    title: str
    description: str
    comments: Sequence[str]

    @property
    def waits(self) -> bool:
        return self.status == "waiting_approval"

    @property
    def was_approved(self) -> bool:
        return self.form == "purchase-request" and self.status in {"in_progress", "resolved", "closed"}


class Shape:
    """10 % new (those with an approval wait for it), 20 % open, 70 % closed; 5 % restricted."""

    def __init__(self, size: int, *, now: datetime) -> None:
        self.size, self.now = size, now
        self._texts = _texts(random.Random(7))

    def tickets(self) -> Iterator[Shaped]:
        return (self.ticket(number) for number in range(self.size))

    def ticket(self, number: int) -> Shaped:
        dice = number * 2654435761 % 2**32
        form = _FORMS[dice // 100 % len(_FORMS)]
        comments = MANY_COMMENTS if number % TALKATIVE_EVERY == 0 else COMMENTS
        marked = f" {MARKER}" if number % MARKED_EVERY == 7 else ""
        marked += f" {RARE_MARKER}" if number % RARE_EVERY == 11 else ""
        return Shaped(
            number=number,
            form=form,
            status=_status(dice % 100, form),
            restricted=number % RESTRICTED_EVERY == 3,
            created_at=self.now - HISTORY * (1 - number / self.size) - timedelta(minutes=5),
            due_at=self._due(number) if number % 3 == 0 else None,
            priority=("low", "medium", "medium", "high", "urgent")[dice // 1000 % 5],
            title=" ".join(self._texts[dice // 7 % len(self._texts)].split()[:7]).capitalize(),
            description=self._texts[dice // 11 % len(self._texts)] + marked,
            comments=[self._texts[(dice // 13 + 17 * one) % len(self._texts)] for one in range(comments)],
        )

    def _due(self, number: int) -> datetime:
        """A third has a date; of those that are still open a tenth is late."""
        return self.now + timedelta(days=3 * (number // 3 % 10) - 2)


def _status(percent: int, form: str) -> str:
    if percent < 10:
        return "waiting_approval" if form == "purchase-request" else "open"
    if percent < 30:
        return "in_progress" if percent < 26 else "resolved"
    return "closed" if percent < 94 else "cancelled"


def _texts(dice: random.Random) -> list[str]:
    """Ten thousand texts of 8 to 30 words out of five thousand."""
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) for _ in range(5000)]
    return [" ".join(dice.choices(words, k=dice.randint(8, 30))) for _ in range(10_000)]
