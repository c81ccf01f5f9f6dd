"""An answer that is for few is open to whoever is asked, as far as their step is bound to it (approvals.md, rule 9)."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.story import ask, republish_flow, republish_form

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
