"""A table becomes requests: each row by the rules of one that somebody types, once, with an answer of its own."""

import csv
import io
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.actor import Actor
from app.errors import Refused
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType, Option
from app.ticket_templates.service import TicketTemplates
from app.tickets.controllers import imports
from app.tickets.exporting.files import as_it_was, harmless
from app.tickets.importing import carrying_on
from app.tickets.importing.carrying_on import carry_on_later
from app.tickets.importing.columns import Cells, guessed, targets_of
from app.tickets.importing.models import Import, ImportRow
from app.tickets.importing.people import Names
from app.tickets.importing.table import MOST_ROWS, table_of, text_of
from app.tickets.models import Ticket
from tests.approving.test_the_requester_picks_who_approves import picked_by_hand
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import republish_flow

HEADINGS = "Title;Amount;Cost centre;Supplier;Budgeted;Remarks\r\n"
GOOD = "Twelve chairs;EUR 1,200;CC-4410 Quality;Nordtherm;yes;for later\r\n"
FORMULA = "=HYPERLINK(1);900;cc_2200;'+Kestrel;no;\r\n"
FAULTY = "Two desks;a lot;Nowhere;;perhaps;\r\n"


async def send(who: Browser, text: str, *, form: str = "purchase-request") -> httpx.Response:
    return await who.upload("/imports", ("requests.csv", text.encode()), form=form)


async def begun(who: Browser, text: str, **about: Any) -> str:
    answer = await send(who, text, **about)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def checked(who: Browser, url: str, **changed: str) -> str:
    """With the columns as they were understood, but for what is changed."""
    form = form_values((await who.get(url)).text, "/columns")
    answer = await who.submit(form.action, {**form.values, **changed})
    assert answer.status_code == 303, answer.text
    return (await who.get(url)).text


async def rows_of(session: AsyncSession, url: str) -> list[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == int(url.rpartition("/")[2])).order_by(ImportRow.number)
    return list((await session.execute(query.execution_options(populate_existing=True))).scalars())


async def with_files(session: AsyncSession, who: Browser, *, required: bool) -> None:
    """The purchase request asks for a quote too."""
    templates = TicketTemplates(session, await who.actor())
    template = await templates.find("purchase-request")
    live = await templates.life.published(template)
    assert live is not None
    quote = {"key": "quote", "label": "Quote", "type": "attachment", "required": required}
    definition = {**live.definition, "fields": [*live.definition["fields"], quote]}
    await templates.save(template, definition, based_on=live.number)
    await session.commit()


