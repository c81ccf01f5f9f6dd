"""A question of a form may be answered by files: kept, shown, decided upon and closed like any other answer."""

import hashlib
import re
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.limits import Limits
from app.attachments.models import DraftFile, TicketAttachment
from app.attachments.storage import Disk
from app.tickets.models import Ticket
from tests.attachments.conftest import blobs
from tests.attachments.makers import PDF, SVG, png
from tests.cast import Browser, Company
from tests.page import first, form_values
from tests.story import CAMERAS, add_fields, ask, decide, republish_form

FORM = "/tickets/new/purchase-request"
QUOTES = {"key": "quotes", "label": "Quotes", "type": "attachment", "required": True, "max": 2, "help": "Two of them."}
ANSWERS = {
    "title": "Two desks", "fields.amount": "900", "fields.cost_center": "cc_4410", "fields.supplier": "Kestrel",
    "fields.budgeted": "true",
}  # fmt: skip
NAME = "fields.quotes"


async def chosen(who: Browser, *files: tuple[str, bytes], **typed: Any) -> Any:
    """In the browser: the question is sent with what is typed around it, and drawn anew."""
    parts = [(NAME, name, content) for name, content in files]
    return await who.submit(f"{FORM}/files?field=quotes", {"drawn": "quotes", **typed}, *parts, htmx=True)


async def the_ticket(session: AsyncSession) -> Ticket:
    return (await session.execute(select(Ticket).execution_options(populate_existing=True))).scalar_one()


async def asked(session: AsyncSession, who: Browser, *files: tuple[str, bytes], amount: str = "900") -> Ticket:
    """Typed, with these quotes, and submitted."""
    await chosen(who, *files)
    made = await who.submit(f"{FORM}/with-files", {**ANSWERS, "fields.amount": amount, "act": "submit"})
    assert made.status_code == 303, made.text
    return await the_ticket(session)


def names(ticket: Ticket) -> list[str]:
    return [one["file_name"] for one in ticket.custom_fields_data.get("quotes", [])]


async def test_a_form_with_errors_keeps_the_files_and_the_words_and_the_ticket_has_both(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, daniel: Browser, storage: Disk
) -> None:
    await add_fields(session, ada, "purchase-request", QUOTES)
    page = (await hana.get(FORM)).text
    assert 'enctype="multipart/form-data"' in page
    assert "Two of them." in page
    drawn = await chosen(hana, ("quote.pdf", PDF))
    assert ("quote.pdf" in drawn.text, 'id="question-quotes"' in drawn.text) == (True, True)
    link = first(rf'href="({FORM}/files/\d+)', drawn.text)
    assert (await hana.get(link)).content == PDF
    assert (await daniel.get(link)).status_code == 404, "nobody else sees what is not sent"
    form = form_values((await hana.get(FORM)).text, "/with-files")
    refused = await hana.submit(form.action, {**form.values, "description": "Oak.", "act": "submit"}, htmx=True)
    assert refused.status_code == 422
    assert ("quote.pdf" in refused.text, "Oak." in refused.text) == (True, True)
    made = await hana.submit(form.action, {**form.values, **ANSWERS, "act": "submit"})
    assert made.status_code == 303, made.text
    ticket = await the_ticket(session)
    [file] = ticket.custom_fields_data["quotes"]
    assert (file["file_name"], file["sha256"]) == ("quote.pdf", hashlib.sha256(PDF).hexdigest())
    assert ticket.status == "waiting_approval"
    place = f"/tickets/{ticket.ticket_no}"
    assert (await daniel.get(f"{place}/files/{file['id']}")).content == PDF
    shown = (await daniel.get(place)).text
    assert shown.count("quote.pdf</b>") == 1, "with its question, not among the ticket's own"
    assert "quote.pdf, " in (await daniel.get(f"{place}/print")).text
    assert "changed Quotes" in re.sub("<[^>]+>", "", shown)
    assert ticket.ticket_no in (await daniel.get("/tickets?q=quote.pdf")).text, "and it is found by it"
    assert "quote.pdf" not in (await hana.get(FORM)).text, "the next request begins without"
    told = (await daniel.api("GET", f"{place}")).json()["fields"]["quotes"]
    assert told == [file]
    assert (await session.execute(select(DraftFile))).first() is None


