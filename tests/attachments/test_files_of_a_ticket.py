"""Files come in whole, go out safely, and belong to what is approved (product.md §4; promises.md L10, F1 to F3)."""

import hashlib
import re
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.limits import Limits
from app.attachments.models import TicketAttachment
from app.attachments.names import safe_name
from app.attachments.storage import Disk
from app.tickets.models import TicketStatus, Visibility
from tests.attachments.conftest import blobs
from tests.attachments.makers import HTML, PDF, SVG, png
from tests.cast import Browser, Company
from tests.story import ask, decide, draft


async def listed(who: Browser, ticket_no: str) -> list[dict[str, Any]]:
    answer = await who.api("GET", f"/tickets/{ticket_no}/attachments")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_file_comes_back_as_it_was_sent_whole_and_in_parts(
    session: AsyncSession, company: Company, hana: Browser, storage: Disk
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    answer = await hana.upload(f"/tickets/{ticket.ticket_no}/files", ("quote.pdf", PDF), ("front.png", png()))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tickets/{ticket.ticket_no}")
    first, second = await listed(hana, ticket.ticket_no)
    assert (first["file_name"], first["size"], first["mime_type"]) == ("quote.pdf", len(PDF), "application/pdf")
    assert first["sha256"] == hashlib.sha256(PDF).hexdigest()
    url = f"/tickets/{ticket.ticket_no}/files/{first['id']}"
    whole = await hana.get(url)
    assert whole.content == PDF
    assert whole.headers["content-disposition"].startswith('inline; filename="quote.pdf"')
    assert (whole.headers["x-content-type-options"], whole.headers["accept-ranges"]) == ("nosniff", "bytes")
    assert "sandbox" in whole.headers["content-security-policy"]
    assert (await hana.get(f"{url}?download")).headers["content-disposition"].startswith("attachment")
    hana.headers = {"range": "bytes=5-9"}
    part = await hana.get(url)
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, PDF[5:10], f"bytes 5-9/{len(PDF)}")
    hana.headers = {"range": f"bytes={len(PDF)}-"}
    assert (await hana.get(url)).status_code == 416
    hana.headers = {"if-none-match": whole.headers["etag"]}
    assert (await hana.get(url)).status_code == 304
    hana.headers = {}
    page = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert "quote.pdf" in page
    assert "attached quote.pdf" in re.sub("<[^>]+>", "", page)
    assert second["mime_type"] == "image/png"


NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\temp\\list.xlsx": "list.xlsx",
    "a\u202egpj.exe": "agpj.exe",
    "nul\0l.txt": "null.txt",
    "CON.txt": "_CON.txt",
    "…": "…",
    "..": "file",
    "ze\u200bro": "zero",
    'a"b<i>.png': "a_b_i_.png",
}


def test_any_name_is_made_safe() -> None:
    assert {given: safe_name(given) for given in NAMES} == NAMES


def test_a_name_that_is_too_long_keeps_its_ending() -> None:
    name = safe_name("ü" * 300 + ".pdf")
    assert name.endswith("ü.pdf")
    assert len(name.encode()) <= 200


