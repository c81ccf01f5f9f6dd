"""The simulation beside the editor: steps with people and reasons, what is skipped, and dead ends."""

from html import unescape
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.approvals.makers import typed
from tests.cast import Browser, Company
from tests.work.test_standing_in_for_somebody import away

LIST = "/admin/approval-templates"
TRY = f"{LIST}/capital-purchase/simulation"


def sample(company: Company, amount: str = "38400", **more: Any) -> dict[str, Any]:
    return {
        "requester_id": str(company.cast["hana"].id), "ticket_template": "purchase-request",
        "drawn": ["amount", "supplier_is_new"],
        "fields.amount": amount, "fields.amount_currency": "EUR",
    } | more  # fmt: skip


async def test_the_page_offers_the_forms_that_use_the_flow_first(ada: Browser, company: Company) -> None:
    page = unescape((await ada.get(TRY)).text)
    assert 'name="fields.amount"' in page
    assert 'value="purchase-request" selected' in page
    assert "<html" not in (await ada.get(TRY, htmx=True)).text


async def test_it_names_people_and_reasons_and_what_is_skipped(ada: Browser, company: Company) -> None:
    for htmx in (True, False):
        text = unescape((await ada.submit(TRY, sample(company), htmx=htmx)).text)
        for said in (
            "Daniel Okafor", "the requester’s manager", "Tomás Herrera", "any member of Finance",
            "Because Amount (€38,400.00)", "Not needed",
        ):  # fmt: skip
            assert said in text, said


async def test_values_decide_the_path(ada: Browser, company: Company) -> None:
    text = unescape((await ada.submit(TRY, sample(company, "100"), htmx=True)).text)
    assert "Tomás Herrera" not in text.split("simulation-found")[1]


async def test_what_is_on_the_screen_is_tried_before_it_is_saved(ada: Browser, company: Company) -> None:
    screen = typed(company.cast, **sample(company), **{"steps.0.name": "The boss"})
    for url in (TRY, f"{LIST}/new/simulation"):
        text = unescape((await ada.submit(url, screen, htmx=True)).text)
        assert "The boss" in text
        assert "Line manager" not in text


async def test_a_step_that_leads_to_nobody_is_a_dead_end(ada: Browser, company: Company) -> None:
    asked = sample(company, requester_id=str(company.cast["ingrid"].id)) | {"steps.0.fallback.row": ""}
    nobody = typed(company.cast, **asked)
    text = unescape((await ada.submit(TRY, nobody, htmx=True)).text)
    assert "Nobody can approve this now." in text


async def test_a_screen_that_cannot_be_read_says_so(ada: Browser, company: Company) -> None:
    wrong = typed(company.cast, **sample(company), **{"steps.1.condition.1.value": "many"})
    assert "The steps can’t be read yet" in unescape((await ada.submit(TRY, wrong, htmx=True)).text)
    same = typed(company.cast, **sample(company), **{"steps.1.key": "manager"})
    assert "The steps can’t be read yet" in unescape((await ada.submit(TRY, same, htmx=True)).text)


async def test_odd_values_are_refused_at_their_fields(ada: Browser, company: Company) -> None:
    answer = await ada.submit(TRY, sample(company, "many", requester_id="999999"), htmx=True)
    assert answer.status_code == 422
    assert "A number like 1250" in answer.text
    assert "Choose somebody who is active." in answer.text


async def test_without_a_form_there_is_nothing_to_try_it_with(ada: Browser) -> None:
    assert "There is no published form to try it with." in (await ada.get(f"{LIST}/new/simulation")).text


async def test_trying_leaves_no_trace(ada: Browser, company: Company) -> None:
    await ada.submit(TRY, typed(company.cast, **sample(company)), htmx=True)
    assert "v1" in (await ada.get(LIST)).text
    assert "v2" not in (await ada.get(f"{LIST}/capital-purchase")).text


async def test_too_few_who_may_decide_are_a_dead_end_too(ada: Browser, company: Company) -> None:
    board = {"requester_id": str(company.cast["lucas"].id), "ticket_template": "change"}
    said = "These are too few to decide it."
    assert said in (await ada.submit(f"{LIST}/change/simulation", board, htmx=True)).text, "he is on the board himself"
    theirs = board | {"requester_id": str(company.cast["hana"].id)}
    assert said not in (await ada.submit(f"{LIST}/change/simulation", theirs, htmx=True)).text


async def test_it_says_who_stands_in_for_those_who_are_asked(
    session: AsyncSession, ada: Browser, company: Company, daniel: Browser, hana: Browser, lucas: Browser
) -> None:
    await away(session, daniel, lucas)
    await away(session, daniel, hana)
    text = unescape((await ada.submit(TRY, sample(company), htmx=True)).text)
    assert "Lucas Moreau for Daniel Okafor, until" in text
    assert "Hana Sato for Daniel Okafor" not in text, "she asks"
