"""What full-text search knows of a ticket: number, title, text, fields and comments that all its readers may read.

Chinese, Japanese and Korean runs are indexed as bigrams, so a word is found inside a sentence. A run's last character
is indexed by itself as well: each character then begins some term, and one alone is looked for as a prefix.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, case, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.db.constants import given, plain_write, table_of
from app.ticket_templates.fields_repository import closed_in
from app.ticket_templates.repository import with_the_live_one
from app.tickets.models import Ticket

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
LONGEST = 60_000
MOST_WORDS = 4_000
"""Of comments: later ones are found by the words that came before."""


def terms_of(text: str) -> str:
    """What is indexed: words as they are, and CJK runs as overlapping pairs and their last character."""
    return _CJK.sub(lambda run: f" {' '.join([*_pairs(run.group()), run.group()[-1]])} ", text)[:LONGEST]


def _asked(text: str) -> list[str]:
    """What is looked for: of a longer CJK run its pairs only, for in the text it may go on."""
    return _WORD.findall(_CJK.sub(lambda run: f" {' '.join(_pairs(run.group()) or [run.group()])} ", text.lower()))[:12]


def words_in(text: str) -> list[str]:
    """What was typed, CJK runs as they are."""
    return _WORD.findall(_CJK.sub(lambda run: f" {run.group()} ", text.lower()))[:12]


def pairs_of(word: str) -> list[str]:
    """Of a longer CJK word; none of another."""
    return _pairs(word) if _CJK.fullmatch(word) and len(word) > 2 else []


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _vector(terms: Any) -> ColumnElement[Any]:
    return func.to_tsvector(literal_column("'simple'"), terms)


_COMMENTS = (
    select(TicketNote.note)
    .where(TicketNote.ticket_id == given("ticket"), ~TicketNote.system, TicketNote.audience == "everyone")
    .order_by(TicketNote.id.desc())
    .limit(200)
)
_TABLE = table_of(Ticket)
_HEADING = func.setweight(_vector(bindparam("heading", type_=Text)), literal_column("'A'"))
_REST = _vector(bindparam("body", type_=Text)).op("||")(_vector(bindparam("comments", type_=Text)))
_REINDEX = plain_write(update(_TABLE).where(_TABLE.c.id == given("ticket")).values(search=_HEADING.op("||")(_REST)))
"""Number and title weigh more than the rest."""


def _texts(values: Any) -> list[str]:
    if isinstance(values, str):
        return [values]
    if isinstance(values, dict) and "sha256" in values:
        return [str(values.get("file_name", ""))]
    if isinstance(values, dict):
        return [text for value in values.values() for text in _texts(value)]
    if isinstance(values, list):
        return [text for value in values for text in _texts(value)]
    return []


def query(text: str) -> ColumnElement[Any] | None:
    """None where there is no word to look for."""
    asked = asked_of(text)
    return None if asked is None else func.to_tsquery("simple", asked)


def asked_of(text: str) -> str | None:
    """All words, the last one and single CJK characters as prefixes, as PostgreSQL writes it."""
    words = _asked(text)
    if not words:
        return None
    *whole, last = words
    return " & ".join([*(_term(word, unfinished=False) for word in whole), _term(last, unfinished=True)])


ASKED = bindparam("asked", type_=Text)
HAS_WORDS = Ticket.search.op("@@")(func.to_tsquery("simple", ASKED))
"""For statements that are made once: `asked` is given when they are sent."""


def _term(word: str, *, unfinished: bool) -> str:
    """Of `PUR-1042` the index has `pur` and `-1042`: a number is found there too."""
    quoted = word.replace("'", "''").replace("\\", "\\\\")
    is_prefix = len(word) == 1 if _CJK.match(word) else unfinished
    written = [quoted, f"-{quoted}"] if word.isdecimal() and word.isascii() else [quoted]
    terms = [f"'{one}'{':*' if is_prefix else ''}" for one in written]
    return terms[0] if len(terms) == 1 else f"({' | '.join(terms)})"


async def reindex(session: AsyncSession, ticket: Ticket) -> None:
    """Anew, with the comments that stand now: what was edited or removed is not found any more."""
    comments = (await session.execute(_COMMENTS, {"ticket": ticket.id})).scalars()
    closed = await _closed_fields(session, ticket)
    answers = {key: value for key, value in ticket.custom_fields_data.items() if key not in closed}
    texts = {
        "heading": f"{ticket.ticket_no} {ticket.title}",
        "body": " ".join([ticket.description, *_texts(answers)]),
        "comments": "\n".join(text for text in comments if text),
    }
    await session.execute(_REINDEX, {"ticket": ticket.id, **{name: terms_of(text) for name, text in texts.items()}})


async def _closed_fields(session: AsyncSession, ticket: Ticket) -> frozenset[str]:
    """Else the search would tell what they hold, word by word: a field that its form closes now is closed here too."""
    versions = await with_the_live_one(session, [ticket.template_version_id])
    return closed_in(versions.get(ticket.template_version_id or 0, ()))


def add_comment_to_index(ticket: Ticket, text: str) -> None:
    """With the next write of the ticket's row."""
    has_room = func.coalesce(func.length(Ticket.search), 0) < MOST_WORDS
    longer = func.coalesce(Ticket.search, _vector("")).op("||")(_vector(terms_of(text)))
    ticket.search = case((has_room, longer), else_=Ticket.search)
