"""Indexes that answer the filters of a list: on the custom fields that administrators marked for it, and on what titles
and descriptions contain. Built and dropped behind the pages."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from app.conditions import Kind
from app.conditions.sql_index import index_on, index_on_parts
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
        wanted = indexes_for(await live_forms(session))
    await owner.reconcile_indexes(
        url, TABLE, PREFIX, wanted | indexes_on_texts(await owner.operators_for_trigrams(url))
    )


def indexes_for(forms: Iterable[FormDefinition]) -> dict[str, str]:
    """One for each key and kind, however many forms ask it; of files nothing is compared."""
    asked = [one for form in forms for one in form.fields if one.filterable and one.type in KINDS]
    fields = [one for one in asked if KINDS[one.type] is not Kind.FILES]
    return {index_name(one.key, KINDS[one.type]): _index(one.key, KINDS[one.type]) for one in fields}


def indexes_on_texts(operators: str | None) -> dict[str, str]:
    """None where the database has no trigrams: then "contains" is slower, not wrong."""
    if operators is None:
        return {}
    return {
        f"{PREFIX}{column}_parts": f"{index_on_parts(column, operators)} WHERE deleted_at IS NULL"
        for column in ("title", "description")
    }


def index_name(key: str, kind: Kind) -> str:
    """A key may be as long as a name may be, so it is not part of it; what is written otherwise is another index."""
    return PREFIX + hashlib.sha256(f"{kind}:{_index(key, kind)}".encode()).hexdigest()[:16]


def _index(key: str, kind: Kind) -> str:
    return f"{index_on(kind, key, document='custom_fields_data', then='created_at, id')} AND deleted_at IS NULL"