async def test_each_row_is_looked_at_first_and_then_becomes_a_request_whose_approval_begins(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    url = await begun(hana, "\ufeff" + HEADINGS + GOOD + FAULTY + "\r\n" + FORMULA)
    page = await checked(hana, url)
    assert "1 row has problems" in page
    assert "Import 2 rows" in page
    assert (await session.execute(select(Ticket.id))).all() == [], "nothing is made before somebody says so"
    [good, faulty, formula] = await rows_of(session, url)
    assert [good.number, faulty.number, formula.number] == [2, 3, 5], "as a spreadsheet counts"
    assert [where for where, _said in faulty.problems or []] == ["Amount", "Cost centre", "Supplier", "Budgeted"]
    assert "A number like" in page
    assert "Only yes or no." in page
    await hana.post(f"{url}/start")
    [chairs, text] = (await session.execute(select(Ticket).order_by(Ticket.id))).scalars()
    assert chairs.custom_fields_data["amount"] == {"amount": "1200.00", "currency": "EUR"}
    assert chairs.custom_fields_data["cost_center"] == "cc_4410"
    assert (chairs.status, chairs.created_by, chairs.requester_id) == ("waiting_approval", hana.id, hana.id)
    assert (text.title, text.custom_fields_data["supplier"]) == ("=HYPERLINK(1)", "+Kestrel"), "text stays text"
    assert "Twelve chairs" in (await daniel.get("/approvals")).text
    result = await hana.get(f"{url}/file")
    told = list(csv.DictReader(io.StringIO(result.content.decode("utf-8-sig"), newline="")))
    assert [(row["Row"], row["Result"], row["Ticket"]) for row in told] == [
        ("2", "Imported", chairs.ticket_no), ("3", "Left out", ""), ("5", "Imported", text.ticket_no),
    ]  # fmt: skip
    assert told[2]["Title"] == "'=HYPERLINK(1)", "and no spreadsheet takes it for a formula"
    assert "Supplier: Fill this in." in told[1]["Problems"]
    assert (await hana.post(f"{url}/start")).status_code == 409, "once"


async def test_kept_as_drafts_answers_may_be_missing(session: AsyncSession, company: Company, hana: Browser) -> None:
    url = await begun(hana, "Title,Supplier\nA lamp,Kestrel\n")
    assert "1 row has problems" in await checked(hana, url)
    assert "All rows are as they should be" in await checked(hana, url, submits="no")
    await hana.post(f"{url}/start")
    ticket = (await session.execute(select(Ticket))).scalar_one()
    assert (ticket.status, ticket.submitted_at) == ("draft", None)


async def test_what_files_alone_can_answer_is_said_before_and_with_each_row(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, app: Litestar
) -> None:
    await with_files(session, ada, required=True)
    url = await begun(hana, "Title,Supplier,Quote\nA lamp,Kestrel,lamp.pdf\n")
    page = (await hana.get(url)).text
    assert "Files cannot be imported: this column is left out." in page
    assert "“Quote” asks for files, which a CSV file cannot bring." in page
    assert form_values(page, "/columns").values["submits"] == "no", "no row could be submitted"
    assert "All rows are as they should be" in await checked(hana, url)
    assert "keep the rows as drafts, and attach one there" in await checked(hana, url, submits="yes")
    [row] = await rows_of(session, url)
    assert ["Quote", "A CSV file brings no files: keep the rows as drafts, and attach one there."] in (
        row.problems or []
    )
    path = f"/imports/{url.rpartition('/')[2]}"
    told = (await hana.api("GET", path)).json()
    assert [one["left_out"] for one in told["columns"]] == [
        None,
        None,
        "Files cannot be imported: this column is left out.",
    ]
    assert len(told["notes"]) == 1
    refused = await hana.api("PUT", f"{path}/columns", {"columns": ["title", "fields.supplier", "fields.quote"]})
    assert refused.status_code == 422
    assert "Files cannot be imported" in refused.text
    await checked(hana, url, submits="no")
    await hana.post(f"{url}/start")
    assert (await session.execute(select(Ticket.title, Ticket.status))).all() == [("A lamp", "draft")]


async def test_files_that_may_be_missing_keep_no_row_from_being_submitted(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    await with_files(session, ada, required=False)
    url = await begun(hana, HEADINGS.replace("Remarks", "Quote") + GOOD)
    page = (await hana.get(url)).text
    assert "Files cannot be imported: this column is left out." in page
    assert "which a CSV file cannot bring" not in page
    assert "All rows are as they should be" in await checked(hana, url)


async def test_whom_a_requester_would_choose_to_approve_is_chosen_on_the_draft(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await republish_flow(session, "capital-purchase", picked_by_hand(company))
    url = await begun(hana, HEADINGS + GOOD.replace("1,200", "38,400"))
    assert "does not say who approves: keep the rows as drafts, and choose there." in await checked(hana, url)
    assert "All rows are as they should be" in await checked(hana, url, submits="no")


async def test_a_form_that_is_archived_meanwhile_is_told_and_nothing_is_made(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    first, second = await begun(hana, HEADINGS + GOOD), await begun(hana, HEADINGS + GOOD)
    await checked(hana, first)
    await ada.post("/admin/ticket-templates/purchase-request/archival")
    await hana.post(f"{first}/start")
    assert "not yours to use any more" in (await hana.get(first)).text
    assert (await hana.get(second)).status_code == 200
    assert (await hana.post(f"{second}/columns", **{"column-0": "title"})).status_code == 409
    assert (await session.execute(select(Ticket.id))).all() == []


async def test_an_import_is_its_senders_alone_and_of_forms_that_are_theirs(
    company: Company, hana: Browser, otto: Browser, ada: Browser
) -> None:
    url = await begun(hana, HEADINGS + GOOD)
    for path in ("", "/progress", "/file"):
        for stranger in (otto, ada):
            assert (await stranger.get(f"{url}{path}")).status_code == 404
    for verb in ("/columns", "/start", "/cancellation"):
        assert (await otto.post(f"{url}{verb}")).status_code == 404
    number = url.rpartition("/")[2]
    assert (await otto.api("GET", f"/imports/{number}")).status_code == 404
    assert (await otto.api("POST", f"/imports/{number}/start")).status_code == 404
    assert (await otto.api("GET", "/imports")).json()["items"] == []
    assert (await send(otto, HEADINGS + GOOD, form="no-such-form")).status_code == 404


async def test_only_who_may_ask_for_others_names_a_requester_and_only_admins_by_e_mail(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    table = "Title,Requester\nA lamp,omar@aldermoor.example\nA chair,Hana Sato\n"
    refused = await hana.submit(
        f"{await begun(hana, table, form='blank')}/columns", {"column-0": "title", "column-1": "requester_id"}
    )
    assert refused.status_code == 422
    assert "This form has no such field." in refused.text
    url = await begun(daniel, table, form="blank")
    await checked(daniel, url)
    [mail, name] = await rows_of(session, url)
    assert mail.problems == [["Requester", "There is nobody of this name here."]]
    assert name.problems == []
    url = await begun(ada, table, form="blank")
    await checked(ada, url)
    await ada.post(f"{url}/start")
    asked = (await session.execute(select(Ticket.requester_id).order_by(Ticket.id))).scalars().all()
    assert asked == [company.cast["omar"].id, hana.id]


async def test_what_was_cut_short_goes_on_and_no_row_is_imported_twice(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await begun(hana, "Title\n" + "".join(f"Lamp {n}\n" for n in range(5)), form="blank")
    await checked(hana, url)
    whole, calls = carrying_on._import, list[int]()

    async def dying(session: AsyncSession, actor: Actor, row_id: int, names: Names) -> bool:
        calls.append(row_id)
        if len(calls) == 3:
            raise RuntimeError("the process is gone")
        return await whole(session, actor, row_id, names)

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    await hana.post(f"{url}/start")
    payload = {"import": int(url.rpartition("/")[2])}
    monkeypatch.setattr(carrying_on, "_import", dying)
    with pytest.raises(RuntimeError):
        await carry_on_later(app.state.database, payload)
    assert "2 of 5 rows done" in (await hana.get(f"{url}/progress")).text
    monkeypatch.setattr(carrying_on, "_import", whole)
    await carry_on_later(app.state.database, payload)
    await carry_on_later(app.state.database, payload)
    titles = (await session.execute(select(Ticket.title).order_by(Ticket.id))).scalars().all()
    assert titles == [f"Lamp {n}" for n in range(5)]
    assert "5 requests imported" in (await hana.get(f"{url}/progress")).text


async def test_a_cancelled_import_and_one_whose_sender_has_left_make_nothing_more(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, omar: Browser
) -> None:
    for who in (hana, omar):
        url = await begun(who, "Title\nA lamp\n", form="blank")
        await checked(who, url)
        imported = (await session.execute(select(Import).where(Import.user_id == who.id))).scalar_one()
        await session.refresh(imported)
        imported.status = "running"
        await session.commit()
        if who is hana:
            await who.post(f"{url}/cancellation")
        else:
            (await session.get_one(User, omar.id)).deactivated_at = imported.created_at
            await session.commit()
        await carry_on_later(app.state.database, {"import": imported.id})
        await session.refresh(imported)
        assert imported.status == "cancelled"
    assert (await session.execute(select(Ticket.id))).all() == []


async def test_a_script_sends_a_table_says_what_it_means_and_reads_what_became_of_it(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser
) -> None:
    made = await hana.api_upload(
        "/imports?template=purchase-request", "r.csv", (HEADINGS + GOOD + FAULTY).encode(), idempotency_key="one"
    )
    assert made.status_code == 201, made.text
    again = await hana.api_upload(
        "/imports?template=purchase-request", "r.csv", (HEADINGS + GOOD + FAULTY).encode(), idempotency_key="one"
    )
    assert again.json()["id"] == made.json()["id"]
    path = made.headers["location"].removeprefix("/api/v1")
    columns = [one["target"] for one in made.json()["columns"]]
    assert columns == ["title", "fields.amount", "fields.cost_center", "fields.supplier", "fields.budgeted", None]
    assert (await hana.api("POST", f"{path}/start")).status_code == 409, "not before it is checked"
    assert (await hana.api("PUT", f"{path}/columns", {"columns": ["title"]})).status_code == 422
    mapped = await hana.api("PUT", f"{path}/columns", {"columns": columns})
    assert (mapped.status_code, mapped.json()["status"]) == (200, "checking")
    await carry_on_later(app.state.database, {"import": made.json()["id"]})
    assert (await hana.api("GET", path)).json()["faulty"] == 1
    await hana.api("POST", f"{path}/start")
    await carry_on_later(app.state.database, {"import": made.json()["id"]})
    told = (await hana.api("GET", f"{path}/rows?limit=1")).json()
    assert [(row["row"], row["outcome"]) for row in told["items"]] == [(2, "created")]
    [faulty] = (await hana.api("GET", f"{path}/rows?cursor={told['next_cursor']}")).json()["items"]
    assert (faulty["outcome"], faulty["problems"][0]["column"]) == ("refused", "Amount")
    assert (await hana.api("POST", f"{path}/cancellation")).status_code == 409


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Título\nx".encode("latin-1"), "This file is not UTF-8 (line 1)"),
        ("Title\nx".encode("utf-16"), "This file is UTF-16."),
        (b"PK\x03\x04\0", "This is not a text file."),
        (b"", "The first row has no headings."),
        (b"Title\n\n", "There is no row below the headings."),
        (b'Title\n"x\n', "The quotes in line"),
        (b"Title\n" + b"x\n" * (MOST_ROWS + 1), "At most 5000 rows"),
        (b"T," * 101 + b"T\n1", "At most 100 columns"),
        (b"Title\n" + b"x" * 60_001, "A cell in row 2 is too long."),
    ],
    ids=["latin-1", "utf-16", "no-text", "empty", "headings-only", "quotes", "rows", "columns", "cell"],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        table_of(text_of(content))
    assert refused.value.errors["file"].startswith(sentence)


def test_headings_say_what_they_mean_each_once_as_an_export_writes_them() -> None:
    money = FieldDefinition(key="cost", label="Cost", type=FieldType.MONEY, currencies=("EUR", "USD"))
    targets = targets_of(FormDefinition(key="x", name="X", fields=(money,)), Actor(id=2, name="Hana"))
    headings = ["Number", "TITLE", "Due (Europe/Helsinki)", "cost", "Cost, currency", "Title"]
    assert guessed(headings, targets) == ["", "title", "due_at", "fields.cost", "fields.cost_currency", ""]


def test_cells_become_what_a_person_would_have_typed() -> None:
    fields = (
        FieldDefinition(key="cost", label="Cost", type=FieldType.MONEY, currencies=("EUR", "USD")),
        FieldDefinition(
            key="tags", label="Tags", type=FieldType.CHOICES, options=(Option("a", "Ask"), Option("b", "Be"))
        ),
        FieldDefinition(key="who", label="Who", type=FieldType.USER),
        FieldDefinition(key="seats", label="Seats", type=FieldType.NUMBER, default="2"),
    )
    targets = ["fields.cost", "fields.tags", "fields.who", "priority", "fields.seats"]
    names = Names(people={"hana sato": {7}, "7": {7}, "kim": {8, 9}})
    cells = Cells(FormDefinition(key="x", name="X", fields=fields), targets, names)
    sent, problems = cells.typed(["38,400 usd", "ask; b", "Hana Sato", "HIGH", " "])
    assert problems == {}
    assert sent.get("fields.cost") == "38,400"
    assert sent.get("fields.cost_currency") == "USD"
    assert sent.all("fields.tags") == ["a", "b"]
    assert (sent.get("fields.who"), sent.get("priority"), sent.get("fields.seats")) == ("7", "high", "2")
    _sent, problems = cells.typed(["", "", "Kim", "whenever", "", "one more"])
    assert set(problems) == {"fields.who", "priority", ""}
    for text in ("=1", "-5", "'", "'twas", "Hana's", "plain"):
        assert as_it_was(harmless(text)) == text
