"""Filters of the inbox: in the address, and kept while one request after another is decided."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.work.filters import InboxFilters
from tests.cast import Browser, Company
from tests.page import form_values
from tests.queries import counting
from tests.story import ask

DESKS, CHAIRS, TRIP = "Six standing desks", "Twelve chairs", "Supplier audit in Rotterdam"


async def three_requests(session: AsyncSession, hana: Browser, omar: Browser) -> Any:
    """Two purchases of Hana's and one of Omar's; all wait for Daniel."""
    desks = await ask(session, hana, title=DESKS)
    await ask(session, omar, title=TRIP)
    await ask(session, hana, title=CHAIRS)
    return desks


async def test_the_list_shows_what_fits_and_the_tab_counts_all(
    session: AsyncSession, company: Company, hana: Browser, omar: Browser, daniel: Browser
) -> None:
    desks = await three_requests(session, hana, omar)
    everything = (await daniel.get("/approvals")).text
    assert all(title in everything for title in (DESKS, CHAIRS, TRIP)), "all three wait for Daniel"
    mine = (await daniel.get("/approvals", requester=str(hana.id), template=str(desks.template_id))).text
    assert DESKS in mine
    assert CHAIRS in mine
    assert TRIP not in mine
    assert "Hana Sato" in mine
    assert "Purchase request" in mine
    nothing = (await daniel.get("/approvals", requester=str(daniel.id))).text
    assert "No request that waits for you fits these filters." in nothing
    assert TRIP in (await daniel.get("/approvals", requester="1_0", due="someday")).text, "that is no filter"


async def test_a_decision_leads_to_the_next_of_the_same_list(
    session: AsyncSession, company: Company, hana: Browser, omar: Browser, daniel: Browser
) -> None:
    await three_requests(session, hana, omar)
    kept = f"?requester={hana.id}"
    form = form_values((await daniel.get(f"/approvals{kept}")).text, f"/decision{kept}")
    body = {**form.values, "decision": "approve"}
    answer = await daniel.submit(form.action, body, htmx=True)
    assert CHAIRS in answer.text
    assert TRIP not in answer.text
    follows = form_values(answer.text, f"/decision{kept}")
    plain = await daniel.submit(follows.action, {**follows.values, "decision": "approve"})
    assert plain.headers["location"] == f"/approvals{kept}"


async def test_only_what_is_in_the_queue_is_offered_and_adding_a_filter_costs_the_same_for_any_number(
    session: AsyncSession, company: Company, hana: Browser, omar: Browser, daniel: Browser, otto: Browser
) -> None:
    await ask(session, hana)
    with counting() as few:
        one = (await daniel.get("/approvals/filters", htmx=True)).text
    assert "Hana Sato" in one
    assert "Omar Haddad" not in one
    await three_requests(session, hana, omar)
    with counting() as many:
        assert "Omar Haddad" in (await daniel.get("/approvals/filters", htmx=True)).text
    assert len(few) == len(many)
    assert "Hana Sato" not in (await otto.get("/approvals/filters", htmx=True)).text


async def test_what_can_be_taken_back_is_offered_for_the_ten_seconds_of_its_window(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    answer = await daniel.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert '"seconds": 10' in answer.headers["hx-trigger"]


def test_the_address_says_what_is_filtered_and_each_filter_has_a_way_out() -> None:
    filters = InboxFilters.read({"template": "3", "requester": "7", "due": "week"})
    assert filters.url() == "/approvals?template=3&requester=7&due=week"
    assert filters.without("template") == "/approvals?requester=7&due=week"
    assert filters.without("due") == "/approvals?template=3&requester=7"
    assert InboxFilters.read({"template": "99999999999999999999", "due": "never"}).kept == ""
