"""Indexes on the custom fields that administrators marked as used in filters: built and dropped behind the pages."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from app.conditions import Kind
from app.conditions.sql_index import index_on
from app.db import owner
from app.db.base import SCHEMA
from app.db.session import Database
from app.jobs.registry import job
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldType
from app.ticket_templates.fields_repository import live_forms
from app.ticket_templates.rules import KINDS
from app.ticket_templates.service import INDEX_FIELDS

PREFIX = "fx_tickets_"
TABLE = f"{SCHEMA}.tickets"
WITHOUT = frozenset({FieldType.LONG_TEXT, FieldType.ATTACHMENT})
"""A long text would not fit into one, and of files nothing is compared."""


@job(INDEX_FIELDS)
async def index_fields(database: Database, payload: Mapping[str, Any]) -> None:
    """Whatever was published, the indexes are those that the forms in use ask for now."""
    url = owner.url_in_use()
    if url is None:
        return
    async with database.session() as session:
        wanted = indexes_for(await live_forms(session))
    await owner.reconcile_indexes(url, TABLE, PREFIX, wanted)


def indexes_for(forms: Iterable[FormDefinition]) -> dict[str, str]:
    """One for each key and kind, however many forms ask it."""
    fields = [
        one for form in forms for one in form.fields
        if one.filterable and one.type in KINDS and one.type not in WITHOUT
    ]  # fmt: skip
    return {index_name(one.key, KINDS[one.type]): _index(one.key, KINDS[one.type]) for one in fields}


def index_name(key: str, kind: Kind) -> str:
    """A key may be as long as a name may be, so it is not part of it."""
    return PREFIX + hashlib.sha256(f"{key}:{kind}".encode()).hexdigest()[:16]


def _index(key: str, kind: Kind) -> str:
    written = index_on(kind, key, document="custom_fields_data", newest="created_at DESC, id DESC")
    return f"{written} AND deleted_at IS NULL"
