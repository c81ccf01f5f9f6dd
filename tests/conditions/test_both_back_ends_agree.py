"""`evaluate` and `compile_condition` keep the same rows, in the very SQL that the product runs."""

import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    DateTime,
    MetaData,
    Numeric,
    Table,
    Text,
    collate,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from app.conditions import Condition, Context, Field, Kind, evaluate, parse
from app.conditions.sql import Links, compile_condition
from app.conditions.stored import NUMBER
from app.conditions.unicode import fold
from tests.conditions.company import DEPARTMENTS, FIELDS, NOW, context, leaf
from tests.conditions.generated import IDS, NUMBERS, TEXTS, leaf_of, operators, random_row, random_tree

NIGHTLY = os.environ.get("COUNTERSIGN_PROFILE") == "nightly"
ROWS = 2_000
CONDITIONS = 500
SEEDS = range(1, 21) if NIGHTLY else (1,)
"""A seed that found a difference is added here and stays."""

BUILT_IN = {
    field.key: field
    for field in (
        Field("subject", "Subject", Kind.TEXT, column="subject"),
        Field("status", "Status", Kind.CHOICE, options=DEPARTMENTS, column="status"),
        Field("points", "Points", Kind.NUMBER, column="points"),
        Field("day", "Day", Kind.DATE, column="day"),
        Field("created_at", "Created", Kind.DATETIME, column="created_at"),
        Field("assignee", "Assignee", Kind.USER, column="assignee_id"),
        Field("tags", "Tags", Kind.LABELS, column="tags"),
    )
}
ALL_FIELDS = FIELDS | BUILT_IN

metadata = MetaData()
tickets = Table(
    "condition_tickets",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("data", JSONB, nullable=False),
    Column("subject", Text),
    Column("status", Text),
    Column("points", Numeric),
    Column("day", Date),
    Column("created_at", DateTime(timezone=True)),
    Column("assignee_id", BigInteger),
    prefixes=["TEMPORARY"],
)
tags = Table(
    "condition_tags",
    metadata,
    Column("ticket_id", BigInteger, primary_key=True),
    Column("tag_id", BigInteger, primary_key=True),
    prefixes=["TEMPORARY"],
)
COLUMNS = {
    **{name: tickets.c[name] for name in ("subject", "status", "points", "day", "created_at", "assignee_id")},
    "tags": Links(id=tags.c.tag_id, of=tags.c.ticket_id == tickets.c.id),
}


@dataclass(frozen=True)
class Row:
    id: int
    data: str
    columns: dict[str, Any]
    tags: list[int]

    @property
    def values(self) -> dict[str, Any]:
        """In memory a ticket's built-in values stand beside its custom fields."""
        own = {key: self.columns.get(field.column or "") for key, field in BUILT_IN.items()}
        return {**json.loads(self.data, parse_float=Decimal), **own, "tags": self.tags}


def rows(random: Random, count: int) -> list[Row]:
    return [
        Row(number, random_row(random, FIELDS), _columns(random), random.sample(IDS, random.choice([0, 0, 1, 2])))
        for number in range(count)
    ]


def _columns(random: Random) -> dict[str, Any]:
    start = datetime(2026, 3, 10, 22, tzinfo=UTC)
    columns = {
        "subject": random.choice(["", *TEXTS]),
        "status": random.choice(list(DEPARTMENTS)),
        "points": Decimal(random.choice(NUMBERS)),
        "day": date(2026, 3, random.randint(8, 13)),
        "created_at": start + timedelta(seconds=random.choice([0, 0.5, 5399.9, 5400, 5400.5, 7200, 9000])),
        "assignee_id": random.choice(IDS),
    }
    return {name: None if random.random() < 0.2 else value for name, value in columns.items()}


@pytest.fixture
async def tables(connection: AsyncConnection) -> AsyncConnection:
    await connection.run_sync(metadata.create_all)
    return connection


async def load(connection: AsyncConnection, several: Sequence[Row]) -> None:
    await connection.exec_driver_sql("TRUNCATE condition_tickets, condition_tags")
    await connection.execute(insert(tickets), [{"id": row.id, "data": {}, **row.columns} for row in several])
    raw = await connection.get_raw_connection()
    await raw.driver_connection.executemany(
        "UPDATE condition_tickets SET data = $2::text::jsonb WHERE id = $1", [(row.id, row.data) for row in several]
    )
    linked = [{"ticket_id": row.id, "tag_id": tag} for row in several for tag in row.tags]
    if linked:
        await connection.execute(insert(tags), linked)


async def kept(connection: AsyncConnection, condition: Condition, ctx: Context) -> set[int]:
    clause = compile_condition(condition, ALL_FIELDS, data_column=tickets.c.data, columns=COLUMNS, ctx=ctx)
    return set(await connection.scalars(select(tickets.c.id).where(clause)))


