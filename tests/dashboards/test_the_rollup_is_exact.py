"""What is counted along equals what counting finds, after any history and under concurrent writers."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role
from app.activity.models import TicketNote
from app.actor import Actor
from app.clock import utc_now
from app.dashboards import history, operations, tiles
from app.dashboards.counting import count_all, count_plainly
from app.dashboards.jobs import ADD_UP
from app.dashboards.models import TicketRollup
from app.dashboards.rollup import asks_for
from app.dashboards.scope import Scope
from app.tickets.lifecycle import STEPS
from app.tickets.models import Ticket, TicketAccess, TicketStatus
from tests.cast import Browser, Cast, Company
from tests.database import WorkersDatabase


async def insist_on_the_same(session: AsyncSession, actor: Actor, *, team: int | None = None) -> None:
    """Every number of the page, and every move of the last 30 days."""
    scope = Scope(actor, utc_now(), 30, team)
    lists = operations.asked(scope)
    assert sum(asks_for(filters, scope) is not None for filters in lists) > 40
    moves = history.asks(scope, tiles.OPEN)
    numbers, sums = await count_all(session, scope, lists, [ask for asks in moves.values() for ask in asks])
    assert {filters: one.number for filters, one in numbers.items()} == await count_plainly(session, scope, lists)
    told, record = await history.flows(session, scope, moves, sums), await history.flows_from_the_record(session, scope)
    flat = [0] * (len(scope.points) - 1)
    assert told == {status: record.get(status, flat) for status in tiles.OPEN}


async def test_each_viewer_counts_what_they_would_find(
    session: AsyncSession, company: Company, past: list[Ticket], daniel: Browser, ada: Browser, hana: Browser,
    otto: Browser, maya: Browser,
) -> None:  # fmt: skip
    for who in (daniel, ada, hana, otto, maya):
        await insist_on_the_same(session, await who.actor())
        await insist_on_the_same(session, await who.actor(), team=company.cast.roles["Procurement"].id)


async def test_in_a_zone_of_half_hours_the_tickets_themselves_are_counted(
    session: AsyncSession, company: Company, past: list[Ticket], daniel: Browser
) -> None:
    actor = await daniel.actor()
    in_mumbai = Scope(Actor(actor.id, actor.name, role_ids=actor.role_ids, time_zone="Asia/Kolkata"), utc_now())
    lists = operations.asked(in_mumbai)
    numbers, _ = await count_all(session, in_mumbai, lists)
    assert {filters: one.number for filters, one in numbers.items()} == await count_plainly(session, in_mumbai, lists)


async def test_after_any_history_the_sums_are_the_counts(
    session: AsyncSession, cast: Cast, ada: Browser, hana: Browser
) -> None:
    """Moves, deletions, other teams, restrictions and dates in any order, with sums added up in between."""
    chance = random.Random(20261125)
    viewers = [await ada.actor(), await hana.actor()]
    ids: list[int] = []
    for round_of_changes in range(6):
        for _ in range(25):
            if len(ids) < 20 or chance.random() < 0.2:
                ids.append(await _new_ticket(session, chance, cast))
            else:
                await _change(session, chance, cast, chance.choice(ids))
        if round_of_changes % 2:
            await session.execute(ADD_UP)
            deltas = await session.scalars(select(TicketRollup).where(TicketRollup.is_delta))
            assert deltas.all() == []
        for viewer in viewers:
            await insist_on_the_same(session, viewer)
            await insist_on_the_same(session, viewer, team=cast.roles["Legal"].id)


async def _new_ticket(session: AsyncSession, chance: random.Random, cast: Cast) -> int:
    at = utc_now() - timedelta(hours=chance.randrange(24 * 70))
    made = insert(Ticket).values(
        ticket_no=f"TIC-{chance.randrange(10**9)}", title="Any", status="draft", created_at=at, status_since=at,
        requester_id=cast["hana"].id, created_by=cast["hana"].id, updated_by=cast["hana"].id,
        visibility=chance.choice(["internal", "restricted"]), custom_fields_data={},
    )  # fmt: skip
    ticket_id = (await session.execute(made.returning(Ticket.id))).scalar_one()
    if chance.random() < 0.5:
        await session.execute(
            insert(TicketAccess).values(ticket_id=ticket_id, user_id=cast["hana"].id, reason="creator")
        )
    return int(ticket_id)


async def _change(session: AsyncSession, chance: random.Random, cast: Cast, ticket_id: int) -> None:
    at = utc_now() - timedelta(hours=chance.randrange(24 * 40))
    team = chance.choice([None, cast.roles["Legal"].id, cast.roles["Finance"].id])
    what = chance.choice(["move", "move", "move", "team", "visibility", "due", "delete", "submit"])
    if what == "move":
        await _move(session, chance, ticket_id, at)
        return
    values = {
        "team": {"assigned_role_id": team},
        "visibility": {"visibility": chance.choice(["internal", "restricted"])},
        "due": {"due_at": chance.choice([None, at, at + timedelta(days=3)])},
        "delete": {"deleted_at": chance.choice([None, None, at])},
        "submit": {"submitted_at": at},
    }[what]
    await session.execute(update(Ticket).where(Ticket.id == ticket_id).values(**values))


async def _move(session: AsyncSession, chance: random.Random, ticket_id: int, at: datetime) -> None:
    old = await session.scalar(select(Ticket.status).where(Ticket.id == ticket_id))
    new = chance.choice([step.target for step in STEPS if step.source == old] or [TicketStatus.DRAFT])
    told = [
        update(Ticket).where(Ticket.id == ticket_id).values(
            status=new, status_since=at, resolved_at=at if new == "resolved" else None,
            closed_at=at if new == "closed" else None,
        ),
        insert(TicketNote).values(
            ticket_id=ticket_id, system=True, event_type="status_change", created_at=at, updated_at=at, created_by=1,
            updated_by=1, event_details={"old": str(old), "new": str(new), "reason": ""}, salt=b"0" * 16,
            seq=chance.randrange(2 * 10**9),
            payload_hash=b"0" * 32, prev_hash=b"0" * 32, hash=b"0" * 32,
        ),
    ]  # fmt: skip
    for statement in chance.sample(told, 2):
        await session.execute(statement)


WRITERS, CHANGES = 6, 40
TOTAL = """
    SELECT count(*) FROM (
        SELECT measure, team_id, key, hour, open_to_all, sum(number) AS number FROM ticket.ticket_rollup
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(number) <> 0
    ) AS kept FULL JOIN (
        SELECT c.measure, c.team_id, c.key, c.hour, c.open_to_all, count(*) AS number
        FROM ticket.tickets AS t, ticket.counted(t) AS c GROUP BY 1, 2, 3, 4, 5
    ) AS found USING (measure, team_id, key, hour, open_to_all)
    WHERE kept.number IS DISTINCT FROM found.number