async def test_what_could_hold_a_script_is_never_shown_in_place_whatever_it_is_called(
    session: AsyncSession, company: Company, hana: Browser, storage: Disk
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    sent = {"a.png": SVG, "b.pdf": HTML, "../c.jpg": b"MZ\x90\0" + b"\0" * 60, "d.png": b"", "\u202ee.gif": b"text"}
    for name, content in sent.items():
        assert (await hana.upload(f"/tickets/{ticket.ticket_no}/files", (name, content))).status_code == 303
    files = await listed(hana, ticket.ticket_no)
    assert len(files) == len(sent)
    for file in files:
        answer = await hana.get(f"/tickets/{ticket.ticket_no}/files/{file['id']}")
        assert answer.headers["content-disposition"].startswith("attachment"), file
        assert not answer.headers["content-type"].startswith(("image/png", "application/pdf"))
        assert "/" not in file["file_name"]
        assert "\u202e" not in file["file_name"]
    assert all(re.fullmatch("[0-9a-f]{32}", path.name) for path in blobs(storage))


async def test_an_outsider_finds_nothing_with_any_method_and_a_deleted_ticket_has_no_files(
    session: AsyncSession, company: Company, maya: Browser, otto: Browser, ada: Browser, storage: Disk
) -> None:
    ticket = await ask(session, maya, visibility=Visibility.RESTRICTED)
    made = await maya.api_upload(f"/tickets/{ticket.ticket_no}/attachments", "hush.pdf", PDF)
    assert made.status_code == 201, made.text
    file, page = made.json()["id"], f"/tickets/{ticket.ticket_no}/files"
    assert (await maya.get(f"{page}/{file}")).status_code == 200
    otto.headers = {"range": "bytes=0-3"}
    tried = [
        await otto.get(f"{page}/{file}"), await otto.get(f"{page}/{file}?download"),
        await otto.upload(page, ("x.pdf", PDF)), await otto.upload(page, ("x.pdf", PDF), htmx=True),
        await otto.post(f"{page}/{file}/removal"), await otto.get(f"/tickets/{ticket.ticket_no}/comment-files/1"),
        await otto.api("GET", f"/tickets/{ticket.ticket_no}/attachments"),
        await otto.api("GET", f"/attachments/{file}"), await otto.api("GET", f"/attachments/{file}", range="bytes=0-1"),
        await otto.api("DELETE", f"/attachments/{file}"), await otto.api("GET", "/note-attachments/1"),
        await otto.api_upload(f"/tickets/{ticket.ticket_no}/attachments", "x.pdf", PDF),
        await otto.api_upload(f"/tickets/{ticket.ticket_no}/notes/1/attachments", "x.pdf", PDF),
    ]  # fmt: skip
    assert [answer.status_code for answer in tried] == [404] * len(tried)
    assert len(blobs(storage)) == 1
    ticket.delete_softly(at=ticket.created_at)
    await session.commit()
    assert (await maya.get(f"{page}/{file}")).status_code == 404
    assert (await maya.api("GET", f"/attachments/{file}")).status_code == 404


async def test_files_are_the_askers_until_it_is_approved_and_then_only_added_by_its_handlers(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, ada: Browser, storage: Disk
) -> None:
    ticket = await ask(session, hana)
    ticket.status = TicketStatus.OPEN
    await session.commit()
    page = f"/tickets/{ticket.ticket_no}/files"
    assert (await hana.upload(page, ("x.pdf", PDF))).status_code == 409
    assert (await otto.upload(page, ("x.pdf", PDF))).status_code == 403
    assert (await ada.upload(page, ("x.pdf", PDF))).status_code == 303
    (file,) = await listed(hana, ticket.ticket_no)
    ticket.approval = "approved"
    await session.commit()
    refused = await ada.post(f"{page}/{file['id']}/removal")
    assert refused.status_code == 409
    assert "What was approved stays" in refused.text
    assert (await ada.upload(page, ("y.pdf", PDF))).status_code == 303


async def test_a_file_that_comes_or_goes_while_it_waits_takes_back_the_votes_on_the_others(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, storage: Disk
) -> None:
    ticket = await ask(session, hana)
    page = f"/tickets/{ticket.ticket_no}/files"
    await decide(session, daniel, ticket.ticket_no)
    refused = await hana.upload(page, ("quote.pdf", PDF))
    assert refused.status_code == 409
    assert await listed(hana, ticket.ticket_no) == []
    assert blobs(storage) == []
    assert (await hana.upload(page, ("quote.pdf", PDF), accept_rewind="yes")).status_code == 303
    before = (await daniel.get(f"/tickets/{ticket.ticket_no}")).text
    assert "Files" in before
    await decide(session, daniel, ticket.ticket_no)
    (file,) = await listed(hana, ticket.ticket_no)
    assert (await hana.api("DELETE", f"/attachments/{file['id']}")).status_code == 409
    assert (await hana.api("DELETE", f"/attachments/{file['id']}?accept_rewind=true")).status_code == 204
    notes = (await hana.api("GET", f"/tickets/{ticket.ticket_no}/notes?limit=100")).json()["items"]
    told = [one for one in notes if (one["event_type"] or "").startswith("attachment")]
    assert [one["event_type"] for one in told] == ["attachment_add", "attachment_remove"]
    assert {one["event_details"]["sha256"] for one in told} == {hashlib.sha256(PDF).hexdigest()}


async def test_what_is_too_much_is_refused_in_words_and_leaves_nothing(
    session: AsyncSession, company: Company, hana: Browser, app: Litestar, storage: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ticket = await draft(session, hana)
    await session.commit()
    page = f"/tickets/{ticket.ticket_no}/files"
    for limits, status, sentence in (
        (Limits(left_on_disk=0, per_file=10), 413, "a file has at most"),
        (Limits(left_on_disk=0, per_ticket=10), 413, "The files of a ticket have at most"),
        (Limits(left_on_disk=0, files_per_ticket=0), 422, "A ticket has at most 0 files"),
        (Limits(left_on_disk=0, per_person_and_day=10), 413, "a day"),
        (Limits(left_on_disk=10**18), 413, "no room for files"),
        (Limits(left_on_disk=0, files_at_once=0), 422, "files at once"),
    ):
        monkeypatch.setitem(app.state._state, "limits", limits)
        answer = await hana.upload(page, ("quote.pdf", PDF))
        assert answer.status_code == status, sentence
        assert sentence in answer.text
        assert blobs(storage) == [], sentence
    monkeypatch.setitem(app.state._state, "limits", Limits(left_on_disk=0))
    assert (await hana.upload(page)).status_code == 422
    assert (await hana.upload(page, ("quote.pdf", PDF), csrf=False)).status_code == 403
    assert (await hana.upload(page, ("", b""))).status_code == 422
    broken = await hana.client.post(
        page,
        content=b"--x\r\nrubbish",
        headers={**hana._headers(False), "content-type": "multipart/form-data; boundary=x"},
    )
    assert broken.status_code == 422
    assert blobs(storage) == []
    assert (await session.execute(select(TicketAttachment))).first() is None


async def test_the_same_key_attaches_once(
    session: AsyncSession, company: Company, hana: Browser, storage: Disk
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    url = f"/tickets/{ticket.ticket_no}/attachments"
    first = await hana.api_upload(url, "a.pdf", PDF, idempotency_key="once")
    again = await hana.api_upload(url, "a.pdf", PDF, idempotency_key="once")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (await hana.api_upload(url, "a.pdf", PDF + b"!", idempotency_key="once")).status_code == 422
    assert len(await listed(hana, ticket.ticket_no)) == 1
    assert len(blobs(storage)) == 1


async def test_a_file_of_the_approvers_comment_is_theirs(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, storage: Disk
) -> None:
    ticket = await ask(session, hana)
    notes = f"/tickets/{ticket.ticket_no}/notes"
    note = (await daniel.api("POST", notes, {"note": "Look.", "audience": "approvers"})).json()["id"]
    made = await daniel.api_upload(f"{notes}/{note}/attachments", "margin.png", png())
    assert made.status_code == 201, made.text
    page = f"/tickets/{ticket.ticket_no}/comment-files/{made.json()['id']}"
    assert (await daniel.get(page)).content == png()
    assert (await hana.get(page)).status_code == 404
    assert (await hana.api("GET", f"/note-attachments/{made.json()['id']}")).status_code == 404
    assert (await hana.api_upload(f"{notes}/{note}/attachments", "x.png", png())).status_code == 404
    told = (await hana.api("GET", notes)).text
    assert "margin.png" not in told
    assert (await daniel.api("DELETE", f"{notes}/{note}")).status_code == 204
    assert (await daniel.get(page)).status_code == 404