async def test_without_a_script_files_come_with_the_form_and_one_that_is_too_large_takes_nothing_with_it(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, app: Litestar, storage: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await add_fields(session, ada, "purchase-request", QUOTES)
    monkeypatch.setitem(app.state._state, "limits", Limits(left_on_disk=0, per_file=100))
    body = {**ANSWERS, "act": "submit", "description": "字" * 40_000}
    answer = await hana.submit(f"{FORM}/with-files", body, (NAME, "a.pdf", PDF), (NAME, "b.pdf", b"x" * 101))
    assert answer.status_code == 422
    for kept in ("a.pdf", "Two desks", "字" * 40_000, "b.pdf is too large: a file has at most 100 bytes."):
        assert kept in answer.text
    assert "b.pdf" not in answer.text.replace("b.pdf is too large", "")
    assert len(blobs(storage)) == 1
    assert (await hana.submit(f"{FORM}/with-files", body, (NAME, "", b""))).status_code == 303
    assert names(await the_ticket(session)) == ["a.pdf"]
    forged = await hana.client.post(
        f"{FORM}/with-files", data=ANSWERS, files=[(NAME, ("c.pdf", PDF))], headers=hana._headers(False)
    )
    assert forged.status_code == 403


async def test_what_is_too_much_is_refused_in_words_and_what_lies_about_its_type_is_found_out(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, app: Litestar, storage: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await add_fields(session, ada, "purchase-request", QUOTES)
    for limits, status, sentence in (
        (Limits(left_on_disk=0, per_file=10), 413, "a file has at most"),
        (Limits(left_on_disk=0, per_person_and_day=10), 413, "a day"),
        (Limits(left_on_disk=0, files_per_ticket=0), 422, "A ticket has at most 0 files"),
        (Limits(left_on_disk=10**18), 413, "no room for files"),
    ):
        monkeypatch.setitem(app.state._state, "limits", limits)
        answer = await chosen(hana, ("quote.pdf", PDF), title="Typed")
        assert (answer.status_code, sentence in answer.text) == (status, True), sentence
        assert blobs(storage) == [], sentence
    monkeypatch.setitem(app.state._state, "limits", Limits(left_on_disk=0))
    await chosen(hana, ("a.pdf", PDF), ("b.png", SVG))
    await chosen(hana, ("c.pdf", PDF))
    refused = await hana.submit(f"{FORM}/with-files", {**ANSWERS, "act": "submit"})
    assert (refused.status_code, "At most 2 files." in refused.text) == (422, True)
    third = first(r'value="(d\d+)"[^>]*><span>Leave out<span class="sr"> c.pdf', refused.text)
    assert (await hana.submit(f"{FORM}/with-files", {**ANSWERS, f"{NAME}.leave": third})).status_code == 303
    ticket = await the_ticket(session)
    assert names(ticket) == ["a.pdf", "b.png"]
    liar = ticket.custom_fields_data["quotes"][1]
    assert liar["mime_type"] != "image/png"
    sent = await hana.get(f"/tickets/{ticket.ticket_no}/files/{liar['id']}")
    assert sent.headers["content-disposition"].startswith("attachment")
    assert (await chosen(hana)).status_code == 200, "nothing chosen is nothing sent"
    missing = await hana.submit(f"{FORM}/with-files", {**ANSWERS, "act": "submit"})
    assert (missing.status_code, "Attach a file." in missing.text) == (422, True)
    for field in ("amount", "nothing", "quotes'"):
        assert (await hana.submit(f"{FORM}/files?field={field}", {}, (NAME, "a.pdf", PDF))).status_code == 404


async def test_an_edit_takes_files_and_leaves_some_out_when_it_is_saved_and_not_before(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, daniel: Browser, otto: Browser, storage: Disk
) -> None:
    await add_fields(session, ada, "purchase-request", QUOTES)
    ticket = await asked(session, hana, ("old.pdf", PDF))
    old, place = ticket.custom_fields_data["quotes"][0], f"/tickets/{ticket.ticket_no}"
    sending = f"{place}/edit/files?field=quotes"
    assert (await otto.submit(sending, {}, (NAME, "x.pdf", PDF))).status_code == 403
    drawn = await hana.submit(sending, {"drawn": "quotes", "title": "Two desks"}, (NAME, "new.png", png()), htmx=True)
    assert ("old.pdf" in drawn.text, "new.png" in drawn.text) == (True, True), drawn.text
    link = first(rf'href="({place}/edit/files/\d+)', drawn.text)
    assert (await hana.get(link)).content == png()
    assert (await daniel.get(link)).status_code == 404
    assert names(await the_ticket(session)) == ["old.pdf"], "nothing is changed yet"
    form = form_values((await hana.get(f"{place}/edit")).text, "/edit/with-files")
    refused = await hana.submit(form.action, {**form.values, "title": "", f"{NAME}.leave": str(old["id"])}, htmx=True)
    assert (refused.status_code, "new.png" in refused.text) == (422, True)
    assert re.search(rf'value="{old["id"]}" checked', refused.text), "what was ticked is ticked"
    stale = await hana.submit(form.action, {**form.values, "version": "0", "title": "Mine"}, htmx=True)
    assert (stale.status_code, "new.png" in stale.text) == (412, True)
    saved = await hana.submit(form.action, {**form.values, f"{NAME}.leave": str(old["id"])})
    assert saved.status_code == 303, saved.text
    assert names(await the_ticket(session)) == ["new.png"]
    assert (await hana.get(f"{place}/files/{old['id']}")).status_code == 404
    assert "new.png" not in (await hana.get(f"{place}/edit/files/1")).text
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", (await daniel.get(place)).text))
    assert "changed Quotes" in page
    assert "old.pdf" in page, "the timeline tells what it was"
    nowhere = await otto.submit("/tickets/PUR-999999/edit/files?field=quotes", {}, (NAME, "x.pdf", PDF))
    assert nowhere.status_code == 404


async def test_votes_are_bound_to_what_is_in_the_files(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, daniel: Browser, storage: Disk
) -> None:
    await add_fields(session, ada, "purchase-request", QUOTES)
    ticket = await asked(session, hana, ("quote.pdf", PDF), amount="38400")
    number = ticket.ticket_no
    url = f"/tickets/{number}/attachments?field=quotes"
    await decide(session, daniel, number)
    refused = await hana.api_upload(url, "quote.pdf", PDF + b"!")
    assert refused.status_code == 409, "a decision would be lost, and nobody said that it may be"
    assert len(blobs(storage)) == 1
    [file] = (await the_ticket(session)).custom_fields_data["quotes"]
    dropped = await hana.api("DELETE", f"/attachments/{file['id']}?accept_rewind=true")
    assert dropped.status_code == 422, dropped.text
    assert (await hana.api_upload(f"{url}&accept_rewind=true", "quote.pdf", PDF + b"!")).status_code == 201
    version = {"if_match": f'"{(await the_ticket(session)).version}"'}
    second = (await the_ticket(session)).custom_fields_data["quotes"][1]["id"]
    body = {"fields": {"quotes": [second]}, "accept_rewind": True}
    assert (await hana.api("PATCH", f"/tickets/{number}", body, **version)).status_code == 200
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", (await daniel.get(f"/tickets/{number}")).text))
    told = [hashlib.sha256(content).hexdigest()[:8] for content in (PDF, PDF + b"!")]
    assert all(f"quote.pdf ({mark})" in page for mark in told), "who decided is told that the content is another"
    await decide(session, daniel, number)


async def test_a_closed_answer_closes_its_files_in_every_channel(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, maya: Browser, otto: Browser,
    lucas: Browser, storage: Disk,
) -> None:  # fmt: skip
    finance = company.cast.roles["Finance"].id
    await add_fields(session, ada, "purchase-request", {**QUOTES, "readable_by": [finance], "filterable": True})
    ticket = await asked(session, hana, ("severance.pdf", PDF))
    [file] = (await the_ticket(session)).custom_fields_data["quotes"]
    place, row = f"/tickets/{ticket.ticket_no}", file["id"]
    for who in (hana, maya, ada):
        assert (await who.get(f"{place}/files/{row}")).content == PDF, who.user.name
        assert (await who.api("GET", f"/attachments/{row}")).content == PDF
        assert "severance" in (await who.get(place)).text
    told = (await maya.api("GET", f"{place}/attachments")).json()["items"]
    assert [(one["file_name"], one["field"]) for one in told] == [("severance.pdf", "quotes")]
    assert "severance.pdf" in (await maya.post("/exports", format="csv")).text
    assert "severance.pdf" in (await maya.get("/tickets?columns=quotes")).text
    never = await otto.api("GET", "/attachments/999999")
    for answer in (
        await otto.get(f"{place}/files/{row}"), await otto.get(f"{place}/files/{row}?download"),
        await otto.api("GET", f"/attachments/{row}"), await otto.api("GET", f"/attachments/{row}", range="bytes=0-1"),
        await otto.api("DELETE", f"/attachments/{row}"), await otto.post(f"{place}/files/{row}/removal"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert (await otto.api("GET", f"/attachments/{row}")).content == never.content
    tag = hashlib.sha256(PDF).hexdigest()
    for answer in (
        await otto.get(place), await otto.get(f"{place}/print"), await otto.api("GET", place),
        await otto.api("GET", f"{place}/notes?limit=100"), await otto.api("GET", f"{place}/attachments"),
        await otto.get("/tickets?q=severance"), await otto.get("/tickets?columns=quotes"),
        await otto.api("GET", "/tickets?q=severance"),
        await otto.post("/exports", format="csv"),
    ):  # fmt: skip
        assert answer.status_code in {200, 201, 303}, answer.text
        assert "severance.pdf" not in answer.text
        assert tag not in answer.text
    ticket = await the_ticket(session)
    await hana.post(f"{place}/visibility", visibility="restricted")
    assert (await otto.get(f"{place}/files/{row}")).status_code == 404
    assert (await otto.api_upload(f"{place}/attachments?field=quotes", "x.pdf", PDF)).status_code == 404


async def test_a_script_attaches_to_a_field_and_names_only_files_of_its_answer(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, daniel: Browser, storage: Disk
) -> None:
    closed = {"key": "secret", "label": "Secret", "type": "attachment", "readable_by": [company.cast.roles["Legal"].id]}
    await add_fields(session, ada, "purchase-request", QUOTES, closed)
    sent = {"template": "purchase-request", "title": "Desks", "fields": CAMERAS}
    made = (await hana.api("POST", "/tickets", sent)).json()
    number = made["ticket_no"]
    early = await hana.api("POST", "/tickets", {**sent, "fields": {**CAMERAS, "quotes": [1]}})
    assert (early.status_code, "fields.quotes" in early.json()["errors"]) == (422, True)
    assert (await hana.api("POST", f"/tickets/{number}/submission")).status_code == 422
    url = f"/tickets/{number}/attachments"
    own = (await hana.api_upload(url, "own.pdf", PDF)).json()
    first_one = (await hana.api_upload(f"{url}?field=quotes", "a.pdf", PDF)).json()
    second = (await hana.api_upload(f"{url}?field=quotes", "b.pdf", PDF)).json()
    assert (own["field"], second["field"]) == (None, "quotes")
    assert (await hana.api_upload(f"{url}?field=quotes", "c.pdf", PDF)).status_code == 422, "no more than two"
    assert (await hana.api_upload(f"{url}?field=amount", "c.pdf", PDF)).status_code == 422
    assert (await hana.api_upload(f"{url}?field=nothing", "c.pdf", PDF)).status_code == 422
    shown = await hana.api("GET", f"/tickets/{number}")
    read = shown.json()["fields"]["quotes"]
    assert [one["id"] for one in read] == [first_one["id"], second["id"]]
    other = (await daniel.api("POST", "/tickets", sent)).json()["ticket_no"]
    foreign = (await daniel.api_upload(f"/tickets/{other}/attachments?field=quotes", "his.pdf", PDF)).json()["id"]
    for wrong in ([own["id"]], [foreign], [2**70], ["1"], [True], [{"id": None}], "a", {"id": 1}, [[]]):
        etag = shown.headers["etag"]
        answer = await hana.api("PATCH", f"/tickets/{number}", {"fields": {"quotes": wrong}}, if_match=etag)
        assert (answer.status_code, list(answer.json().get("errors", {}))) == (422, ["fields.quotes"]), wrong
    same = await hana.api("PATCH", f"/tickets/{number}", {"fields": {"quotes": read}}, if_match=shown.headers["etag"])
    assert (same.status_code, same.json()["version"]) == (200, shown.json()["version"]), "as it was read is no change"
    fewer = {"fields": {"quotes": [second["id"]]}}
    changed = await hana.api("PATCH", f"/tickets/{number}", fewer, if_match=same.headers["etag"])
    assert [one["file_name"] for one in changed.json()["fields"]["quotes"]] == ["b.pdf"]
    assert (await hana.api("GET", f"/attachments/{first_one['id']}")).status_code == 404
    assert (await hana.api("POST", f"/tickets/{number}/submission")).status_code == 200
    notes = (await hana.api("GET", f"/tickets/{number}/notes?limit=100")).json()["items"]
    changes = [one["event_details"]["changes"][0] for one in notes if one["event_type"] == "field_change"]
    assert [len(one["new"]) for one in changes] == [1, 2, 1]


FIRST_ASKED = {
    "key": "why_none", "label": "Why no quote", "type": "text", "required": True,
    "visible_when": {"v": 1, "field": "quotes", "op": "empty"},
}  # fmt: skip


async def test_a_condition_asks_whether_it_is_answered(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, storage: Disk
) -> None:
    await add_fields(session, ada, "purchase-request", {**QUOTES, "required": False}, FIRST_ASKED)
    assert "Why no quote" in (await hana.get(FORM)).text
    drawn = await chosen(hana, ("quote.pdf", PDF))
    assert f'hx-post="{FORM}/questions"' in drawn.text, "the other questions are asked for anew"
    again = await hana.submit(f"{FORM}/questions", {"drawn": ["quotes", "why_none"]}, htmx=True)
    assert ("quote.pdf" in again.text, "Why no quote" in again.text) == (True, False)
    assert (await hana.submit(f"{FORM}/with-files", {**ANSWERS, "act": "submit"})).status_code == 303
    assert "why_none" not in (await the_ticket(session)).custom_fields_data


async def test_what_a_condition_hides_is_not_kept(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, storage: Disk
) -> None:
    new_supplier = {"v": 1, "field": "supplier_is_new", "op": "eq", "value": True}
    await add_fields(session, ada, "purchase-request", {**QUOTES, "visible_when": new_supplier})
    await chosen(hana, ("quote.pdf", PDF), **{"fields.supplier_is_new": "true"})
    assert (await hana.submit(f"{FORM}/with-files", {**ANSWERS, "act": "submit"})).status_code == 303
    ticket = await the_ticket(session)
    assert "quotes" not in ticket.custom_fields_data
    assert (await session.execute(select(TicketAttachment))).first() is None
    refused = await hana.api_upload(f"/tickets/{ticket.ticket_no}/attachments?field=quotes", "a.pdf", PDF)
    assert refused.status_code == 422


async def test_a_file_of_an_answer_that_no_approval_depends_on_is_free(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, daniel: Browser, jonas: Browser, storage: Disk
) -> None:
    delivery = {"key": "delivery", "label": "Delivery note", "type": "attachment", "approval_relevant": False}
    await add_fields(session, ada, "purchase-request", delivery)
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    url = f"/tickets/{ticket.ticket_no}/attachments?field=delivery"
    assert (await hana.api_upload(url, "note.pdf", PDF)).status_code == 201, "no decision is lost by it"
    ticket.status, ticket.approval = "open", "approved"
    await session.commit()
    assert (await jonas.api_upload(url, "signed.pdf", PDF)).status_code == 201
    assert (
        await jonas.api_upload(f"/tickets/{ticket.ticket_no}/attachments?field=quotes", "q.pdf", PDF)
    ).status_code == 422
    assert [one["file_name"] for one in (await the_ticket(session)).custom_fields_data["delivery"]] == [
        "note.pdf", "signed.pdf",
    ]  # fmt: skip


async def test_a_question_that_its_form_asks_no_more_lets_its_files_go_and_one_that_stays_keeps_them(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, storage: Disk
) -> None:
    plan = {"key": "plan", "label": "Plan", "type": "attachment"}
    await add_fields(session, ada, "purchase-request", {**QUOTES, "required": False}, plan)
    made = await hana.api("POST", "/tickets", {"template": "purchase-request", "title": "Desks", "fields": CAMERAS})
    url = f"/tickets/{made.json()['ticket_no']}"
    kept = (await hana.api_upload(f"{url}/attachments?field=quotes", "quote.pdf", PDF)).json()["id"]
    gone = (await hana.api_upload(f"{url}/attachments?field=plan", "plan.pdf", PDF)).json()["id"]
    await republish_form(session, ada, "purchase-request", plan=None)
    assert (await hana.api("POST", f"{url}/submission")).status_code == 409, "the draft follows its form"
    assert [(await hana.api("GET", f"/attachments/{row}")).status_code for row in (kept, gone)] == [200, 404]
    edit = form_values((await hana.get(f"{url}/edit")).text, "/edit/with-files")
    in_place = {**edit.values, "in_place": "yes", "title": "Desks for two"}
    saved = await hana.submit(edit.action, in_place, (NAME, "second.pdf", PDF), htmx=True)
    assert (saved.status_code, "second.pdf</b>" in saved.text, "quote.pdf</b>" in saved.text) == (200, True, True)
    assert names(await the_ticket(session)) == ["quote.pdf", "second.pdf"]
