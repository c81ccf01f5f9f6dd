"""A ticket is linked to another one by those who may change its properties; nobody hears of what they may not see."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.tickets.linking.models import LinkKind, Relation
from tests.cast import Browser, Company
from tests.story import ask


def test_every_link_reads_one_way_from_its_source_and_the_other_way_from_its_target() -> None:
    for kind in LinkKind:
        for from_target in (False, True):
            relation = Relation.of(kind, from_target=from_target)
            assert relation.kind == kind
            assert relation.is_seen_from_target == (from_target and kind != LinkKind.RELATES)


async def test_a_link_is_read_from_both_ends_and_told_where_it_was_made(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    here, there = await ask(session, hana, title="Cameras"), await ask(session, hana, title="Their cables")
    version = here.version
    url = f"/tickets/{here.ticket_no}"
    refused = await otto.post(f"{url}/links", relation="blocked_by", ticket_no=there.ticket_no)
    assert refused.status_code == 403
    made = await hana.post(f"{url}/links", htmx=True, relation="blocked_by", ticket_no=f" {there.ticket_no.lower()} ")
    assert made.status_code == 200
    again = await hana.post(f"{url}/links", htmx=True, relation="blocked_by", ticket_no=there.ticket_no)
    assert again.text.count("linked this: it is blocked by") == 1, "the same link again is the same link"
    seen, back = (await otto.get(url)).text, (await otto.get(f"/tickets/{there.ticket_no}")).text
    assert f"linked this: it is blocked by <b>{there.ticket_no}</b>" in seen
    assert "Their cables" in seen
    assert "/removal" not in seen, "who may not change it has nothing to press"
    assert "Cameras" in back
    assert ">blocks<" in back
    assert "linked this" not in back
    link = (await otto.api("GET", url + "/links")).json()["items"][0]
    assert (link["relation"], link["ticket"]["ticket_no"]) == ("blocked_by", there.ticket_no)
    assert (await otto.post(f"{url}/links/{link['id']}/removal")).status_code == 403
    assert (await hana.post(f"{url}/links/{link['id']}/removal", htmx=True)).status_code == 200
    gone = (await hana.get(url)).text
    assert "took off a link: it is blocked by" in gone
    assert "Not linked to another ticket." in gone
    assert (await hana.api("GET", url)).json()["version"] == version


async def test_a_hidden_ticket_is_linked_to_as_little_as_one_that_never_was(
    session: AsyncSession, company: Company, hana: Browser, omar: Browser
) -> None:
    hidden = await ask(session, hana, title="A severance, hush", visibility="restricted")
    mine = await ask(session, omar)
    url = f"/tickets/{mine.ticket_no}/links"
    answers = []
    for number in (hidden.ticket_no, "PUR-999999", "no number"):
        sent = {"relation": "relates", "ticket_no": number}
        page = await omar.post(url, htmx=True, **sent)
        api = await omar.api("POST", url, sent)
        assert (page.status_code, api.status_code) == (422, 422)
        assert "There is no ticket with this number." in page.text
        answers.append((page.text.count("<"), api.json()["errors"]))
    assert answers[0] == answers[1] == answers[2]
    assert (await omar.get(f"{url}/choices", ticket_no="severance")).text.count("<option") == 0
    assert (await hana.get(f"{url}/choices", ticket_no="severance")).text.count("<option") == 1
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/1")):
        body = {"relation": "relates", "ticket_no": mine.ticket_no} if method == "POST" else None
        there = await omar.api(method, f"/tickets/{hidden.ticket_no}/links{path}", body)
        never = await omar.api(method, f"/tickets/PUR-999999/links{path}", body)
        assert (there.status_code, there.content) == (404, never.content), method


async def test_who_sees_one_end_only_sees_nothing_of_the_link(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    hidden = await ask(session, hana, title="A severance, hush", visibility="restricted")
    shown = await ask(session, hana)
    url = f"/tickets/{shown.ticket_no}"
    before, notes = (await otto.get(url)).text, (await otto.api("GET", f"{url}/notes")).json()
    made = await hana.api("POST", f"{url}/links", {"relation": "child", "ticket_no": hidden.ticket_no})
    assert made.status_code == 201
    after = (await otto.get(url)).text
    assert "linked this" not in after
    assert hidden.ticket_no not in after
    assert "hush" not in after
    assert after.count("<") == before.count("<")
    assert (await otto.api("GET", f"{url}/notes")).json() == notes
    assert (await otto.api("GET", f"{url}/links")).json()["items"] == []
    assert f"/news?after={notes['items'][-1]['id']}" in after
    assert "hush" in (await hana.get(url)).text
    assert (await hana.api("GET", f"/tickets/{hidden.ticket_no}/links")).json()["items"][0]["relation"] == "parent"


async def test_what_blocks_and_what_is_above_never_comes_round_to_itself(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    one, two, three = [(await ask(session, hana)).ticket_no for _ in range(3)]

    async def link(here: str, relation: str, there: str) -> int:
        sent = {"relation": relation, "ticket_no": there}
        return (await hana.api("POST", f"/tickets/{here}/links", sent)).status_code

    for forward, backward in (("blocks", "blocked_by"), ("parent", "child")):
        assert await link(one, forward, one) == 422
        assert await link(one, forward, two) == await link(three, backward, two) == 201
        assert await link(three, forward, one) == await link(one, backward, three) == 422
        assert await link(two, forward, one) == 422
    assert await link(one, "duplicates", two) == await link(two, "duplicates", one) == 201
    assert await link(two, "relates", one) == await link(one, "relates", two) == 201
    told = select(func.count()).where(TicketNote.event_type == "link_add")
    assert (await session.execute(told)).scalar_one() == 7, "what relates has no direction: it is one link"


async def test_a_circle_through_what_one_may_not_see_is_not_told_of(
    session: AsyncSession, company: Company, hana: Browser, omar: Browser
) -> None:
    hidden = await ask(session, hana, visibility="restricted")
    first, last = await ask(session, hana), await ask(session, omar)
    for relation, there in (("blocked_by", first), ("blocks", last)):
        sent = {"relation": relation, "ticket_no": there.ticket_no}
        assert (await hana.api("POST", f"/tickets/{hidden.ticket_no}/links", sent)).status_code == 201
    sent = {"relation": "blocks", "ticket_no": first.ticket_no}
    assert (await omar.api("POST", f"/tickets/{last.ticket_no}/links", sent)).status_code == 201


@pytest.mark.parametrize("noun", ["removal", "delete"])
async def test_a_link_is_taken_off_its_own_ticket_only(
    session: AsyncSession, company: Company, hana: Browser, noun: str
) -> None:
    one, two, three = [(await ask(session, hana)).ticket_no for _ in range(3)]
    link = (await hana.api("POST", f"/tickets/{one}/links", {"relation": "relates", "ticket_no": two})).json()["id"]
    if noun == "removal":
        answer = await hana.post(f"/tickets/{three}/links/{link}/removal")
    else:
        answer = await hana.api("DELETE", f"/tickets/{three}/links/{link}")
    assert answer.status_code == 404
    assert len((await hana.api("GET", f"/tickets/{one}/links")).json()["items"]) == 1
    assert (await hana.api("DELETE", f"/tickets/{two}/links/{link}")).status_code == 204, "either end may"
