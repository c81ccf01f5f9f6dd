"""The numbers beside templates open the tickets that they count: of a form, of an approval template, of one version."""

import re
from html import unescape

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.story import ask

FORMS, FLOWS = "/admin/ticket-templates", "/admin/approval-templates"
_NUMBER = re.compile(r'href="(/tickets\?[^"]*(?:template|version)=[^"]*)" data-count="(\d+)"')


async def numbers(who: Browser, path: str) -> dict[str, int]:
    """By the address that they open."""
    return {unescape(url): int(number) for url, number in _NUMBER.findall((await who.get(path)).text)}


async def in_list(who: Browser, url: str) -> set[str]:
    return set(re.findall(r'data-key="([A-Z]+-\d+)"', (await who.get(url)).text))


async def test_each_opens_exactly_what_it_counts(
    ada: Browser, hana: Browser, session: AsyncSession, company: Company
) -> None:
    first, second = [(await ask(session, hana)).ticket_no for _n in range(2)]
    for path in (FORMS, FLOWS, f"{FORMS}/purchase-request/versions", f"{FLOWS}/capital-purchase/versions"):
        found = await numbers(ada, path)
        assert 2 in found.values(), path
        for url, number in found.items():
            listed = await in_list(ada, url)
            assert len(listed) == number
            assert {first, second} <= listed


async def test_another_template_or_version_has_none_of_them(
    ada: Browser, hana: Browser, session: AsyncSession, company: Company
) -> None:
    await ask(session, hana)
    for url in (
        "/tickets?approval_template=travel",
        "/tickets?approval_template=capital-purchase&approval_version=9",
        "/tickets?version=9",
        "/tickets?approval_template=nobody-knows-it",
    ):
        assert await in_list(ada, url) == set()


async def test_an_approval_that_has_ended_runs_by_nothing(
    ada: Browser, hana: Browser, session: AsyncSession, company: Company
) -> None:
    ticket = await ask(session, hana)
    assert await in_list(ada, "/tickets?approval_template=capital-purchase")
    await hana.post(f"/tickets/{ticket.ticket_no}/withdrawal", reason="Not needed")
    assert await in_list(ada, "/tickets?approval_template=capital-purchase") == set()


async def test_the_filters_are_chips_that_name_what_the_address_says(ada: Browser, company: Company) -> None:
    page = unescape((await ada.get("/tickets", approval_template="capital-purchase", approval_version="2")).text)
    assert "Remove filter: Approval runs by is capital-purchase" in page
    assert "Remove filter: Version of the approval template is 2" in page
