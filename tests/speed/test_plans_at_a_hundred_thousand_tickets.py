"""On a large database the pages' statements are answered from their indexes, for whoever asks."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.conditions import Kind
from app.config import Settings
from app.db import owner
from app.db.session import Database
from app.seeds.teller import actor_by_email
from app.tickets.field_indexes import index_name, look_after_indexes, parts_name
from app.tickets.filters import TicketFilters
from app.tickets.grouping import grouped_page, grouping_of
from app.tickets.list_fields import understood
from app.tickets.repository import page_of_tickets
from app.work.repository import waiting_page
from benchmarks.seeding import seed_database
from benchmarks.server import SECRET, throw_away_database
from benchmarks.shape import MARKER
from tests.database import in_a_thread

pytestmark = pytest.mark.nightly
SIZE = 100_000
Page = Callable[[AsyncSession, Actor], Awaitable[Any]]


@pytest.fixture(scope="module")
def large() -> Iterator[Settings]:
    with throw_away_database(SIZE, None) as (_, connections):
        settings = Settings(secret_key=SECRET, database_url=connections.app_url)
        in_a_thread(seed_database(settings, connections.dsn(), SIZE))
        in_a_thread(built(settings, connections.owner_url))
        yield settings


async def built(settings: Settings, owner_url: str) -> None:
    """The indexes that the job builds."""
    owner.use(owner_url)
    database = Database(settings.database_url or "", role=settings.app_role)
    try:
        await look_after_indexes(database)
    finally:
        await database.close()
        owner.use(None)


@pytest.fixture
async def session(large: Settings) -> AsyncIterator[AsyncSession]:
    database = Database(large.database_url or "")
    async with database.session() as session:
        yield session
    await database.close()


async def plans(session: AsyncSession, who: str, page: Page) -> str:
    """How PostgreSQL would answer each statement of the page."""
    actor = await actor_by_email(session, f"{who}@aldermoor.example")
    connection = await session.connection()
    said: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    await page(session, actor)
    event.remove(connection.sync_connection, "before_cursor_execute", note)
    told = [await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters) for statement, parameters in said]
    return "\n".join(line for result in told for line in result.scalars())


def listing(**filters: Any) -> Page:
    async def page(session: AsyncSession, actor: Actor) -> Any:
        return await page_of_tickets(session, actor, TicketFilters(**filters), now=utc_now())

    return page


def conditions(*chips: str) -> Page:
    async def page(session: AsyncSession, actor: Actor) -> Any:
        filters = await understood(session, actor, TicketFilters(f=chips))
        return await page_of_tickets(session, actor, filters, now=utc_now())

    return page


def both_pages(filters: TicketFilters) -> Page:
    """The first, and the one after it."""

    async def page(session: AsyncSession, actor: Actor) -> Any:
        first = await page_of_tickets(session, actor, filters, now=utc_now())
        second = await page_of_tickets(session, actor, filters, now=utc_now(), cursor=first.next_cursor)
        assert not {row.id for row in first.rows} & {row.id for row in second.rows}

    return page


def in_groups(group: str) -> Page:
    async def page(session: AsyncSession, actor: Actor) -> Any:
        filters = TicketFilters(group=group)
        return await grouped_page(session, actor, filters, await grouping_of(session, filters), now=utc_now())

    return page


async def inbox(session: AsyncSession, actor: Actor) -> Any:
    return await waiting_page(session, actor, None)


@pytest.mark.parametrize("who", ["jonas", "daniel", "ada"])
@pytest.mark.parametrize(
    ("page", "index"),
    [
        (listing(), "ix_tickets_newest"),
        (listing(sort="-updated_at"), "ix_tickets_updated"),
        (listing(status=("open",)), "ix_tickets_"),
        (listing(assignee=("me",)), "ix_tickets_assignee"),
        (listing(creator=("me",)), "ix_tickets_creator"),
        (listing(approval=("returned",)), "ix_tickets_approval"),
        (listing(on_time=("no",)), "ix_tickets_late"),
        (listing(waiting_on=("me",)), "ix_approvers_pending_user"),
        (listing(sort="-priority"), "ix_tickets_priority"),
        (listing(template=("2",), status=("open",)), "ix_tickets_template_status"),
        (listing(due=("risk",)), "ix_tickets_still_due"),
        (listing(q=MARKER), "ix_tickets_search"),
        (inbox, "ix_approvers_queue_user"),
        (conditions("status:ne:closed", "created_at:ge:today-1d"), "ix_tickets_status_newest"),
        (conditions("assignee:eq:@me"), "ix_tickets_assignee"),
        (conditions("description:contains:zeppelin"), "fx_tickets_description_words"),
        (conditions("title:contains:zeppelin"), "fx_tickets_title_words"),
        (conditions("title:contains:ibm"), "fx_tickets_title_words"),
        (conditions("supplier:contains:zeppelin"), parts_name("supplier")),
        (conditions("supplier:starts:zeppelin"), index_name("supplier", Kind.TEXT)),
        (in_groups("status"), "ix_tickets_status_newest"),
        (in_groups("assignee"), "ix_tickets_assignee_newest"),
        (in_groups("template"), "ix_tickets_template"),
    ],
    ids=[
        "newest",
        "updated",
        "status",
        "mine",
        "asked",
        "sent back",
        "late",
        "waiting on",
        "by priority",
        "form and status",
        "at risk",
        "search",
        "inbox",
        "since",
        "mine by condition",
        "a rare word in the text",
        "a rare word in the title",
        "three letters in the title",
        "a part of an answer",
        "the beginning of an answer",
        "by status",
        "by assignee",
        "by form",
    ],
)
async def test_a_page_is_found_by_its_index_and_never_by_reading_all_tickets(
    session: AsyncSession, who: str, page: Page, index: str
) -> None:
    plan = await plans(session, who, page)
    assert index in plan
    assert "Seq Scan on tickets" not in plan, plan


@pytest.mark.parametrize("sort", ["-created_at", "due_at", "-priority"])
@pytest.mark.parametrize("few", [{"creator": ("me",)}, {"approval": ("rejected",)}, {"waited": ("more",)}])
async def test_for_what_few_tickets_are_no_order_is_walked(
    session: AsyncSession, few: dict[str, Any], sort: str
) -> None:
    plan = await plans(session, "jonas", listing(**few, sort=sort))
    assert not re.search(r"using ix_tickets_(newest|due|priority)", plan), plan


@pytest.mark.parametrize("who", ["daniel", "ada"])
@pytest.mark.parametrize("sign", ["", "-"], ids=["ascending", "descending"])
@pytest.mark.parametrize(
    ("key", "kind"),
    [("amount", Kind.MONEY), ("supplier", Kind.TEXT), ("supplier_is_new", Kind.BOOLEAN), ("cost_center", Kind.CHOICE)],
)
async def test_a_list_in_the_order_of_a_field_is_read_from_its_index_and_sorts_nothing(
    session: AsyncSession, who: str, sign: str, key: str, kind: Kind
) -> None:
    actor = await actor_by_email(session, f"{who}@aldermoor.example")
    filters = await understood(session, actor, TicketFilters(sort=f"{sign}{key}"))
    plan = await plans(session, who, both_pages(filters))
    assert index_name(key, kind) in plan, plan
    assert "Seq Scan on tickets" not in plan, plan
    assert not re.search(r"(?<!Incremental )Sort  ", plan), plan


async def test_the_first_page_of_an_inbox_of_thousands_is_fifty_requests(session: AsyncSession) -> None:
    daniel = await actor_by_email(session, "daniel@aldermoor.example")
    page = await waiting_page(session, daniel, None)
    assert len(page.rows) == 50
    following = await waiting_page(session, daniel, page.next_cursor)
    seen = [row.seat_id for row in (*page.rows, *following.rows)]
    assert len(set(seen)) == 100