"""


async def test_concurrent_writers_and_the_adding_up_lose_nothing(clean_database: WorkersDatabase) -> None:
    """No writer waits for another's sums: each only adds rows."""
    owner = await asyncpg.connect(clean_database.app_dsn)
    for number in range(WRITERS):
        await owner.execute(_INSERT, f"TIC-{number + 1}", datetime.now(UTC))
    done = asyncio.Event()
    adding_up = asyncio.create_task(_add_up(clean_database.app_dsn, done))
    await asyncio.gather(*(_writes(clean_database.app_dsn, number + 1) for number in range(WRITERS)))
    done.set()
    await adding_up
    assert await owner.fetchval("SELECT count(*) FROM ticket.tickets") == WRITERS * (CHANGES // 4 + 1)
    assert await owner.fetchval(TOTAL) == 0
    await owner.execute(ADD_UP.text)
    assert await owner.fetchval(TOTAL) == 0
    assert await owner.fetchval("SELECT count(*) FROM ticket.ticket_rollup WHERE is_delta") == 0
    await owner.close()


_INSERT = """
    INSERT INTO ticket.tickets (ticket_no, title, status, priority, visibility, requester_id, created_by, updated_by,
        created_at, updated_at, status_since, version, chain_seq, chain_hash, submitted_at)
    VALUES ($1, 'Any', 'open', 'medium', 'internal', 1, 1, 1, $2, $2, $2, 1, 0, '\\x00', $2)
"""


async def _writes(dsn: str, number: int) -> None:
    connection, chance = await asyncpg.connect(dsn), random.Random(number)
    for change in range(CHANGES):
        async with connection.transaction():
            if change % 4 == 0:
                await connection.execute(_INSERT, f"TIC-{number}{change + 100:03}9", datetime.now(UTC))
            state, at = chance.choice(["open", "in_progress", "resolved", "closed"]), datetime.now(UTC)
            await connection.execute(
                "UPDATE ticket.tickets SET status = $1, resolved_at = $2, closed_at = $2 WHERE ticket_no = $3",
                state, at, f"TIC-{chance.randrange(1, WRITERS + 1)}",
            )  # fmt: skip
    await connection.close()


async def _add_up(dsn: str, done: asyncio.Event) -> None:
    connection = await asyncpg.connect(dsn)
    while not done.is_set():
        await connection.execute(ADD_UP.text)
        assert await connection.fetchval(TOTAL) == 0, "a reader sees the same before and after"
    await connection.close()


async def test_counting_everything_anew_changes_no_number(
    session: AsyncSession, company: Company, past: list[Ticket], ada: Browser
) -> None:
    """For loading tickets by the million without triggers."""
    session.add(Role(name="Nobody's"))
    await session.execute(delete(TicketRollup))
    await session.execute(text("SELECT ticket.count_everything()"))
    await insist_on_the_same(session, await ada.actor())
