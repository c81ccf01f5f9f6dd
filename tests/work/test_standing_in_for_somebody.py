"""A proxy: set by who is away or an administrator, for a time and some forms, told wherever it matters."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcessStepApprover, ApprovalProxy
from app.approvals.proxies import Proxies
from app.clock import utc_now
from app.ticket_templates.models import TicketTemplate
from app.tickets.visibility import who_may_see
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import CHANGE, ask, decide, republish_flow
from tests.work.test_handing_a_seat_over import refusals

Seat = ApprovalProcessStepApprover
BERLIN = ZoneInfo("Europe/Berlin")


def span(**shift: float) -> dict[str, str]:
    """From an hour ago, as a browser in Berlin sends it."""
    now = datetime.now(BERLIN).replace(tzinfo=None, second=0, microsecond=0)
    ends = now + timedelta(**(shift or {"days": 3}))
    return {
        "starts_at": (now - timedelta(hours=1)).isoformat(timespec="minutes"),
        "ends_at": ends.isoformat(timespec="minutes"),
    }  # fmt: skip


async def away(session: AsyncSession, principal: Browser, proxy: Browser, **more: Any) -> int:
    now = utc_now()
    made = await Proxies(session, await principal.actor()).set(
        principal.id, proxy.id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=3), **more
    )
    await session.commit()
    return made.id


async def test_setting_oneself_away_shows_it_to_both_and_on_the_step(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket = await ask(session, hana)
    page = await daniel.get("/me/proxies")
    form = form_values(page.text, "/me/proxies")
    answer = await daniel.submit(form.action, {**form.values, **span(), "proxy_id": maya.id, "reason": "Site visit"})
    assert answer.status_code == 303, answer.text
    stored = (await session.execute(select(ApprovalProxy))).scalars().one()
    assert (stored.principal_id, stored.proxy_id, stored.scope) == (daniel.id, maya.id, None)
    assert stored.starts_at.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M") == span()["starts_at"]
    assert "Maya Lindqvist for Daniel Okafor" in (await daniel.get("/me/proxies")).text
    hers = await maya.get("/approvals")
    assert "Proxy for Daniel Okafor" in hers.text, "the menu says so on every page"
    assert "As proxy for Daniel Okafor" in hers.text
    seen = await hana.get(f"/tickets/{ticket.ticket_no}")
    assert "Maya Lindqvist for Daniel Okafor, until" in seen.text
    ballot = await maya.get(f"/tickets/{ticket.ticket_no}")
    assert "You sign as Maya Lindqvist for Daniel Okafor." in ballot.text
    await away(session, daniel, maya)
    again = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert again.count("Maya Lindqvist for Daniel Okafor, until") == 1, "two that overlap are told as one"
    twice = (await maya.get("/approvals")).text
    assert twice.count("data-item") == 1
    assert 'id="waiting-n" data-count="1"' in twice, "and counted as one"
    assert "You are their proxy until" in ballot.text


async def test_both_names_are_kept_and_the_principal_may_still_decide(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket, other = await ask(session, hana), await ask(session, hana, title="Six standing desks")
    await away(session, daniel, maya)
    seat = (await session.execute(select(Seat.id).filter_by(user_id=daniel.id).order_by(Seat.id))).scalars().first()
    asked = await maya.get(f"/approvals/{seat}")
    assert "You sign as Maya Lindqvist for Daniel Okafor." in asked.text, "also where the list is not beside it"
    form = form_values((await maya.get(f"/tickets/{ticket.ticket_no}")).text, "/decision")
    answer = await maya.submit(form.action, {**form.values, "decision": "approve", "comment": "As he said."})
    assert answer.status_code == 303, answer.text
    card = await hana.get(f"/tickets/{ticket.ticket_no}")
    assert "Approved by Maya Lindqvist for Daniel Okafor" in card.text
    vote = (await session.execute(select(Seat).where(Seat.acted_by.is_not(None)))).scalars().one()
    assert (vote.user_id, vote.acted_by, vote.on_behalf_of) == (daniel.id, maya.id, daniel.id)
    assert "for Daniel Okafor" in (await daniel.get(f"/tickets/{ticket.ticket_no}")).text.replace("<b>", "").replace(
        "</b>", ""
    )
    own = form_values((await daniel.get(f"/tickets/{other.ticket_no}")).text, "/decision")
    assert (await daniel.submit(own.action, {**own.values, "decision": "approve"})).status_code == 303
    third = await ask(session, hana, title="Two more desks")
    form = form_values((await maya.get(f"/tickets/{third.ticket_no}")).text, "/decision")
    await maya.submit(form.action, {**form.values, "decision": "return", "comment": "Which ones?"})
    said = (await hana.get(f"/tickets/{third.ticket_no}")).text.split("Sent back, and what to fix")[1]
    assert "for Daniel Okafor" in said[: said.index("</p>", said.index("Maya Lindqvist"))]


async def test_what_is_wrong_is_said_at_its_field(
    session: AsyncSession, company: Company, daniel: Browser, maya: Browser
) -> None:
    for form, sentence in (
        ({**span(days=91), "proxy_id": maya.id}, "Within 90 days of the start."),
        ({**span(days=-2), "proxy_id": maya.id}, "The end lies in the past."),
        ({**span(), "proxy_id": daniel.id}, "Choose somebody else."),
        ({**span(), "proxy_id": ""}, "Choose one of the options."),
        ({**span(), "ends_at": "soon", "proxy_id": maya.id}, "A date like"),
        ({"proxy_id": maya.id}, "Fill this in."),
        ({**span(), "proxy_id": 999_999}, "Choose somebody who is active."),
    ):
        answer = await daniel.submit("/me/proxies", form)
        assert answer.status_code == 422, sentence
        assert sentence in answer.text
    assert (await session.execute(select(ApprovalProxy))).scalars().all() == []


async def test_what_waits_for_a_group_is_one_request_however_many_of_it_one_stands_in_for(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    ruth: Browser, otto: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    for principal, proxy in ((tomas, maya), (tomas, otto), (ruth, otto)):
        await away(session, principal, proxy)
    own, theirs = (await maya.get("/approvals")).text, (await otto.get("/approvals")).text
    for inbox in (own, theirs):
        assert inbox.count("data-item") == 1
        assert 'id="waiting-n" data-count="1"' in inbox
    assert "You sign as" not in own.split("decidebar")[1], "in her own right"
    assert "As proxy for Tomás Herrera" in theirs
    assert "You sign as Otto Brandt for Tomás Herrera." in theirs
    await decide(session, tomas, ticket.ticket_no)
    assert "As proxy for Ruth Adeyemi" in (await otto.get("/approvals")).text, "Tomás has spoken for himself"


async def test_set_twice_it_is_one_and_ending_one_of_two_says_who_still_decides(
    session: AsyncSession, company: Company, daniel: Browser, maya: Browser, ruth: Browser
) -> None:
    form: dict[str, Any] = {**span(), "proxy_id": maya.id}
    for _click in range(2):
        assert (await daniel.submit("/me/proxies", form)).status_code == 303
    covered = {**form, "ends_at": span(days=2)["ends_at"], "template_ids": "1"}
    refused = await daniel.submit("/me/proxies", covered)
    assert refused.status_code == 422
    assert "They stand in for all of this already." in refused.text
    assert (await daniel.submit("/me/proxies", {**form, "proxy_id": ruth.id})).status_code == 303
    first, second = (await session.execute(select(ApprovalProxy.id).order_by(ApprovalProxy.id))).scalars()
    ended = await daniel.post(f"/me/proxies/{first}/end")
    assert "Ruth Adeyemi can still decide for you." in unquote(ended.headers["set-cookie"])
    assert (await daniel.post(f"/me/proxies/{second}/end")).status_code == 303
    again = await daniel.submit("/me/proxies", form)
    assert again.status_code == 303, "what was ended can be set again"


async def test_nobody_makes_themselves_a_proxy_not_even_an_administrator(
    session: AsyncSession, company: Company, daniel: Browser, maya: Browser, ada: Browser
) -> None:
    answer = await ada.submit("/admin/proxies", {**span(), "principal_id": daniel.id, "proxy_id": ada.id})
    assert answer.status_code == 403
    assert "Nobody makes themselves somebody" in answer.text
    assert len(await refusals(session, ada)) == 1
    assert (
        await maya.submit("/admin/proxies", {**span(), "principal_id": daniel.id, "proxy_id": maya.id})
    ).status_code == 403
    forged = await maya.submit("/me/proxies", {**span(), "principal_id": daniel.id, "proxy_id": ada.id})
    assert forged.status_code == 303
    stored = (await session.execute(select(ApprovalProxy))).scalars().one()
    assert stored.principal_id == maya.id, "on one's own page one sets only oneself away"


async def test_an_administrator_sets_and_ends_it_for_anybody_and_the_proxy_cannot(
    session: AsyncSession, company: Company, daniel: Browser, maya: Browser, ada: Browser, otto: Browser
) -> None:
    page = await ada.get("/admin/proxies", principal=daniel.id)
    assert page.status_code == 200
    answer = await ada.submit("/admin/proxies", {**span(), "principal_id": daniel.id, "proxy_id": maya.id})
    assert answer.status_code == 303, answer.text
    made = (await session.execute(select(ApprovalProxy.id))).scalar_one()
    assert "Maya Lindqvist for Daniel Okafor" in (await ada.get("/admin/proxies")).text
    assert (await maya.post(f"/me/proxies/{made}/end")).status_code == 403
    hidden, missing = await otto.post(f"/me/proxies/{made}/end"), await otto.post("/me/proxies/999999/end")
    assert (hidden.status_code, hidden.text) == (missing.status_code, missing.text) == (404, missing.text)
    assert (await daniel.post(f"/me/proxies/{made}/end")).status_code == 303
    assert (await ada.post(f"/admin/proxies/{made}/end")).status_code == 409
    assert "Proxy for" not in (await maya.get("/approvals")).text


async def test_a_proxy_reads_what_waits_and_only_while_it_waits_and_only_in_scope(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, elena: Browser, daniel: Browser,
    otto: Browser,
) -> None:  # fmt: skip
    """Promise L17, exactly."""
    earlier = await ask(session, hana, CHANGE, form="change", title="Decided before", visibility="restricted")
    await _approve(elena, earlier.ticket_no)
    ticket = await ask(session, hana, CHANGE, form="change", title="Waits now", visibility="restricted")
    later = await ask(session, hana, CHANGE, form="change", title="Acted upon", visibility="restricted")
    url, past, acted = (f"/tickets/{one.ticket_no}" for one in (ticket, earlier, later))
    assert (await otto.get(url)).status_code == 404
    change = (await session.execute(select(TicketTemplate.id).filter_by(key="change"))).scalar_one()
    travel = (await session.execute(select(TicketTemplate.id).filter_by(key="travel"))).scalar_one()
    elsewhere = await away(session, elena, otto, template_ids=[travel])
    assert (await otto.get(url)).status_code == 404, "not the form that this is about"
    await Proxies(session, await elena.actor()).revoke(elsewhere)
    await session.commit()
    proxy = await away(session, elena, otto, template_ids=[change])
    assert (await otto.get(url)).status_code == 200
    assert (await otto.get(past)).status_code == 404, "what she had decided is not theirs to read"
    await _approve(otto, later.ticket_no)
    await _approve(elena, ticket.ticket_no)
    assert (await otto.get(url)).status_code == 404, "it waits for her no more"
    assert (await otto.get(acted)).status_code == 200, "who acted goes on seeing it"
    again = await ask(session, hana, CHANGE, form="change", title="And one more", visibility="restricted")
    assert (await otto.get(f"/tickets/{again.ticket_no}")).status_code == 200
    await session.execute(update(ApprovalProxy).filter_by(id=proxy).values(ends_at=utc_now() - timedelta(minutes=30)))
    await session.commit()
    assert (await otto.get(f"/tickets/{again.ticket_no}")).status_code == 404, "the time is over"
    assert (await otto.get(acted)).status_code == 200


async def test_a_proxy_of_the_requester_reads_nothing_though_the_requesters_role_is_asked(
    session: AsyncSession, company: Company, maya: Browser, ingrid: Browser, tomas: Browser, otto: Browser
) -> None:
    """Promise L17: a proxy reads while they may act, and for her they may not."""
    ticket = await ask(session, maya, title="Severance", visibility="restricted")
    await decide(session, ingrid, ticket.ticket_no)
    await away(session, maya, otto)
    for url in (f"/tickets/{ticket.ticket_no}", f"/tickets/{ticket.ticket_no}/print"):
        assert (await otto.get(url)).status_code == 404
    assert "Severance" not in (await otto.get("/tickets")).text
    assert await who_may_see(session, ticket.id, [otto.id]) == set()
    await away(session, tomas, otto)
    assert (await otto.get(f"/tickets/{ticket.ticket_no}")).status_code == 200, "for Tomás he may act"
    assert await who_may_see(session, ticket.id, [otto.id]) == {otto.id}


async def test_a_proxy_of_who_decided_a_step_apart_is_asked_nothing_and_reads_nothing(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    otto: Browser,
) -> None:  # fmt: skip
    """Rule 4: who decided the one step decides nothing in the other, and nobody for them (promises.md, L17)."""

    def change(flow: dict[str, Any]) -> None:
        first, finance = flow["stages"][0]["steps"][0], flow["stages"][1]["steps"][0]
        first["approvers"] = [{"source": "user", "user_id": maya.id}]
        finance["distinct_from"] = [first["key"]]

    await republish_flow(session, "capital-purchase", change)
    ticket = await ask(session, hana, title="Severance", visibility="restricted")
    await away(session, maya, otto)
    assert (await otto.get(f"/tickets/{ticket.ticket_no}")).status_code == 200, "for Maya he may act on her own step"
    await decide(session, maya, ticket.ticket_no)
    for url in (f"/tickets/{ticket.ticket_no}", f"/tickets/{ticket.ticket_no}/print"):
        assert (await otto.get(url)).status_code == 404
    assert await who_may_see(session, ticket.id, [otto.id]) == set()
    for barred in (maya, otto):
        assert "Severance" not in (await barred.get("/approvals")).text
    assert (await maya.get(f"/tickets/{ticket.ticket_no}")).status_code == 200, "who decided goes on reading"
    await away(session, tomas, otto)
    assert "Severance" in (await otto.get("/approvals")).text, "for Tomás he may act"
    assert "Severance" in (await tomas.get("/approvals")).text
    await away(session, tomas, maya)
    assert "Severance" not in (await maya.get("/approvals")).text, "nor does she decide there for somebody else"
    await _approve(otto, ticket.ticket_no)


async def test_setting_and_ending_one_locks_no_ticket_and_has_a_job_settle_them(
    session: AsyncSession, company: Company, daniel: Browser, maya: Browser
) -> None:
    count = text("SELECT count(*) FROM ticket.pgqueuer WHERE entrypoint = 'approvals.directory_changed'")
    before = (await session.execute(count)).scalar_one()
    made = await away(session, daniel, maya)
    await Proxies(session, await daniel.actor()).revoke(made)
    assert (await session.execute(count)).scalar_one() == before + 2


async def _approve(who: Browser, ticket_no: str) -> None:
    form = form_values((await who.get(f"/tickets/{ticket_no}")).text, "/decision")
    answer = await who.submit(form.action, {**form.values, "decision": "approve"})
    assert answer.status_code == 303, answer.text
