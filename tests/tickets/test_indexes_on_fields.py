"""A field that is marked as used in filters gets its index by a job, and its filter is answered from it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM, Actor, acting_as
from app.clock import utc_now
from app.conditions import Kind
from app.db import owner
from app.db.embedded.cluster import OWNER_ROLE
from app.db.session import Database
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.service import TicketTemplates
from app.tickets.field_indexes import PREFIX, index_fields, index_name, parts_name
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import understood
from app.tickets.repository import page_of_tickets
from tests.database import WorkersDatabase
from tests.real import RealCompany

MANY = """
    INSERT INTO ticket.tickets (ticket_no, title, status, priority, visibility, requester_id, created_by, updated_by,
      template_id, submitted_at, created_at, updated_at, status_since, custom_fields_data, version, chain_seq,
      chain_hash)
    SELECT 'TIC-' || 100000 + n, 'Ticket ' || n, 'open', 'medium', 'internal', $1::bigint, $1, $1, $2::bigint, now(),
      now() - n * interval '1 minute', now(), now(),
      jsonb_build_object('amount', jsonb_build_object('amount', (n % 1000)::text || '.00', 'currency', 'EUR'),
                         'cost_center', 'cc_' || n % 500, 'supplier', 'Supplier ' || n,
                         'needed_by', to_char(date '2026-01-01' + n % 900, 'YYYY-MM-DD'),
                         'quote', CASE WHEN n % 300 = 0 THEN jsonb '[{"id": 1}]' END)
        || CASE WHEN n % 300 = 0 THEN jsonb '{"remark": "Rare", "booked_on": "2026-03-01", "pieces": "4",
                                              "deposit": {"amount": "5.00", "currency": "EUR"}}' ELSE '{}' END,
      1, 0, decode(repeat('00', 32), 'hex')
    FROM generate_series(1, 6000) n
