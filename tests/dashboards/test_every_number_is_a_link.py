"""Each number on the dashboard opens a list with exactly that many rows, whoever looks."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, UserRole
from app.dashboards.tiles import OPEN
from app.tickets.filters import TicketFilters
from app.tickets.models import Ticket
from tests.cast import Browser, Company


class _Numbers(HTMLParser):
    """(address, number) of every link in `main` that says a number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside = self._inside or tag == "main"
        if self._inside and given.get("data-count") is not None:
            assert tag == "a", f"a number that is no link: {given}"
            self.found.append((given["href"] or "", int(given["data-count"] or "")))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "main"


def numbers_of(html: str) -> list[tuple[str, int]]:
    reader = _Numbers()
    reader.feed(html)
    return reader.found


class _Rows(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()
        self.next_url = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "tr" and given.get("data-key"):
            self.keys.add(given["data-key"] or "")
        if tag == "a" and "cursor=" in (given.get("href") or ""):
            self.next_url = given["href"] or ""


async def rows_behind(who: Browser, url: str) -> int:
    keys: set[str] = set()
    while url:
        page = await who.get(url)
        assert page.status_code == 200, page.text
        reader = _Rows()
        reader.feed(page.text)
        assert not (reader.keys & keys)
        keys |= reader.keys
        url = reader.next_url
    return len(keys)


async def becomes_manager(session: AsyncSession, who: Browser) -> None:
    role = Role(name=f"Watchers {who.id}", capabilities=["manager"])
    session.add(role)
    await session.flush()
    session.add(UserRole(user_id=who.id, role_id=role.id))
    await session.commit()


async def check(who: Browser, url: str) -> dict[str, int]:
    """The page's numbers by their lists, each as long as the number says."""
    page = await who.get(url)
    assert page.status_code == 200, page.text
    found = dict.fromkeys(numbers_of(page.text))
    assert len(found) > 30
    for href, number in found:
        assert urlsplit(href).path == "/tickets"
        assert await rows_behind(who, href) == number, f"{who.user.name}: {href}"
    return dict(found.keys())


async def test_every_number_opens_a_list_with_exactly_that_many_rows(
    session: AsyncSession, company: Company, past: list[Ticket], daniel: Browser, ada: Browser, hana: Browser
) -> None:
    """Daniel approves some that are restricted, Ada sees all, Hana asked for restricted ones that only she sees."""
    await becomes_manager(session, hana)
    seen = [await check(who, "/dashboards/operations") for who in (daniel, ada, hana)]
    lists = [TicketFilters(status=OPEN).url(), TicketFilters(status=("draft",)).url()]
    assert len({tuple(numbers[url] for url in lists) for numbers in seen}) == 3, "each sees their own numbers"


@pytest.mark.parametrize("address", ["?range=7d", "?range=90d", "?team={Procurement}&range=7d"])
async def test_so_it_is_in_other_periods_and_for_one_team(
    company: Company, past: list[Ticket], daniel: Browser, address: str
) -> None:
    ids = {name: role.id for name, role in company.cast.roles.items()}
    numbers = await check(daniel, "/dashboards/operations" + address.format(**ids))
    assert any(numbers.values())