def context_of(random: Random) -> Context:
    zone = random.choice(["Asia/Taipei", "UTC", "America/Los_Angeles"])
    mine = random.choice([frozenset[int](), frozenset({7}), frozenset({7, 8})])
    return context(zone=ZoneInfo(zone), my_roles=mine, me=random.choice([3, 4, None]))


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_million_answers_are_the_same_in_memory_and_in_postgresql(tables: AsyncConnection, seed: int) -> None:
    random = Random(seed)
    several = rows(random, ROWS)
    await load(tables, several)
    values = {row.id: row.values for row in several}
    told_apart = 0
    for _ in range(CONDITIONS):
        tree, ctx = random_tree(random, ALL_FIELDS), context_of(random)
        condition = parse(tree, ALL_FIELDS)
        in_memory = {number for number, stored in values.items() if evaluate(condition, stored, ctx).answer}
        differing = in_memory ^ await kept(tables, condition, ctx)
        assert not differing, (tree, [values[number] for number in sorted(differing)[:1]])
        told_apart += 0 < len(in_memory) < ROWS
    assert told_apart > CONDITIONS / 2, "most conditions keep every row or none, so they prove little"


async def test_every_operator_of_every_field_and_its_negation_agree(tables: AsyncConnection) -> None:
    random, ctx = Random(4), context()
    several = rows(random, 300)
    await load(tables, several)
    values = {row.id: row.values for row in several}
    offered = [(field, op) for field in ALL_FIELDS.values() for op in operators(field)]
    for field, op in offered * 2:
        written = leaf_of(random, ALL_FIELDS, field, op)
        for tree in (written, {"not": written}):
            condition = parse(tree, ALL_FIELDS)
            in_memory = {number for number, stored in values.items() if evaluate(condition, stored, ctx).answer}
            assert in_memory == await kept(tables, condition, ctx), tree


@pytest.mark.parametrize("op", ["eq", "ne", "gt", "ge", "lt", "le"])
async def test_a_column_of_times_is_compared_in_whole_seconds(tables: AsyncConnection, op: str) -> None:
    moments = [NOW + timedelta(seconds=seconds) for seconds in (-1, -0.5, 0, 0.5, 1)]
    several = [Row(number, "{}", {"created_at": moment}, []) for number, moment in enumerate(moments)]
    await load(tables, several)
    condition = parse(leaf("created_at", op, {"rel": "now"}), ALL_FIELDS)
    in_memory = {row.id for row in several if evaluate(condition, row.values, context()).answer}
    assert in_memory == await kept(tables, condition, context())


async def test_who_has_no_role_finds_all_of_them_only_where_there_are_some(tables: AsyncConnection) -> None:
    several = [Row(number, data, {}, []) for number, data in enumerate(['{"teams": []}', '{"teams": [7]}', "{}"])]
    await load(tables, several)
    condition, ctx = parse(leaf("teams", "has_all", {"ref": "my_roles"}), ALL_FIELDS), context(my_roles=frozenset())
    assert {row.id for row in several if evaluate(condition, row.values, ctx).answer} == {1}
    assert await kept(tables, condition, ctx) == {1}


async def test_upper_and_lower_case_are_the_same_letters_in_both(tables: AsyncConnection) -> None:
    """All of Unicode but what this Python has never heard of."""
    known = [chr(code) for code in range(1, sys.maxunicode + 1)]
    letters = [letter for letter in known if unicodedata.category(letter) not in ("Cs", "Cn")]
    lowered = func.lower(collate(func.unnest(literal(letters, ARRAY(Text))), "pg_c_utf8"))
    in_sql = list(await tables.scalars(select(lowered)))
    assert [letter for letter, theirs in zip(letters, in_sql, strict=True) if fold(letter) != theirs] == []


INDEXES = {
    """((data ->> 'dept'))""": leaf("dept", "eq", "it"),
    """(((data ->> 'start') COLLATE "C"))""": leaf("start", "lt", "1999-12-31"),
    """((left(data ->> 'delivery', 19) COLLATE "C"))""": leaf("delivery", "gt", "2026-03-10T23:30:00Z"),
    f"""((CASE WHEN (data ->> 'quantity') ~ '^{NUMBER}$' THEN (data ->> 'quantity')::numeric END))""": leaf(
        "quantity", "gt", "1000"
    ),
    "USING gin ((data -> 'labels') jsonb_path_ops)": leaf("labels", "has", 4),
    """((lower(left(data ->> 'title', 100) COLLATE pg_c_utf8)))""": leaf("title", "starts", "a_b"),
    """((data ->> 'dept')) WHERE jsonb_typeof(data -> 'quotes') = 'array' AND (data -> 'quotes') <> '[]'""": {
        "not": leaf("quotes", "empty")
    },
}


@pytest.mark.parametrize("index", INDEXES)
async def test_an_expression_index_finds_the_rows(tables: AsyncConnection, index: str) -> None:
    await tables.exec_driver_sql(f"CREATE INDEX on_expression ON condition_tickets {index}")
    await load(tables, rows(Random(3), 50))
    await tables.exec_driver_sql("SET LOCAL enable_seqscan = off")
    condition = parse(INDEXES[index], FIELDS)
    clause = compile_condition(condition, FIELDS, data_column=tickets.c.data, columns={}, ctx=context())
    query = select(tickets.c.id).where(clause).compile(dialect=tables.dialect)
    bound = [query.params[name] for name in query.positiontup or ()]
    driver = (await tables.get_raw_connection()).driver_connection
    plan = await driver.fetch(f"EXPLAIN {query}", *[json.dumps(one) if isinstance(one, list) else one for one in bound])
    assert any("on_expression" in line[0] for line in plan)