"""

Fields = list[dict[str, Any]]
RARE = [
    {"key": "remark", "label": "Remark", "type": "text", "filterable": True},
    {"key": "booked_on", "label": "Booked on", "type": "date", "filterable": True},
    {"key": "pieces", "label": "Pieces", "type": "number", "filterable": True},
    {"key": "deposit", "label": "Deposit", "type": "money", "currencies": ["EUR"], "filterable": True},
]
KINDS = {"remark": Kind.TEXT, "booked_on": Kind.DATE, "pieces": Kind.NUMBER, "deposit": Kind.MONEY}
QUOTE = {"key": "quote", "label": "Quote", "type": "attachment", "filterable": True}


@pytest.fixture
async def owned(
    clean_database: WorkersDatabase,
    real_company: RealCompany,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[RealCompany]:
    monkeypatch.setattr(owner, "_url", [clean_database.owner_url])
    yield real_company
    await owner.reconcile_indexes(clean_database.owner_url, "ticket.tickets", PREFIX, {})
    await run(clean_database, "DROP EXTENSION IF EXISTS pg_trgm")


async def run(database: WorkersDatabase, statement: str) -> None:
    connection = await asyncpg.connect(database.superuser_dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def indexes(database: WorkersDatabase) -> set[str]:
    connection = await asyncpg.connect(database.superuser_dsn)
    try:
        rows = await connection.fetch("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'fx\\_%'")
    finally:
        await connection.close()
    return {row[0] for row in rows}


async def plan_of(session: AsyncSession, actor: Actor, *chips: str) -> str:
    filters = await understood(session, actor, TicketFilters(f=chips))
    assert not filters.unknown
    said: list[tuple[str, Any]] = []
    connection = await session.connection()

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    await page_of_tickets(session, actor, filters, now=utc_now())
    event.remove(connection.sync_connection, "before_cursor_execute", note)
    _counted, (statement, parameters) = said
    return "\n".join((await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).scalars())


async def test_an_index_comes_is_used_and_goes_as_forms_ask_for_it(
    clean_database: WorkersDatabase, owned: RealCompany
) -> None:
    database, ada = owned.database, await owned.actor("ada")
    await save_fields(database, ada, lambda fields: [*fields, QUOTE, *RARE])
    with acting_as(SYSTEM):
        await index_fields(database, {})
    amount, centre = index_name("amount", Kind.MONEY), index_name("cost_center", Kind.CHOICE)
    date, supplier = index_name("needed_by", Kind.DATE), index_name("supplier", Kind.TEXT)
    parts, quote = parts_name("supplier"), index_name("quote", Kind.FILES)
    texts = {"fx_tickets_title_words", "fx_tickets_description_words"}
    assert {amount, centre, date, supplier, parts, quote} | texts <= await indexes(clean_database)
    async with database.in_its_own() as session:
        template = (await session.execute(select(TicketTemplate).filter_by(key="purchase-request"))).scalar_one()
        template_id = template.id
    await fill_and_ruin(clean_database, amount, ada.id, template_id)
    await index_fields(database, {})
    async with database.session() as session:
        for chips, index in (
            (("amount:ge:998EUR",), amount), (("cost_center:in:cc_4410,cc_2200",), centre),
            (("needed_by:eq:2026-03-01",), date), (("supplier:eq:'Supplier 7'",), supplier),
            (("not(amount:lt:998EUR)", "amount:ge:998EUR"), amount),
            (("title:contains:'KET 599'",), "fx_tickets_title_words"), (("not(quote:empty)",), quote),
            (("title:contains:ibm",), "fx_tickets_title_words"), (("supplier:contains:'IER 599'",), parts),
            (("supplier:starts:'supplier 599'",), supplier), (("supplier:starts:zz",), supplier),
        ):  # fmt: skip
            assert index in await plan_of(session, ada, *chips), chips
        for key, kind in KINDS.items():
            assert index_name(key, kind) in await plan_of(session, ada, f"not({key}:empty)"), "few have an answer"
    await save_fields(database, ada, lambda fields: [one | {"filterable": False} for one in fields])
    await index_fields(database, {})
    left = await indexes(clean_database)
    assert not {amount, supplier, parts, quote} & left
    assert texts <= left
    assert index_name("cost", Kind.MONEY) in left, "the travel form still asks for its own"


async def test_where_no_extension_may_be_created_the_other_indexes_are_built_all_the_same(
    clean_database: WorkersDatabase, owned: RealCompany
) -> None:
    name = clean_database.name
    await run(clean_database, f'DROP EXTENSION IF EXISTS pg_trgm; REVOKE CREATE ON DATABASE "{name}" FROM {OWNER_ROLE}')
    try:
        with acting_as(SYSTEM):
            await index_fields(owned.database, {})
    finally:
        await run(clean_database, f'GRANT CREATE ON DATABASE "{name}" TO {OWNER_ROLE}')
    built = await indexes(clean_database)
    assert index_name("amount", Kind.MONEY) in built
    assert index_name("supplier", Kind.TEXT) in built
    assert not [name for name in built if name.endswith(("_words", "_parts"))]


async def save_fields(database: Database, who: Actor, changed: Callable[[Fields], Fields]) -> None:
    """Of the purchase request, published anew."""
    async with database.in_its_own() as session:
        templates = TicketTemplates(session, who)
        template = await templates.find("purchase-request")
        live = await templates.life.published(template)
        assert live is not None
        definition = {**live.definition, "fields": changed(live.definition["fields"])}
        await templates.save(template, definition, based_on=live.number)


async def fill_and_ruin(database: WorkersDatabase, index: str, who: int, template: int) -> None:
    """Many tickets, without what is counted along; and an index as a build that was cut short leaves it."""
    connection = await asyncpg.connect(database.superuser_dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(MANY, who, template)
        await connection.execute("ANALYZE ticket.tickets")
        await connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass($1)", f"ticket.{index}"
        )
    finally:
        await connection.close()
