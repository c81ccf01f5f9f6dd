"""Where in a ticket the words were found, for a list of results: the place, with the words marked.

Not `ts_headline`: to it a Chinese sentence is one word, and a word inside it would never be marked."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.db.constants import among
from app.ticket_templates.fields import TEXTS
from app.ticket_templates.fields_repository import closed_in
from app.ticket_templates.repository import FormVersion, form_of, with_the_live_one
from app.tickets.models import Ticket
from app.tickets.search import pairs_of, words_in

BEFORE, LENGTH = 60, 180
LONGEST = 20_000
"""Characters of one text that are looked at."""
SELECTED = (func.left(Ticket.description, LONGEST).label("text"), Ticket.custom_fields_data, Ticket.template_version_id)

_LITERALLY, _AS_IT_IS = re.compile(r"[\\%_]"), r"\\\g<0>"
"""What stands for something else in a pattern of PostgreSQL's, and how it stands for itself."""
_WITH_THEM = (
    select(TicketNote.ticket_id, func.left(TicketNote.note, LONGEST))
    .where(
        among(TicketNote.ticket_id), ~TicketNote.system, TicketNote.audience == "everyone",
        TicketNote.deleted_at.is_(None),
        TicketNote.note.op("ILIKE", is_comparison=True)(func.any(bindparam("inside", type_=ARRAY(Text)))),
    )
    .ext(distinct_on(TicketNote.ticket_id))
    .order_by(TicketNote.ticket_id, TicketNote.id.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    marked: bool = False


async def snippets_of(session: AsyncSession, rows: Sequence[Any], words: str) -> Mapping[int, Sequence[Piece]]:
    """Of rows that were found for their reader, by id: only from what all who see a ticket may read."""
    pattern = _pattern(words)
    if pattern is None or not rows:
        return {}
    versions = await with_the_live_one(session, [row.template_version_id for row in rows])
    said = await _comments(session, [row.id for row in rows], words)
    keys = {number: _open_texts(known) for number, known in versions.items()}
    found: dict[int, Sequence[Piece]] = {}
    for row in rows:
        answers = _answers(row.custom_fields_data, keys.get(row.template_version_id, ()))
        texts = [row.text, *answers, said.get(row.id, "")]
        if pieces := snippet(texts, pattern):
            found[row.id] = tuple(pieces)
    return found


def snippet(texts: Iterable[str], pattern: re.Pattern[str]) -> list[Piece]:
    for text in texts:
        plain = " ".join(text.replace("**", "").replace("`", "").split())
        if first := pattern.search(plain):
            return list(_cut(plain, first.start(), pattern))
    return []


def _cut(text: str, at: int, pattern: re.Pattern[str]) -> Iterator[Piece]:
    start = max(at - BEFORE, 0)
    if start:
        start = text.find(" ", start, at) + 1 or start
    part = text[start : start + LENGTH]
    lead, tail = "… " if start else "", " …" if start + LENGTH < len(text) else ""
    done = 0
    for hit in pattern.finditer(part):
        yield Piece(lead + part[done : hit.start()])
        yield Piece(hit.group(), marked=True)
        lead, done = "", hit.end()
    yield Piece(lead + part[done:] + tail)


def _pattern(words: str) -> re.Pattern[str] | None:
    """Words at their beginning, as the search finds them; Chinese ones anywhere, whole or else by their pairs."""
    asked = words_in(words)
    needles = [*asked, *(pair for word in asked for pair in pairs_of(word))]
    if not needles:
        return None
    return re.compile("|".join(_needle(word) for word in dict.fromkeys(needles)), re.IGNORECASE)


def _needle(word: str) -> str:
    is_latin = word[0].isascii()
    return (r"(?<![^\W_])" if is_latin else "") + re.escape(word)


def _open_texts(versions: Collection[FormVersion]) -> Sequence[str]:
    """Of one version, or of it and the live one: a field that is closed in either is open in none."""
    closed = closed_in(versions)
    keys = dict.fromkeys(one.key for version in versions for one in form_of(version).fields if one.type in TEXTS)
    return [key for key in keys if key not in closed]


def _answers(values: Mapping[str, Any], keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        value = values.get(key)
        if isinstance(value, str):
            yield value[:LONGEST]


async def _comments(session: AsyncSession, ticket_ids: Sequence[int], words: str) -> dict[int, str]:
    """The newest comment for everyone that has one of the words in it."""
    inside = [f"%{_LITERALLY.sub(_AS_IT_IS, word)}%" for word in words_in(words)]
    found = await session.execute(_WITH_THEM, {"ids": list(ticket_ids), "inside": inside})
    return {row[0]: row[1] for row in found.all()}
