"""An answer that is for few is open to whoever is asked, as far as their step is bound to it (approvals.md, rule 9)."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.story import ask, decide, republish_flow, republish_form

HIDDEN = "Nordtherm"


def bound_to_the_amount(flow: Any) -> None:
    flow["stages"][0]["steps"][0]["watches"] = ["amount"]


async def reads(who: Browser, number: str) -> tuple[bool, bool]:
    """On the page, and by a script."""
    page, api = await who.get(f"/tickets/{number}"), await who.api("GET", f"/tickets/{number}")
    return HIDDEN in page.text, "supplier" in api.json()["fields"]


async def test_a_step_that_watches_all_opens_it_and_one_that_names_fewer_does_not(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, nora: Browser, ada: Browser
) -> None:
    legal = company.cast.roles["Legal"].id
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [legal]})
    whole = await ask(session, hana)
    await republish_flow(session, "capital-purchase", bound_to_the_amount)
    bound = await ask(session, hana)
    for who, expected in ((hana, (True, True)), (ada, (True, True)), (daniel, (True, False)), (nora, (False, False))):
        found = [await reads(who, ticket.ticket_no) for ticket in (whole, bound)]
        assert found == [(each, each) for each in expected], who.user.name


def bound_to_the_supplier(flow: Any) -> None:
    flow["stages"][0]["steps"][0]["watches"] = ["supplier"]


async def test_the_inbox_tells_no_more_than_the_ticket(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    legal = company.cast.roles["Legal"].id
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [legal]})
    await republish_flow(session, "capital-purchase", bound_to_the_amount)
    seat = (await pending(daniel, await ask(session, hana)))["id"]
    pages = [await daniel.get(f"/approvals/{seat}"), await daniel.get(f"/approvals/bulk?seat={seat}&decision=approve")]
    assert ["38,400" in page.text for page in pages] == [True, True]
    assert [HIDDEN in page.text for page in pages] == [False, False]


async def test_an_amount_that_is_for_few_stands_in_the_inbox_only_where_the_step_watches_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    legal = company.cast.roles["Legal"].id
    await republish_form(session, ada, "purchase-request", amount={"readable_by": [legal]})
    await republish_flow(session, "capital-purchase", without_conditions)
    watched = await ask(session, hana)
    assert await shown(daniel, watched) == [True] * 4
    await republish_flow(session, "capital-purchase", bound_to_the_supplier)
    hidden = await ask(session, hana)
    await decide(session, daniel, watched.ticket_no)
    assert await shown(daniel, hidden) == [False] * 4


def without_conditions(flow: Any) -> None:
    for stage in flow["stages"]:
        for step in stage["steps"]:
            step.pop("condition", None)
            step.pop("checks", None)


async def shown(who: Browser, ticket: Any) -> list[bool]:
    """In the list, on its pane, on the page of several, and on the first page."""
    seat = (await pending(who, ticket))["id"]
    addresses = ("/approvals", f"/approvals/{seat}", f"/approvals/bulk?seat={seat}&decision=approve", "/")
    return ["38,400" in (await who.get(address)).text for address in addresses]


async def pending(who: Browser, ticket: Any) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await who.api("GET", "/approvals/pending")).json()["items"]
    return next(one for one in items if one["ticket"]["ticket_no"] == ticket.ticket_no)
