"""A SELECT that was sent before gives what it gave through SQLAlchemy: rows, entities, transactions and faults."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, column, delete, func, insert, literal, literal_column, select, table, text, update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import undefer

from app.accounts.models import Role, User, UserRole
from app.actor import Capability
from app.catalogue.models import Label
from app.db.base import SCHEMA
from app.db.constants import alone, among, given, moment, plain_write, planned_each_time, planned_once
from app.db.direct import DirectSession
from app.db.session import Database, sqlstate
from app.tickets.models import CommandLog, Ticket
from app.tickets.recent.models import RecentTicket
from tests.cast import Company
from tests.database import WorkersDatabase
from tests.queries import counting
from tests.story import ask

DAY = timedelta(days=1)
STATEMENTS = {
    "columns": select(User.id, User.name, User.created_at).order_by(User.id),
    "an entity": select(User).order_by(User.id),
    "an entity and what may be missing": select(User, Role.name, Role)
    .outerjoin(UserRole, UserRole.user_id == User.id)
    .outerjoin(Role, Role.id == UserRole.role_id)
    .order_by(User.id, Role.id),
    "an entity and what has a name of its own": select(
        User, User.name.label("called"), func.lower(User.name).label("small"), (User.id > 3).label("late")
    ).order_by(User.id),
    "written into the SQL": select(literal_column("7").label("seven"), literal(8, literal_execute=True).label("eight")),
    "a list of ids": select(User.name).where(User.id.in_([1, 2, 3])).order_by(User.id),
    "an answer that is JSON": select(Ticket.custom_fields_data, Ticket.title),
    "no table": select(func.lower("ABC").label("small"), literal(7).label("seven")),
    "words of one's own": text("SELECT name, id FROM ticket.users ORDER BY id"),
    "several together": select(User.name.label("name")).union_all(select(Role.name)).order_by("name"),
}


def shown(rows: Any) -> list[list[Any]]:
    """Entities as what they hold."""
    return [[_held(one) if hasattr(one, "__mapper__") else one for one in row] for row in rows]


def _held(entity: Any) -> dict[str, Any]:
    return {one.key: getattr(entity, one.key) for one in entity.__mapper__.column_attrs if not one.deferred}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_it_gives_the_same_each_time_as_through_sqlalchemy(
    name: str, session: DirectSession, connection: AsyncConnection, company: Company, hana: Any
) -> None:
    await ask(session, hana)
    async with AsyncSession(connection, join_transaction_mode="create_savepoint") as plain:
        expected = await plain.execute(STATEMENTS[name])
        keys, rows = list(expected.keys()), shown(expected.all())
    assert rows
    for _time in range(3):
        result = await session.execute(STATEMENTS[name])
        assert list(result.keys()) == keys
        assert shown(result.all()) == rows
        session.expunge_all()


async def test_values_are_those_of_each_statement_and_those_that_are_given(
    session: DirectSession, company: Company
) -> None:
    people = list(company.cast.people.values())
    for one in people[:3]:
        assert await session.scalar(select(User.name).where(User.id == one.id)) == one.name
    by_id = select(User.name).where(User.id == given("person"))
    assert [await session.scalar(by_id, {"person": one.id}) for one in people] == [one.name for one in people]
    for number in (1, 3, 2):
        ids = [one.id for one in people[:number]]
        assert len((await session.scalars(select(User.id).where(User.id.in_(ids)))).all()) == number
        assert len((await session.scalars(select(User.id).where(among(User.id)), {"ids": ids})).all()) == number
    for _time in range(2):
        with pytest.raises(StatementError, match="A value is required"):
            await session.execute(by_id)


async def test_what_is_planned_once_has_its_values_in_it_and_keeps_its_plan(
    session: DirectSession, company: Company
) -> None:
    day = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
    admins = select(Role.id).where(Role.capabilities.contains([Capability.ADMIN]), Role.created_at < day + 400 * DAY)
    said = literal("O'Neill; $1 \\").label("said")
    several = select(User.name, said, literal(day).label("day")).where(
        User.id.in_([one.id for one in company.cast.people.values()]), User.deactivated_at.is_(None), User.id > 0
    )
    for plain in (admins, several.order_by(User.id)):
        expected = (await session.execute(plain)).all()
        assert expected
        once = planned_once(plain)
        for _time in range(3):
            assert (await session.execute(once)).all() == expected
    kept = text("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE strpos(statement, :said) > 0")
    assert (await session.execute(kept, {"said": "O''Neill"})).one() == (0, 2)


async def test_what_is_planned_once_takes_what_it_is_given_each_time(session: DirectSession, company: Company) -> None:
    everybody = sorted(one.id for one in company.cast.people.values())
    some = User.id.in_(everybody[1:])
    later = select(User.id).where(some, User.id > given("after"), User.created_at < moment("then")).order_by(User.id)
    once, then = planned_once(later), datetime(2099, 1, 1, tzinfo=UTC)
    for after in everybody:
        found = (await session.execute(once, {"after": after, "then": then})).scalars().all()
        assert found == [one for one in everybody[1:] if one > after]
    assert (await session.execute(once, {"after": 0, "then": then - 36_500 * DAY})).all() == []
    kept = text("SELECT parameter_types::text FROM pg_prepared_statements WHERE strpos(statement, 'created_at <') > 0")
    types = (await session.execute(kept)).scalars().all()
    assert '{bigint,"timestamp with time zone"}' in types, "what it is given has a place, the rest is written"


async def test_what_is_looked_up_keeps_a_plan_for_any_value_and_what_is_planned_each_time_never_does(
    session: DirectSession, company: Company
) -> None:
    async def plans(of: Any) -> tuple[int, int]:
        """Custom and generic ones, of twelve times in two transactions; the first goes through SQLAlchemy."""
        for _transaction in range(2):
            for number in range(6):
                await session.execute(of, {"id": number})
            await session.commit()
        name = of.selected_columns[0].name
        asked = text(
            "SELECT sum(custom_plans), sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE :like"
        )
        custom, generic = (await session.execute(asked, {"like": f"SELECT ticket.roles.{name} %"})).one()
        return custom, generic

    assert await plans(select(Role.description).where(Role.id == given("id"))) == (6, 6)
    assert await plans(planned_each_time(select(Role.capacity).where(Role.id == given("id")))) == (12, 0)


async def test_one_row_is_one_entity_and_what_is_not_saved_yet_is_saved_before_it_is_asked_for(
    session: DirectSession, company: Company
) -> None:
    hana = company.cast.people["hana"]
    query = select(User).where(User.email == hana.email)
    for title in ("Baker", "Smith", "Weaver"):
        (await session.execute(query)).scalar_one().title = title
        assert (await session.execute(select(User.title).where(User.id == hana.id))).scalar_one() == title
        assert (await session.execute(query)).scalar_one() is (await session.execute(query)).scalar_one()


async def test_what_the_session_knows_stays_unless_it_is_to_be_read_again(
    session: DirectSession, company: Company
) -> None:
    hana = company.cast.people["hana"]
    query = select(User).where(User.id == hana.id)
    again = query.execution_options(populate_existing=True)
    known = (await session.execute(query)).scalar_one()
    await session.execute(again)
    for title in ("Baker", "Smith"):
        before = known.title
        change = update(User).where(User.id == hana.id).values(title=title)
        await session.execute(change.execution_options(synchronize_session=False))
        assert (await session.execute(query)).scalar_one().title == before
        assert (await session.execute(again)).scalar_one() is known
        assert known.title == title
        assert not session.dirty
    session.expire(known, ["title"])
    await session.execute(query)
    assert known.title == "Smith"


async def test_what_is_left_out_by_design_is_read_where_it_is_asked_for(
    session: DirectSession, company: Company
) -> None:
    hana = company.cast.people["hana"]
    session.expunge_all()
    for _time in range(2):
        found = (await session.execute(select(User).where(User.id == hana.id))).scalar_one()
        assert "password_hash" not in found.__dict__
        whole = select(User).where(User.id == hana.id).options(undefer(User.password_hash))
        assert "password_hash" in (await session.execute(whole)).scalar_one().__dict__
        session.expunge_all()


async def test_a_plain_write_does_the_same_each_time_and_returns_what_it_is_asked_for(
    session: DirectSession, company: Company, hana: Any
) -> None:
    table = RecentTicket.__table__
    numbers = [(await ask(session, hana)).id for _ticket in range(3)]
    add = plain_write(
        insert(table)
        .values(user_id=given("person"), ticket_id=given("ticket"), seen_at=moment("at"))
        .returning(table.c.ticket_id)
    )
    seen = datetime(2026, 11, 30, tzinfo=UTC)
    for number in numbers:
        assert (await session.execute(add, {"person": hana.id, "ticket": number, "at": seen})).scalars().all() == [
            number
        ]
    later = plain_write(update(table).where(among(table.c.ticket_id)).values(seen_at=moment("at")))
    for number in numbers[:2]:
        await session.execute(later, {"ids": [number], "at": seen + DAY})
    for number in numbers[1:]:
        await session.execute(plain_write(delete(table).where(table.c.ticket_id == number)))
    assert (await session.execute(select(RecentTicket.ticket_id, RecentTicket.seen_at))).all() == [
        (numbers[0], seen + DAY)
    ]


async def test_what_python_would_have_to_fill_in_is_no_plain_write(session: DirectSession, hana: Any) -> None:
    table = CommandLog.__table__
    add = insert(table).values(actor_id=hana.id, command_id=bindparam("key"), kind="test", request_sha256="")
    with pytest.raises(TypeError, match="fill something in"):
        await session.execute(plain_write(add), {"key": "1"})


async def test_deleted_rows_stay_hidden(session: DirectSession, company: Company) -> None:
    label = company.labels["audit"]
    query = select(Label).where(Label.id == label.id)
    for _time in range(2):
        assert (await session.execute(query)).scalar_one_or_none() is not None
    label = (await session.execute(query)).scalar_one()
    label.delete_softly(at=label.created_at)
    for _time in range(2):
        assert (await session.execute(query)).scalar_one_or_none() is None
        assert (await session.execute(query.execution_options(include_deleted=True))).scalar_one() is label


async def test_inside_a_savepoint_it_is_inside_and_a_fault_there_is_undone_with_it(
    session: DirectSession, company: Company
) -> None:
    fails = select(literal(1) / func.nullif(given("divisor"), 0) + func.length(literal("x")) / given("divisor"))
    await session.execute(fails, {"divisor": 1})
    for _time in range(2):
        with pytest.raises(DBAPIError) as refused:
            async with session.begin_nested():
                await session.execute(fails, {"divisor": 0})
        assert sqlstate(refused.value) == "22012"
        assert (await session.execute(fails, {"divisor": 1})).scalar_one() == 2


async def test_a_lost_connection_is_told_as_such_and_leaves_the_pool(database: WorkersDatabase) -> None:
    pool = Database(database.app_url, pool_size=1, max_overflow=0)
    who, naps = select(func.pg_backend_pid()), select(func.pg_sleep(given("seconds")))
    async with pool.session() as session:
        for _time in range(2):
            victim = await session.scalar(who)
            await session.execute(naps, {"seconds": 0})
        other = await asyncpg.connect(database.superuser_dsn)
        await other.execute("SELECT pg_terminate_backend($1)", victim)
        await other.close()
        with pytest.raises(DBAPIError) as lost:
            await session.execute(naps, {"seconds": 5})
        assert lost.value.connection_invalidated
    async with pool.session() as session:
        assert await session.scalar(who) != victim
    await pool.close()


async def test_whoever_is_called_off_meanwhile_leaves_no_connection_behind_that_is_still_at_it(
    database: WorkersDatabase,
) -> None:
    pool = Database(database.app_url, pool_size=1, max_overflow=0)
    who, naps = select(func.pg_backend_pid()), select(func.pg_sleep(given("seconds")))
    for _time in range(2):
        async with pool.session() as session:
            first = await session.scalar(who)
            await session.execute(naps, {"seconds": 0})
            await session.execute(naps, {"seconds": 0})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await session.execute(naps, {"seconds": 20})
        async with pool.session() as session:
            assert await session.scalar(who) != first
    await pool.close()


async def test_whoever_listens_to_statements_hears_of_it(session: DirectSession) -> None:
    query = select(User.id).limit(1)
    for _time in range(3):
        with counting() as heard:
            await session.execute(query)
        assert len(heard) == 1


STATEMENTS_THAT_BEGIN = {
    "a lock": select(User.id).where(User.id == 1).with_for_update(),
    "a lock in a part of it": select(User.name).where(
        User.id.in_(select(User.id).where(User.id == 1).with_for_update().scalar_subquery())
    ),
    "a lock on a number": select(func.pg_advisory_xact_lock(7)),
    "a setting": select(func.set_config("countersign.test", "7", literal_column("true"))),
    "words of one's own": text("SELECT 1"),
    "a write": plain_write(delete(CommandLog.__table__).where(CommandLog.actor_id == given("who"))),
}


async def has_begun(session: DirectSession) -> bool:
    _connection, wrapped = await session._in_use()
    return wrapped._transaction is not None


@pytest.mark.parametrize("name", STATEMENTS_THAT_BEGIN)
async def test_what_locks_or_changes_something_begins_the_transaction(
    name: str, real_database: Database, clean_database: WorkersDatabase
) -> None:
    given_values = {"who": 1} if name == "a write" else {}
    for _turn in ("the first time", "sent before"):
        async with real_database.session() as session:
            assert isinstance(session, DirectSession)
            await session.execute(select(User.name).where(User.id == 1))
            await session.execute(STATEMENTS_THAT_BEGIN[name], given_values)
            assert await has_begun(session)


async def test_what_only_reads_needs_no_transaction(real_database: Database, clean_database: WorkersDatabase) -> None:
    once = select(User.name).where(User.id == 1)
    for _turn in range(2):
        async with real_database.session() as session:
            assert isinstance(session, DirectSession)
            await session.execute(once)
            begun = await has_begun(session)
    assert not begun


async def test_a_write_that_stands_alone_needs_no_transaction_and_stays_whatever_comes_of_the_rest(
    real_database: Database, clean_database: WorkersDatabase
) -> None:
    """Inside a transaction it is undone with it."""
    plain = table("users", column("id"), column("title"), schema=SCHEMA)
    done = alone(update(plain).where(plain.c.id == given("who")).values(title=bindparam("said")))
    for said, begins_before in (("Made", True), ("Machine", False), ("Robot", True)):
        async with real_database.session() as session:
            assert isinstance(session, DirectSession)
            if begins_before:
                await session.execute(text("SELECT 1"))
            await session.execute(done, {"who": 1, "said": said})
            assert await has_begun(session) is begins_before
            await session.rollback()
    async with real_database.session() as another:
        assert (await another.execute(select(User.title).where(User.id == 1))).scalar_one() == "Machine"


async def test_what_is_read_before_a_write_is_kept_with_it(
    real_database: Database, clean_database: WorkersDatabase
) -> None:
    """And what is undone is undone from the first write on."""
    async with real_database.session() as session:
        await session.execute(select(User.name).where(User.id == 1))
        await session.execute(update(User).where(User.id == 1).values(title="Machine"))
        await session.rollback()
        assert (await session.execute(select(User.title).where(User.id == 1))).scalar_one() == ""
        await session.execute(update(User).where(User.id == 1).values(title="Machine"))
        await session.commit()
    async with real_database.session() as another:
        assert (await another.execute(select(User.title).where(User.id == 1))).scalar_one() == "Machine"
