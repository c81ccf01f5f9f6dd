"""Indexes that answer the filters of a list: on the custom fields that administrators marked for it, and on what titles
and descriptions contain. Built and dropped behind the pages."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.conditions import Kind
from app.conditions.sql_index import index_on, index_on_parts, index_on_parts_of
from app.db import owner
from app.db.base import SCHEMA
from app.db.session import Database
from app.jobs.registry import job, periodic
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields_repository import live_forms
from app.ticket_templates.rules import KINDS
from app.ticket_templates.service import INDEX_FIELDS

PREFIX = "fx_tickets_"
TABLE = f"{SCHEMA}.tickets"
DOCUMENT = "custom_fields_data"


@job(INDEX_FIELDS)
async def index_fields(database: Database, payload: Mapping[str, Any]) -> None:
    """Whatever was published, the indexes are those that the forms in use ask for now."""
    await look_after_indexes(database)


@periodic(3600, name="tickets.look_after_indexes")
async def look_after_indexes(database: Database) -> None:
    """Every hour too: a new release may write one otherwise, and a build may have been cut short."""
    url = owner.url_in_use()
    if url is None:
        return
    async with database.session() as session:
        forms = await live_forms(session)
    wanted, operators = indexes_for(forms), await owner.operators_for_trigrams(url)
    if operators is not None:
        wanted |= indexes_on_texts(forms, operators)
    await owner.reconcile_indexes(url, TABLE, PREFIX, wanted)


def indexes_for(forms: Iterable[FormDefinition]) -> dict[str, str]:
    """One for each key and kind, however many forms ask it."""
    return {index_name(key, kind): _index(key, kind) for key, kind in _filtered(forms)}


def indexes_on_texts(forms: Iterable[FormDefinition], operators: str) -> dict[str, str]:
    """On what they contain. Where the database has no trigrams that is slower, not wrong.

    Those of a ticket's own texts leave out no row: of an index that does, PostgreSQL asks no statistics, takes any
    three letters for frequent ones and reads every ticket for a word that few have."""
    own = {f"{PREFIX}{column}_words": index_on_parts(column, operators) for column in ("title", "description")}
    return own | {
        parts_name(key): f"{index_on_parts_of(key, operators, document=DOCUMENT)} AND deleted_at IS NULL"
        for key, kind in _filtered(forms) if kind is Kind.TEXT
    }  # fmt: skip


def index_name(key: str, kind: Kind) -> str:
    """A key may be as long as a name may be, so it is not part of it; what is written otherwise is another index."""
    return PREFIX + _short(f"{kind}:{_index(key, kind)}")


def parts_name(key: str) -> str:
    return f"{PREFIX}{_short(index_on_parts_of(key, '', document=DOCUMENT))}_parts"


def _filtered(forms: Iterable[FormDefinition]) -> Iterator[tuple[str, Kind]]:
    return ((one.key, KINDS[one.type]) for form in forms for one in form.fields if one.filterable and one.type in KINDS)


def _index(key: str, kind: Kind) -> str:
    return f"{index_on(kind, key, document=DOCUMENT, then='created_at, id')} AND deleted_at IS NULL"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
