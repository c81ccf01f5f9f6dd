"""A list as a file: exactly what is filtered, only what its reader may see, then and when it is fetched."""

import csv
import io
import zipfile
from typing import Any

import httpx
from litestar import Litestar
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.clock import utc_now
from app.tickets import jobs
from app.tickets.exporting.files import harmless
from app.tickets.exporting.jobs import make_export
from app.tickets.exporting.models import Export, ExportStatus
from app.tickets.models import Ticket, Visibility
from tests.cast import Browser, Company
from tests.story import CAMERAS, CHANGE, ask, republish_form


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def many(session: AsyncSession, who: Browser, count: int) -> list[Ticket]:
    at = utc_now()
    made = [
        Ticket(
            ticket_no=f"TIC-{80_000 + n}", title=f"Ticket {n}", status="open", requester_id=who.id, created_by=who.id,
            updated_by=who.id, submitted_at=at, created_at=at, updated_at=at,
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(made)
    await session.commit()
    return made


def test_no_cell_starts_a_formula_and_ordinary_text_stays_as_it_is() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\0", " =1", "＝1"):
        assert harmless(text) == f"'{text}"
    for text in ("Hana's", "a=b", "1-2", ""):
        assert harmless(text) == text
    assert len(harmless("x" * 50_000)) < 32_767


async def test_the_file_holds_what_is_filtered_with_the_answers_of_its_forms(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    odd = '=HYPERLINK(1), "quoted" thing'
    wanted = await ask(session, hana, CAMERAS | {"supplier": "+Nordtherm, Oy"}, title=odd)
    await ask(session, hana, title="Something else altogether")
    await session.commit()
    [row] = rows_of(await hana.post("/exports", format="csv", q="quoted"))
    assert row["Number"] == wanted.ticket_no
    assert row["Title"] == f"'{odd}"
    assert row["Status"] == "Waiting approval"
    assert row["Asked for"] == hana.user.name
    assert row["Supplier"] == "'+Nordtherm, Oy"
    assert [value for name, value in row.items() if name.endswith("currency")] == ["EUR"]
    assert "38400.00" in row.values()
    assert f"Created ({hana.user.time_zone})" in row
    numbers = [row["Number"] for row in rows_of(await hana.post("/exports", format="csv", sort="created_at"))]
    assert numbers == sorted(numbers)
    assert len(numbers) == 2


async def test_a_spreadsheet_has_texts_where_somebody_wrote_formulas(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana, title="=cmd|' /C calc'!A0")
    answer = await hana.post("/exports", format="xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "cmd|" in sheet
    assert "38400" in sheet


async def test_what_is_hidden_is_in_nobody_elses_file_and_what_is_restricted_is_on_record(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, otto: Browser
) -> None:
    open_one = await ask(session, hana, title="For everybody")
    hidden = await ask(session, hana, title="A severance", visibility=Visibility.RESTRICTED)
    assert [row["Number"] for row in rows_of(await otto.post("/exports", format="csv"))] == [open_one.ticket_no]
    mine = rows_of(await hana.post("/exports", format="csv"))
    assert {row["Number"] for row in mine} == {open_one.ticket_no, hidden.ticket_no}
    told: dict[str, Any] = {
        "tickets": [hidden.id], "user": hana.id, "hour": "2026-11-25T08:00:00+00:00", "channel": "web",
        "request_id": "", "address": "", "token_id": None,
    }  # fmt: skip
    await jobs.record_views(app.state.database, told)
    viewed = select(func.count()).where(TicketNote.event_type == "restricted_viewed", TicketNote.created_by == hana.id)
    assert (await session.execute(viewed.select_from(TicketNote))).scalar_one() == 1


async def test_a_long_list_is_made_behind_the_pages_and_checked_again_when_it_is_fetched(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, otto: Browser, ada: Browser
) -> None:
    made = await many(session, hana, 5_000)
    answer = await otto.post("/exports", format="csv")
    assert answer.status_code == 303
    here = answer.headers["location"]
    assert "being made" in (await otto.get(here)).text
    assert (await hana.get(here)).status_code == (await ada.get(f"{here}/file")).status_code == 404
    payload = {"export": int(here.rpartition("/")[2])}
    await make_export(app.state.database, payload)
    await make_export(app.state.database, payload)
    told = (await otto.get(f"{here}/progress")).text
    assert "5,000 tickets are in the file" in told, told
    assert len(rows_of(await otto.get(f"{here}/file"))) == 5_000

    made[2_500].visibility = Visibility.RESTRICTED
    await session.commit()
    assert (await otto.get(f"{here}/file")).headers["location"] == here
    assert "being made" in (await otto.get(here)).text
    await make_export(app.state.database, payload)
    numbers = {row["Number"] for row in rows_of(await otto.get(f"{here}/file"))}
    assert len(numbers) == 4_999
    assert made[2_500].ticket_no not in numbers


async def test_a_script_has_a_file_made_follows_it_and_fetches_only_what_it_may_see_by_then(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket, other = await ask(session, hana, title="Kestrel one"), await ask(session, hana, title="Kestrel two")
    await session.commit()
    begun = await otto.api("POST", "/exports", {"format": "csv", "query": "q=kestrel"}, idempotency_key="e")
    export = begun.json()
    assert (begun.status_code, export["status"]) == (202, "waiting")
    assert begun.headers["location"] == f"/api/v1/exports/{export['id']}"
    again = await otto.api("POST", "/exports", {"format": "csv", "query": "q=kestrel"}, idempotency_key="e")
    assert again.json() == export
    here = f"/exports/{export['id']}"
    assert (await otto.api("GET", f"{here}/file")).json()["export_status"] == "waiting"
    for address in (here, f"{here}/file"):
        assert (await hana.api("GET", address)).status_code == 404, "it is somebody else's"
    await make_export(app.state.database, {"export": export["id"]})
    assert (await otto.api("GET", here)).json()["rows_done"] == 2
    found = {row["Number"] for row in rows_of(await otto.api("GET", f"{here}/file"))}
    assert found == {ticket.ticket_no, other.ticket_no}

    other.visibility = Visibility.RESTRICTED
    await session.commit()
    refused = await otto.api("GET", f"{here}/file")
    assert (refused.status_code, refused.json()["export_status"]) == (409, "waiting")
    await make_export(app.state.database, {"export": export["id"]})
    assert {row["Number"] for row in rows_of(await otto.api("GET", f"{here}/file"))} == {ticket.ticket_no}
    for body, wrong in (({"format": "pdf"}, "format"), ({"format": "csv", "query": "f=gone:ge:5"}, "query")):
        assert list((await otto.api("POST", "/exports", body)).json()["errors"]) == [wrong]


async def test_nobody_has_more_than_two_made_at_once_and_none_after_a_day(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await many(session, hana, 2_001)
    first = (await hana.post("/exports", format="csv")).headers["location"]
    assert (await hana.post("/exports", format="xlsx")).status_code == 303
    assert (await hana.post("/exports", format="csv")).status_code == 429
    export = await session.get(Export, int(first.rpartition("/")[2]))
    assert export is not None
    assert export.status == ExportStatus.WAITING
    export.expires_at = utc_now()
    await session.commit()
    assert (await hana.get(first)).status_code == 404


async def test_fields_that_are_called_the_same_are_told_apart_by_their_form(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    await republish_form(session, ada, "purchase-request", supplier={"label": "Risk", "filterable": True})
    await ask(session, hana)
    await ask(session, hana, CHANGE, form="change")
    alone = rows_of(await hana.post("/exports", format="csv", q="Nordtherm"))[0]
    assert ("Risk" in alone, "Risk (Purchase request)" in alone) == (True, False)
    both = rows_of(await hana.post("/exports", format="csv"))[0]
    assert {"Risk (Purchase request)", "Risk (Change)"} <= set(both)
    page = (await hana.get("/tickets", arrange="1", f="supplier:contains:Nord", columns="number,supplier,risk")).text
    assert "Risk (Purchase request)" in page.split('aria-label="Change filter')[0], "in the chip"
    assert "Risk (Change)" in page
