"""A flush of plain rows leaves in the table, in the session and in the transaction what SQLAlchemy's leaves."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.accounts.models import Role
from app.activity.models import TicketNote
from app.actor import SYSTEM, acting_as
from app.catalogue.models import Label
from app.db.direct import DirectSession
from app.db.direct_writes import MOST_AT_ONCE
from app.tickets.models import Ticket
from tests.cast import Company
from tests.queries import counting
from tests.story import ask

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
Act = Callable[[AsyncSession], Awaitable[Any]]


async def add_a_role(session: AsyncSession) -> Role:
    """Defaults of Python's, of the table's, and what has none."""
    role = Role(name="Fleet", created_at=AT, updated_at=AT)
    session.add(role)
    await session.flush()
    return role


async def add_and_change(session: AsyncSession) -> Role:
    role = await add_a_role(session)
    role.capabilities, role.capacity = ["manager"], 7
    await session.flush()
    role.capacity = None
    await session.flush()
    return role


async def change_nothing(session: AsyncSession) -> Role:
    role = await add_a_role(session)
    role.name = "Fleet and yard"
    role.name = "Fleet"
    await session.flush()
    return role


async def say_it_in_sql(session: AsyncSession) -> Role:
    role = await add_a_role(session)
    role.name = func.upper(Role.name)
    role.description = "Cars"
    await session.flush()
    assert "name" in inspect(role).unloaded
    await session.refresh(role)
    return role


async def add_several(session: AsyncSession) -> list[Label]:
    labels = [Label(name=f"label {number}", created_at=AT, updated_at=AT) for number in range(MOST_AT_ONCE + 3)]
    session.add_all(labels)
    await session.flush()
    return labels


async def delete_one_and_add_one(session: AsyncSession) -> Label:
    old = Label(name="old", created_at=AT, updated_at=AT)
    session.add(old)
    await session.flush()
    await session.delete(old)
    new = Label(name="new", created_at=AT, updated_at=AT)
    session.add(new)
    await session.flush()
    return new


ACTS: dict[str, Act] = {
    "a new row": add_a_role, "a changed row": add_and_change, "a row that is as it was": change_nothing,
    "a value in SQL": say_it_in_sql, "many rows": add_several, "a deletion beside it": delete_one_and_add_one,
}  # fmt: skip


def held(entity: Any) -> dict[str, Any]:
    """All but its number."""
    state = inspect(entity)
    assert state.persistent
    assert not state.modified
    return {name: value for name, value in state.dict.items() if name not in {"id", "updated_at", "_sa_instance_state"}}


@pytest.mark.parametrize("name", ACTS)
async def test_what_is_written_and_held_is_the_same(
    name: str, session: DirectSession, connection: AsyncConnection, company: Company
) -> None:
    found = []
    for kind in (DirectSession, AsyncSession):
        async with kind(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as own:
            with acting_as(SYSTEM):
                made = await ACTS[name](own)
            rows = made if isinstance(made, list) else [made]
            table = rows[0].__table__
            stored = await own.execute(
                select(*(one for one in table.c if one.name not in {"id", "updated_at"}))
                .where(table.c.id.in_([row.id for row in rows]))
                .order_by(table.c.id)
            )
            found.append(([held(row) for row in rows], stored.all()))
            await own.rollback()
    assert found[0] == found[1]


async def test_a_ticket_and_its_entry_are_written_in_two_statements(
    session: DirectSession, company: Company, hana: Any
) -> None:
    """What the database computes of a ticket is read again by whoever asks for it."""
    ticket = await ask(session, hana)
    await session.commit()
    with counting() as statements, acting_as(SYSTEM):
        ticket.title, ticket.visibility = "Another", "restricted"
        session.add(TicketNote(ticket_id=ticket.id, system=False, note="Read it", seq=99, **_sealed()))
        await session.flush()
    assert [one.split(maxsplit=1)[0] for one in statements] == ["UPDATE", "INSERT"]
    assert "open_to_all" in inspect(ticket).unloaded
    await session.refresh(ticket)
    assert (ticket.title, ticket.open_to_all) == ("Another", False)


def _sealed() -> dict[str, bytes]:
    return {"salt": bytes(16), "payload_hash": bytes(32), "prev_hash": bytes(32), "hash": bytes(32)}


async def test_the_system_or_whoever_acts_is_who_changed_it(session: DirectSession, company: Company) -> None:
    with acting_as(SYSTEM):
        role = await add_a_role(session)
        before = role.updated_at
        role.description = "Cars"
        await session.flush()
    assert (role.created_by, role.updated_by) == (SYSTEM.id, SYSTEM.id)
    assert role.updated_at != before


async def test_after_a_row_that_may_not_be_the_transaction_is_over(session: DirectSession, company: Company) -> None:
    with acting_as(SYSTEM):
        session.add(Role(name="finance"))
        with pytest.raises(IntegrityError):
            await session.flush()
        with pytest.raises(PendingRollbackError, match="uq_roles_name"):
            await session.connection()
        await session.rollback()
        assert (await session.execute(select(Role.name).where(Role.name == "finance"))).all() == []


async def test_a_savepoint_takes_a_row_that_may_not_be_with_it(session: DirectSession, company: Company) -> None:
    with acting_as(SYSTEM):
        session.add(kept := Role(name="Fleet"))
        await session.flush()
        with pytest.raises(IntegrityError):
            await _in_a_savepoint(session, Role(name="finance"))
        kept.description = "Cars"
        await session.commit()
    found = (await session.execute(select(Role.name, Role.description).where(Role.name == "Fleet"))).one()
    assert found.description == "Cars"


async def _in_a_savepoint(session: AsyncSession, row: Any) -> None:
    async with session.begin_nested():
        session.add(row)
        await session.flush()


async def test_what_is_undone_is_not_held_any_more(session: DirectSession, company: Company) -> None:
    with acting_as(SYSTEM):
        role = await add_a_role(session)
        await session.rollback()
    assert inspect(role).transient
    assert role not in session


async def test_a_row_that_is_gone_is_noticed(session: DirectSession, company: Company) -> None:
    with acting_as(SYSTEM):
        role = await add_a_role(session)
        await session.execute(text("DELETE FROM ticket.roles WHERE id = :id"), {"id": role.id})
        role.description = "Cars"
        with pytest.raises(StaleDataError):
            await session.flush()


async def test_what_waits_is_written_before_something_is_read(session: DirectSession, company: Company) -> None:
    with acting_as(SYSTEM):
        session.add(Role(name="Fleet"))
        assert (await session.execute(select(Role.name).where(Role.name == "Fleet"))).scalar_one() == "Fleet"


def test_every_table_that_an_act_writes_is_plain() -> None:
    from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
    from app.db.direct_writes import _shape_of

    for model in (Ticket, TicketNote, ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover):
        assert _shape_of(inspect(model)) is not None
