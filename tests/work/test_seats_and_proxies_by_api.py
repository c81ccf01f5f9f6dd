"""Handing over, helping and standing in, for scripts."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from tests.cast import Browser, Company
from tests.story import CHANGE, ask
from tests.work.test_handing_a_seat_over import seat_of


async def test_a_seat_is_handed_over_once_however_often_it_is_sent(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, maya: Browser, ada: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    path = f"/approvals/{await seat_of(session, lucas)}/delegation"
    body = {"to_user_id": maya.id, "reason": "On a site visit."}
    first = await lucas.api("POST", path, body, idempotency_key="once")
    again = await lucas.api("POST", path, body, idempotency_key="once")
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert first.json() == again.json()
    assert "Maya Lindqvist" in [seat["user"]["name"] for seat in first.json()["steps"][0]["approvers"]]
    assert (await otto.api("POST", path, {**body, "more": 1})).status_code == 422
    assert (await otto.api("POST", path, body)).status_code == 403
    helped = {"step": "board", "approver_id": await seat_of(session, maya), "reason": "Two are enough."}
    assert (await hana.api("POST", f"/tickets/{ticket.ticket_no}/approval/release", helped)).status_code == 403
    assert (await ada.api("POST", f"/tickets/{ticket.ticket_no}/approval/release", helped)).status_code == 200
    assert (await ada.api("POST", f"/tickets/{ticket.ticket_no}/approval/magic", helped)).status_code == 404


async def test_proxies_are_listed_set_and_ended(
    session: AsyncSession, company: Company, daniel: Browser, maya: Browser, otto: Browser, ada: Browser
) -> None:
    now = utc_now()
    body = {"proxy_id": maya.id, "starts_at": now.isoformat(), "ends_at": (now + timedelta(days=3)).isoformat()}
    made = await daniel.api("POST", "/proxies", body)
    assert made.status_code == 201, made.text
    assert made.json()["principal"] == {"id": daniel.id, "name": "Daniel Okafor"}
    assert made.json()["scope"] is None
    for who, number in ((daniel, 1), (maya, 1), (ada, 1), (otto, 0)):
        assert len((await who.api("GET", "/proxies")).json()["items"]) == number
    assert (await daniel.api("POST", "/proxies", {**body, "scope": [999_999]})).status_code == 422
    assert (await otto.api("POST", "/proxies", {**body, "principal_id": daniel.id})).status_code == 403
    path = made.headers["location"].removeprefix("/api/v1")
    assert (await otto.api("DELETE", path)).status_code == 404
    assert (await maya.api("DELETE", path)).status_code == 403
    assert (await daniel.api("DELETE", path)).status_code == 204
    assert (await daniel.api("DELETE", path)).status_code == 409
