"""A ticket is edited on its own page; who is overtaken sees both, and overwrites nothing unseen."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask


async def test_the_request_is_edited_in_its_place_and_comes_back_with_all_that_changed(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url, place = f"/tickets/{ticket.ticket_no}", f'id="ticket-{ticket.id}-request"'
    form = await hana.get(f"{url}/edit", htmx=True)
    assert "<html" not in form.text
    assert place in form.text
    assert "hx-morph-skip" in form.text, "what others do leaves it as it is"
    typed = form_values(form.text, "/edit").values | {"description": "Now with **words**", "accept_rewind": "yes"}
    refused = await hana.submit(f"{url}/edit", typed | {"title": ""}, htmx=True)
    assert refused.status_code == 422
    assert "Now with **words**" in refused.text
    assert 'name="in_place"' in refused.text
    saved = await hana.submit(f"{url}/edit", typed, htmx=True)
    assert (saved.headers["hx-retarget"], saved.headers["hx-reswap"]) == (f"#ticket-{ticket.id}-request", "outerHTML")
    assert "Now with <strong>words</strong>" in saved.text
    assert "changed the description" in saved.text, "the story comes along"
    stale = await hana.submit(f"{url}/edit", typed | {"description": "Mine"}, htmx=True)
    assert stale.status_code == 412
    assert "Now with **words**" in stale.text
    assert "Mine</textarea>" in stale.text
    assert (await otto.get(f"{url}/edit", htmx=True)).status_code == 403


async def test_of_two_who_set_one_property_the_second_is_told_and_of_two_properties_nobody(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser
) -> None:
    ticket = await ask(session, hana, {"affects": "me", "what": "Dark"}, form="it-incident", title="Dark screen")
    url = f"/tickets/{ticket.ticket_no}"
    whom = f"/{company.cast.roles['IT service'].id}"
    assert (await lucas.post(f"{url}/priority", seen="medium", priority="urgent")).status_code == 303
    assert (await lucas.post(f"{url}/due-date", seen="", due_at="2030-12-31")).status_code == 303, "another thing"
    for noun, sent, both in (
        ("priority", {"seen": "medium", "priority": "low"}, "chose “Urgent” meanwhile, and you “Low”"),
        ("due-date", {"seen": "", "due_at": "2030-12-01"}, "chose “2030-12-31” meanwhile, and you “2030-12-01”"),
        ("assignment", {"seen": "1/1", "assignee_id": lucas.id}, "chose “IT service” meanwhile, and you “Lucas Moreau"),
    ):
        stale = await lucas.post(f"{url}/{noun}", htmx=True, **sent)
        assert stale.status_code == 412, noun
        assert both in stale.text, noun
    assert (await lucas.post(f"{url}/priority", seen="medium", priority="urgent")).status_code == 303, "as it is"
    assert (await lucas.post(f"{url}/priority", seen="urgent", priority="low")).status_code == 303
    assert (await lucas.post(f"{url}/assignment", seen=whom, assignee_id=lucas.id)).status_code == 303


async def test_a_comment_changed_in_two_windows_keeps_both_texts(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    sent = await hana.post(f"/tickets/{ticket.ticket_no}/comments", htmx=True, note="First")
    note = re.search(r"/comments/(\d+)/wording", sent.text)
    assert note is not None
    url = f"/tickets/{ticket.ticket_no}/comments/{note[1]}/wording"
    assert (await hana.post(url, seen="first", note="Second")).status_code == 303
    stale = await hana.post(url, htmx=True, seen="first", note="Other second")
    assert stale.status_code == 412
    assert "<p>Second</p>" in stale.text
    assert "Other second</textarea>" in stale.text
    seen = form_values(stale.text, f"{note[1]}/wording").values["seen"]
    assert (await hana.post(url, seen=seen, note="Other second")).status_code == 303
