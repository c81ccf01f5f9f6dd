"""A vote is a signed receipt: made once it can't be taken back, checked by anybody with the published keys."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import BrowserSession
from app.activity import dispatch
from app.activity.models import OutboxRow
from app.approvals import receipts
from app.approvals.core.commands import Decision
from app.approvals.receipts import KeyRing, ReceiptIsFalse, make_key, use_keys, verify
from app.cli import main
from app.clock import utc_now
from tests.cast import Browser, Company
from tests.story import ask, decide, republish_flow


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return use_keys(tmp_path / "keys", utc_now())


@pytest.fixture(autouse=True)
def _no_keys_left_behind() -> object:
    yield
    receipts._ring.clear()


async def _dispatch(session: AsyncSession, browser: Browser) -> None:
    """As if the fifteen seconds had passed."""
    await session.execute(update(OutboxRow).values(not_before=None))
    await session.commit()
    await dispatch.look(browser.client._transport.app.state.database)  # type: ignore[attr-defined]


async def test_a_vote_gets_a_receipt_that_anybody_can_check(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, keys: KeyRing
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no, comment="Fine by me.")
    early = await hana.get(f"/tickets/{ticket.ticket_no}/receipts")
    assert receipts.receipts_in(early.text) == [], "it can still be taken back"
    assert "No receipt yet" in early.text
    assert early.headers["content-type"] == "text/plain; charset=utf-8"
    assert f'href="/tickets/{ticket.ticket_no}/receipts"' in (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    await _dispatch(session, hana)
    token = (await hana.get(f"/tickets/{ticket.ticket_no}/receipts")).text.strip()
    assert (await hana.api("GET", f"/tickets/{ticket.ticket_no}/receipts")).json() == {"items": [token]}
    claims = verify(token, keys.published())
    assert claims["ticket"] == ticket.ticket_no
    assert (claims["sub"], claims["meaning"], claims["step"]) == (str(daniel.id), "approve", "line_manager")
    assert claims["chain"]["seq"] > 0
    assert "Fine by me" not in token


async def test_it_says_when_they_signed_in_where_the_step_asks_for_that(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, keys: KeyRing
) -> None:
    def sign(definition: dict[str, Any]) -> None:
        definition["stages"][0]["steps"][0]["reauthenticate"] = True

    await republish_flow(session, "capital-purchase", sign)
    ticket = await ask(session, hana)
    moment = utc_now()
    await session.execute(update(BrowserSession).values(signed_in_at=moment))
    await decide(session, daniel, ticket.ticket_no)
    await _dispatch(session, hana)
    token = (await hana.get(f"/tickets/{ticket.ticket_no}/receipts")).text.strip()
    assert verify(token, keys.published())["auth_time"] == moment.isoformat()


async def test_a_vote_that_was_taken_back_gets_none(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, keys: KeyRing
) -> None:
    from app.tickets.approving.desk import ApprovalDesk

    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no, Decision.REJECT, "No.")
    desk = ApprovalDesk(session, await daniel.actor())
    running = await desk.running(await desk.lock(ticket.ticket_no))
    assert running is not None
    assert running.state.undo is not None
    await desk.retract(ticket, seat=running.state.undo.seat)
    await _dispatch(session, hana)
    assert receipts.receipts_in((await hana.get(f"/tickets/{ticket.ticket_no}/receipts")).text) == []


async def test_an_outsider_gets_no_receipt_of_a_restricted_ticket(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, keys: KeyRing
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    assert (await otto.get(f"/tickets/{ticket.ticket_no}/receipts")).status_code == 404
    assert (await otto.api("GET", f"/tickets/{ticket.ticket_no}/receipts")).status_code == 404


def test_the_command_line_finds_a_file_that_proves_nothing(
    keys: KeyRing, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vote = receipts.Vote("PUR-1", 1, "s", 1, 7, 2, None, "approve", None, "0" * 64, utc_now(), 3, bytes(32))
    published, given = tmp_path / "jwks.json", tmp_path / "receipts.txt"
    published.write_text(json.dumps(keys.published()), encoding="utf-8")
    command = ["audit", "verify-receipt", "--keys", str(published), str(given)]
    assert main(command) == 1, "no such file"
    for nothing in (b"", b"# No receipt yet\n", b"\xff\xfe"):
        given.write_bytes(nothing)
        assert main(command) == 1, nothing
    assert "there is no receipt in" in capsys.readouterr().err
    given.write_text(f"# PUR-1\n{keys.sign(vote)}\n", encoding="utf-8")
    assert main(command) == 0
    assert '"genuine": true' in capsys.readouterr().out


def test_a_changed_receipt_is_found_out_and_a_rotated_key_still_verifies(keys: KeyRing, tmp_path: Path) -> None:
    vote = receipts.Vote("PUR-1", 1, "s", 1, 7, 2, None, "approve", None, "0" * 64, utc_now(), 3, bytes(32))
    token = keys.sign(vote)
    head, body, signature = token.split(".")
    with pytest.raises(ReceiptIsFalse):
        verify(f"{head}.{body[:-2]}AA.{signature}", keys.published())
    make_key(tmp_path / "keys", utc_now())
    later = KeyRing(tmp_path / "keys")
    assert verify(token, later.published())["seat"] == 7
    assert later.current != keys.current
    with pytest.raises(ReceiptIsFalse):
        verify(later.sign(vote), keys.published())
