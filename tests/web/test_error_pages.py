"""What somebody sees who may not, or where nothing is (promises.md, L1, A1)."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.models import Visibility
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask


async def test_hidden_and_missing_are_the_same_page(otto: Browser) -> None:
    one, other = await otto.get("/nothing/here"), await otto.get("/me/tokens/999/revocation")
    assert one.status_code == other.status_code == 404
    assert one.text == other.text
    assert "ask them or an administrator for access" in one.text
    assert 'href="/"' in one.text
    assert 'aria-label="Main"' in one.text, "who is signed in keeps the menu"


async def test_the_page_needs_no_sign_in_and_names_nobody(otto: Browser) -> None:
    signed_in = (await otto.get("/static/no-such-file.css")).text
    anonymous = await otto.client.get("/static/no-such-file.css")
    assert anonymous.status_code == 404
    assert anonymous.text == signed_in
    assert "Otto" not in signed_in


async def test_what_is_not_allowed_says_so(otto: Browser) -> None:
    answer = await otto.get("/admin/users")
    assert answer.status_code == 403
    assert "Only an administrator can do this." in answer.text
    assert "ask an administrator" in answer.text
    assert 'aria-label="Main"' in answer.text
    assert "/admin/users" not in answer.text, "nothing leads back to what was refused"


async def test_who_is_refused_on_a_ticket_finds_back_to_it(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    refused = await otto.get(f"/tickets/{ticket.ticket_no}/edit")
    assert refused.status_code == 403
    assert "Until it is approved, only who asked for it changes this." in refused.text
    assert 'aria-label="Main"' in refused.text
    assert f'href="/tickets/{ticket.ticket_no}"' in refused.text
    assert (await hana.get(f"/tickets/{ticket.ticket_no}/edit")).status_code == 200
    hidden = await ask(session, hana, visibility=Visibility.RESTRICTED)
    nothing = await otto.get(f"/tickets/{hidden.ticket_no}/edit")
    assert nothing.status_code == 404
    assert f'href="/tickets/{hidden.ticket_no}"' not in nothing.text


async def test_a_form_that_is_refused_leads_back_to_the_page_that_it_stood_on(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    cookie = {"cookie": f"countersign={hana.session_token}"}
    reminder = form_values((await hana.get(f"/tickets/{ticket.ticket_no}")).text, "/reminders")
    assert (await hana.submit(reminder.action, reminder.values)).status_code == 303
    address, form = reminder.action, {**reminder.values, "_csrf": hana.csrf}
    for referer, back in (("http://test/tickets?q=mine", 'href="/tickets?q=mine"'), ("http://elsewhere.example/x", "")):
        refused = await hana.client.post(address, data=form, headers={**cookie, "referer": referer})
        assert refused.status_code == 429
        assert back in refused.text
        assert "elsewhere.example" not in refused.text


async def test_what_was_done_is_said_on_an_error_page_too_and_then_no_more(otto: Browser) -> None:
    said = {"cookie": f"countersign={otto.session_token}; said=Handed%20over."}
    answer = await otto.client.get("/tickets/PUR-9999", headers=said)
    assert (answer.status_code, "Handed over." in answer.text) == (404, True)
    assert 'said="";' in answer.headers["set-cookie"]


async def test_a_script_that_swaps_a_part_gets_the_sentence_alone(otto: Browser) -> None:
    answer = await otto.get("/admin/users", htmx=True)
    assert (answer.status_code, answer.text) == (403, "")
    assert "Only an administrator can do this." in answer.headers["hx-trigger"]


@pytest.mark.parametrize("path", ["/admin/users", "/admin/labels", "/admin/categories/1", "/me", "/me/tokens"])
async def test_without_sign_in_there_is_only_the_sign_in_page(path: str, otto: Browser) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        answer = await otto.client.request(method, path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
