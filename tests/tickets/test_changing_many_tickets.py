"""One change to many: each by its own rules, with its own answer, once, and taken back where it can be."""

from html import escape, unescape
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.tickets.bulk import carrying_out
from app.tickets.bulk.carrying_out import carry_out_later
from app.tickets.bulk.models import BulkItem
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import first, form_values
from tests.story import ask, decide, draft, republish_flow


async def handled(session: AsyncSession, company: Company, count: int, who: Browser) -> list[Ticket]:
    at = utc_now()
    made = [
        Ticket(
            ticket_no=f"TIC-{70_000 + n}", title=f"Ticket {n}", status="open", requester_id=who.id, created_by=who.id,
            updated_by=who.id, submitted_at=at, created_at=at, updated_at=at, assignee_id=company.cast["jonas"].id,
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(made)
    await session.commit()
    return made


async def chosen(who: Browser, tickets: list[Ticket], **change: Any) -> dict[str, Any]:
    answer = await who.get("/tickets/bulk", ticket=[ticket.ticket_no for ticket in tickets])
    return {**form_values(answer.text, "/tickets/bulk").values, **change}


def row_in(location: str) -> int:
    return int(location.partition("?")[0].rpartition("/")[2])


async def results(session: AsyncSession, location: str) -> dict[str, tuple[str | None, str]]:
    items = select(BulkItem).where(BulkItem.bulk_edit_id == row_in(location))
    found = (await session.execute(items.execution_options(populate_existing=True))).scalars()
    return {item.ticket_no: (item.outcome, item.sentence) for item in found}


async def test_each_ticket_gets_its_own_answer_and_undo_puts_back_what_nobody_touched_since(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, jonas: Browser
) -> None:
    mine = await handled(session, company, 4, hana)
    waiting = await ask(session, hana)
    sent = await chosen(jonas, [*mine, waiting], priority="high", add_labels=str(company.labels["audit"].id))
    mine[3].version += 1
    await session.commit()
    location = (await jonas.submit("/tickets/bulk", sent)).headers["location"]
    found = await results(session, location)
    assert [found[ticket.ticket_no][0] for ticket in mine] == ["changed", "changed", "changed", "left_out"]
    assert "changed it since you looked" in found[mine[3].ticket_no][1]
    assert "only who asked for it changes this" in found[waiting.ticket_no][1]
    page = (await jonas.get(location)).text
    assert "3 changed, 2 left out" in page
    again = await jonas.submit("/tickets/bulk", sent)
    assert again.headers["location"] == location, "the same form twice is one change"

    await session.refresh(mine[2])
    mine[2].version += 1
    await session.commit()
    undone = (await jonas.post(f"{location}/undo")).headers["location"]
    await carry_out_later(app.state.database, {"bulk": row_in(undone)})
    back = await results(session, undone)
    assert [back[ticket.ticket_no][0] for ticket in mine[:3]] == ["changed", "changed", "left_out"]
    for ticket, priority in zip(mine[:3], ("medium", "medium", "high"), strict=True):
        await session.refresh(ticket)
        assert ticket.priority == priority


async def test_hidden_tickets_are_answered_like_unknown_ones(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser, otto: Browser
) -> None:
    [seen, hidden] = await handled(session, company, 2, hana)
    sent = await chosen(otto, [seen], comment="Any news?")
    hidden.visibility = "restricted"
    await session.commit()
    sent["seen"] = [f"{seen.ticket_no}:1", f"{hidden.ticket_no}:1", "TIC-99999:1", "nonsense:1"]
    location = (await otto.submit("/tickets/bulk", sent)).headers["location"]
    found = await results(session, location)
    assert found[seen.ticket_no][0] == "changed"
    assert found[hidden.ticket_no] == found["TIC-99999"] == found["nonsense"]
    page = (await otto.get(location)).text
    assert hidden.title not in page
    assert (await jonas.get(location)).status_code == 404
    assert (await jonas.post(f"{location}/undo")).status_code == 404


async def test_moves_keep_to_the_life_cycle_and_ask_for_their_reason(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser
) -> None:
    [fresh, taken] = await handled(session, company, 2, hana)
    taken.status = "in_progress"
    await session.commit()
    sent = await chosen(jonas, [fresh, taken], move_to="resolved")
    found = await results(session, (await jonas.submit("/tickets/bulk", sent)).headers["location"])
    assert {outcome for outcome, _sentence in found.values()} == {"left_out"}
    assert "Say how it was resolved" in found[taken.ticket_no][1]
    sent = await chosen(jonas, [fresh, taken], move_to="resolved", reason="Restarted it.")
    found = await results(session, (await jonas.submit("/tickets/bulk", sent)).headers["location"])
    assert found[taken.ticket_no][0] == "changed"
    assert "not possible in the state" in found[fresh.ticket_no][1]


async def test_one_goes_back_to_the_list_that_they_were_chosen_from_undone_or_not(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser
) -> None:
    mine = await handled(session, company, 2, hana)
    here = "/tickets?status=open&sort=title"
    chosen_there = {"ticket": [one.ticket_no for one in mine], "filter-status": "open", "filter-sort": "title"}
    page = (await jonas.get("/tickets/bulk", **chosen_there)).text
    sent = form_values(page, "/tickets/bulk").values | {"priority": "high"}
    told = (await jonas.submit("/tickets/bulk", sent)).headers["location"]
    assert "?list=status%3Dopen" in told
    page = (await jonas.get(told)).text
    assert page.count(f'href="{escape(here)}"') == 2
    undo = first(r'action="([^"]+/undo[^"]*)"', page)
    undone = (await jonas.post(unescape(undo))).headers["location"]
    assert f'href="{escape(here)}"' in (await jonas.get(undone)).text
    assert (await jonas.get(f"{told.partition('?')[0]}?list={'x' * 9000}")).status_code == 200


async def test_nothing_chosen_changes_nothing(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser
) -> None:
    empty = await jonas.submit("/tickets/bulk", await chosen(jonas, await handled(session, company, 1, hana)))
    assert empty.status_code == 422
    assert "Choose what should change" in empty.text


async def test_all_that_match_are_changed_by_a_job_that_goes_on_where_it_was_cut_short(
    session: AsyncSession,
    app: Litestar,
    company: Company,
    hana: Browser,
    jonas: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = await handled(session, company, 30, hana)
    form = form_values((await jonas.get("/tickets/bulk", all="1", **{"filter-assignee": "me"})).text, "/tickets/bulk")
    sent = {**form.values, "priority": "urgent", "comment": "All hands."}
    location = (await jonas.submit("/tickets/bulk", sent)).headers["location"]
    assert "0 of 30 done" in (await jonas.get(location)).text
    job, whole, done = {"bulk": row_in(location)}, carrying_out._one, list[int]()

    async def dies_after_ten(*args: Any) -> None:
        if len(done) == 10:
            raise ConnectionError
        done.append(1)
        await whole(*args)

    monkeypatch.setattr(carrying_out, "_one", dies_after_ten)
    with pytest.raises(ConnectionError):
        await carry_out_later(app.state.database, job)
    assert "10 of 30 done" in (await jonas.get(location)).text
    monkeypatch.setattr(carrying_out, "_one", whole)
    await carry_out_later(app.state.database, job)
    await carry_out_later(app.state.database, job)
    assert "30 changed" in (await jonas.get(location)).text
    page = (await jonas.get(f"/tickets/{mine[0].ticket_no}")).text
    assert page.count("<p>All hands.</p>") == 1


async def test_what_would_cost_decisions_that_were_made_is_left_out_and_the_rest_is_changed(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    def read_the_priority(flow: dict[str, Any]) -> None:
        urgent = {"v": 1, "field": "priority", "op": "eq", "value": "urgent"}
        flow["stages"][0]["steps"][0]["checks"] = [{"label": "Urgent", "condition": urgent}]

    await republish_flow(session, "capital-purchase", read_the_priority)
    decided, plain = await ask(session, hana), await ask(session, hana)
    await decide(session, daniel, decided.ticket_no)
    sent = await chosen(hana, [decided, plain], priority="urgent")
    found = await results(session, (await hana.submit("/tickets/bulk", sent)).headers["location"])
    assert found[decided.ticket_no][0] == "left_out"
    assert found[plain.ticket_no] == ("changed", "")
    await session.refresh(decided)
    assert decided.priority == "medium"


async def test_an_answer_that_all_their_forms_ask_is_set_on_each_by_its_own_rules_and_taken_back(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, otto: Browser
) -> None:
    first, second = [await draft(session, hana, title=title) for title in ("One", "Two")]
    others = await ask(session, otto)
    tickets = [first, second, others]
    page = (await hana.get("/tickets/bulk", ticket=[one.ticket_no for one in tickets])).text
    assert 'value="supplier"' in page
    sent = await chosen(hana, tickets, answer="supplier", priority="high")
    asked = await hana.submit("/tickets/bulk", sent)
    assert asked.status_code == 200, "chosen is not answered: nothing is taken away unseen"
    typed = form_values(asked.text, "/tickets/bulk").values
    assert (typed["priority"], typed["fields.supplier"]) == ("high", "")
    wrong = await hana.submit(
        "/tickets/bulk", {**typed, "answer": "amount", "drawn": "amount", "fields.amount": "lots"}
    )
    assert wrong.status_code == 422
    assert 'value="lots"' in wrong.text
    done = await hana.submit("/tickets/bulk", {**typed, "fields.supplier": "Acme"})
    found = await results(session, done.headers["location"])
    assert {number: outcome for number, (outcome, _said) in found.items()} == {
        first.ticket_no: "changed", second.ticket_no: "changed", others.ticket_no: "left_out",
    }  # fmt: skip
    before = first.custom_fields_data["supplier"]
    for ticket in (first, second):
        await session.refresh(ticket)
        assert (ticket.custom_fields_data["supplier"], ticket.priority) == ("Acme", "high")
    undoing = (await hana.post(f"{done.headers['location']}/undo")).headers["location"]
    await carry_out_later(app.state.database, {"bulk": row_in(undoing)})
    await session.refresh(first)
    assert (first.custom_fields_data["supplier"], first.priority) == (before, "medium")


async def test_tickets_of_several_forms_have_no_question_in_common_and_files_answer_for_one_only(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    tickets = [await draft(session, hana), *await handled(session, company, 1, hana)]
    page = (await hana.get("/tickets/bulk", ticket=[one.ticket_no for one in tickets])).text
    assert 'name="answer"' not in page
    sent = await chosen(hana, tickets, answer="supplier", drawn="supplier", **{"fields.supplier": "Acme"})
    assert (await hana.submit("/tickets/bulk", sent)).status_code == 422, "there is nothing to change"
