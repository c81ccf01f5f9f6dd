"""Of the views in one's menu one may be the default: "Tickets" opens it; and each view says how many it finds."""

import asyncio
import re

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserRole
from app.clock import utc_now
from app.tickets.controllers import saved_views
from app.tickets.filters import TicketFilters
from app.tickets.saved_views.models import SavedView, SavedViewPin
from app.tickets.saved_views.service import SavedViews
from app.web.paging import Count
from tests.cast import Browser, Company
from tests.queries import counting
from tests.real import RealCompany
from tests.tickets.test_saved_views import ADDRESS, a_ticket, keep, team
from tests.waiting import until

OPENS = re.compile(r'<a href="([^"]+)"[^>]*>(?:(?!</a>).)*</svg>(?:<span class="lb">)?Tickets<')
ADDRESS_ESCAPED = ADDRESS.replace("&", "&amp;")


async def tickets_open(who: Browser) -> set[str]:
    """Where the menu's entry leads, on a wide screen and on a phone."""
    return set(OPENS.findall((await who.get("/views")).text))


async def test_tickets_in_the_menu_opens_it_and_all_tickets_again_once_it_is_none(
    company: Company, jonas: Browser, hana: Browser
) -> None:
    view = await keep(jonas, "Fires")
    assert await tickets_open(jonas) == {"/tickets"}
    assert (await jonas.post(f"/views/{view}/default", is_default="1")).status_code == 303
    assert await tickets_open(jonas) == {ADDRESS_ESCAPED}
    assert await tickets_open(hana) == {"/tickets"}
    page = (await jonas.get("/views")).text
    assert "“Tickets” in your menu opens it" in page
    assert 'id="nav-tickets-n"' not in page, "the number of all tickets would open something else"
    await jonas.post(f"/views/{view}/default", is_default="0")
    assert await tickets_open(jonas) == {"/tickets"}


async def test_only_one_is_the_default(company: Company, jonas: Browser) -> None:
    first, second = await keep(jonas, "One"), await keep(jonas, "Two")
    for view in (first, second):
        answer = await jonas.api("PATCH", f"/views/{view}", {"is_default": True})
        assert (answer.json()["is_default"], answer.json()["pinned"]) == (True, True)
    listed = (await jonas.api("GET", "/views")).json()["items"]
    assert [one["name"] for one in listed if one["is_default"]] == ["Two"]
    await jonas.api("PATCH", f"/views/{first}", {"is_default": False})
    listed = (await jonas.api("GET", "/views")).json()["items"]
    assert [one["name"] for one in listed if one["is_default"]] == ["Two"], "the other one was not meant"


async def test_whoever_leaves_the_role_that_shared_it_has_all_tickets_again(
    session: AsyncSession, company: Company, jonas: Browser, lucas: Browser
) -> None:
    role = await team(session, company, lucas)
    view = await keep(jonas, "Ours", role_id=role)
    await lucas.post(f"/views/{view}/default", is_default="1")
    assert await tickets_open(lucas) == {ADDRESS_ESCAPED}
    await session.execute(delete(UserRole).where(UserRole.user_id == lucas.id, UserRole.role_id == role))
    await session.commit()
    assert await tickets_open(lucas) == {"/tickets"}


async def test_nobody_opens_first_what_they_may_not_open(company: Company, jonas: Browser, otto: Browser) -> None:
    view = await keep(jonas, "Mine")
    assert (await otto.post(f"/views/{view}/default", is_default="1")).status_code == 404
    assert (await otto.api("PATCH", f"/views/{view}", {"is_default": True})).status_code == 404


async def test_each_view_says_how_many_tickets_its_reader_finds_in_a_fixed_number_of_statements(
    session: AsyncSession, company: Company, jonas: Browser, otto: Browser
) -> None:
    await keep(jonas, "Fires")
    await a_ticket(session, jonas, 9001, utc_now())
    with counting() as one:
        page = (await jonas.get("/views")).text
    assert f'<a class="link" href="{ADDRESS_ESCAPED}" data-count="1">1 ticket</a>' in page
    for number in range(5):
        await keep(jonas, f"More {number}")
    with counting() as six:
        await jonas.get("/views")
    assert len(one) == len(six)


async def test_what_is_not_soon_counted_has_no_number(
    company: Company, jonas: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(jonas, "Fires")

    async def never(session: AsyncSession, *_args: object, **_named: object) -> list[Count]:
        await session.execute(text("SELECT pg_sleep(5)"))
        return []

    monkeypatch.setattr(saved_views, "COUNTED_WITHIN", 10)
    monkeypatch.setattr(saved_views, "counts_of", never)
    page = (await jonas.get("/views")).text
    assert "<b>Fires</b></a>" in page
    assert "data-count" not in page[page.index('class="people"') : page.index("</main>")]


async def test_of_two_chosen_at_the_same_moment_one_is_the_default(real_company: RealCompany) -> None:
    actor = await real_company.actor("jonas")
    async with real_company.database.in_its_own() as session:
        made = [
            await SavedViews(session, actor).keep(TicketFilters(), name=name, role_id=None, pinned=False)
            for name in ("One", "Two")
        ]

    async def choose(view: SavedView) -> None:
        async with real_company.database.in_its_own() as session:
            await SavedViews(session, actor).open_first(view, True)

    async def is_awaited() -> bool:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with real_company.database.session() as watching:
            return bool((await watching.execute(waiting)).scalar_one())

    async with real_company.database.in_its_own() as first:
        await SavedViews(first, actor).open_first(made[0], True)
        second = asyncio.create_task(choose(made[1]))
        await until(is_awaited)
    await second
    async with real_company.database.session() as session:
        chosen = select(SavedViewPin.view_id).where(SavedViewPin.user_id == actor.id, SavedViewPin.is_default)
        assert len((await session.execute(chosen)).all()) == 1
