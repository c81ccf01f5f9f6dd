"""`@` and a name calls somebody: they hear if they may read it, and the writer is told before if they may not."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.commands import Decision
from app.notifications import reader
from app.notifications.models import Notification
from app.tickets.mentions.repository import called_in
from app.web.markdown import calls_in, is_called, render_markdown
from tests.cast import Browser, Company
from tests.dispatching import Dispatch
from tests.page import form_values
from tests.story import ask, decide, draft, edited

assert reader


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("@Maya Lindqvist, please", ["Maya Lindqvist, please"]),
        ("Ask (@Maya) or 問@王小明", ["Maya) or 問@王小明", "王小明"]),
        ("hana@aldermoor.example and `@Maya` and\n\n    @Maya", []),
        ("https://example.com/@maya", []),
        ("a lonely @ and @", []),
    ],
    ids=["plain", "in a sentence", "mail and code", "address", "alone"],
)
def test_a_call_is_an_at_sign_before_a_word_in_plain_text(text: str, calls: list[str]) -> None:
    assert calls_in(text) == calls


def test_a_name_is_called_whole_and_whatever_its_case() -> None:
    assert is_called("Maya Lindqvist", "maya lindqvist's desk")
    assert not is_called("Ann", "Anna")
    assert is_called("王小明", "王小明請看")
    html = render_markdown("@Ann and @Anna & **@Ann** `@Ann`", (), ("Ann", "Anna<b>"))
    assert html.count('<span class="mention">@Ann</span>') == 2
    assert "<code>@Ann</code>" in html
    assert '<span class="mention">' not in render_markdown('<span class="mention">x</span> @Ann')


async def told(session: AsyncSession, who: Browser) -> list[str]:
    query = select(Notification.reason).where(Notification.user_id == who.id).order_by(Notification.id)
    return list((await session.execute(query)).scalars())


async def test_who_is_called_hears_once_and_stands_out_in_the_text(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, otto: Browser, omar: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    sent = await hana.post(f"{url}/comments", htmx=True, note="What do you think, @otto brandt? And me, @Hana Sato?")
    assert '<span class="mention">@otto brandt</span>' in sent.text
    note = re.search(r"/comments/(\d+)/wording", sent.text)
    assert note is not None
    await dispatch()
    assert (await told(session, otto), await told(session, hana)) == (["mentioned"], [])
    assert "You were mentioned." in (await otto.get("/notifications")).text
    reworded = await hana.post(f"{url}/comments/{note[1]}/wording", note="@Otto Brandt and @Omar Haddad?")
    assert reworded.status_code == 303
    await dispatch()
    assert (await told(session, otto), await told(session, omar)) == (["mentioned"], ["mentioned"])
    line = (await omar.get("/notifications")).text
    assert f"?note={note[1]}#note-{note[1]}" in line, "the comment, not that it was edited"


async def test_the_writer_is_told_before_who_would_not_hear_and_may_open_the_ticket_to_them(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    url = f"/tickets/{ticket.ticket_no}"
    for who, may_open in ((hana, True), (daniel, False)):
        page = await who.post(f"{url}/comments", htmx=True, note="Ask @Otto Brandt")
        assert page.status_code == 422
        assert "will not be told: Otto Brandt." in page.text
        assert "Ask @Otto Brandt</textarea>" in page.text, "nothing typed is lost"
        assert ('value="open"' in page.text) == may_open
    api = await daniel.api("POST", f"{url}/notes", {"note": "Ask @Otto Brandt"})
    assert (api.status_code, api.json()["unheard"]) == (422, ["Otto Brandt"])
    assert (await daniel.post(f"{url}/comments", note="@Otto Brandt", unheard="open")).status_code == 403
    assert (await daniel.post(f"{url}/comments", note="@Otto Brandt is away", unheard="accept")).status_code == 303
    await dispatch()
    assert await told(session, otto) == []
    assert (await otto.get(url)).status_code == 404, "to be named lets nobody in"
    assert (await hana.post(f"{url}/comments", note="@Otto Brandt is back", unheard="open")).status_code == 303
    await dispatch()
    assert await told(session, otto) == ["mentioned"]
    assert "is back" in (await otto.get(url)).text


async def test_what_approvers_write_to_each_other_calls_approvers_only(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    said = {"note": "@Hana Sato and @Ada Kovac", "audience": "approvers"}
    refused = await daniel.post(f"/tickets/{ticket.ticket_no}/comments", htmx=True, **said)
    assert "will not be told: Hana Sato." in refused.text
    assert 'value="open"' not in refused.text
    await daniel.post(f"/tickets/{ticket.ticket_no}/comments", unheard="accept", **said)
    await dispatch()
    assert (await told(session, hana), await told(session, ada)) == ([], ["mentioned"])


async def test_a_description_calls_when_others_may_read_it_and_only_whom_it_did_not_call_before(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, otto: Browser, omar: Browser
) -> None:
    fields = {"affects": "me", "what": "Dark"}
    words = "Like @Otto Brandt had."
    ticket = await draft(session, hana, fields, form="it-incident", title="Dark screen", description=words)
    await session.commit()
    await dispatch()
    assert await told(session, otto) == []
    await hana.post(f"/tickets/{ticket.ticket_no}/submission")
    await dispatch()
    assert await told(session, otto) == ["mentioned"]
    assert '<span class="mention">@Otto Brandt</span>' in (await otto.get(f"/tickets/{ticket.ticket_no}")).text
    ticket.assignee_id = hana.id
    await session.commit()
    await edited(hana, ticket, description=f"{words} @Omar Haddad too?")
    await dispatch()
    assert (await told(session, otto), await told(session, omar)) == (["mentioned"], ["mentioned"])


async def test_people_are_offered_with_who_could_not_see_it_and_nothing_of_a_hidden_ticket(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    hidden = await ask(session, hana, visibility="restricted")
    for name, is_blind in (("otto", True), ("Kov", False)):
        offered = (await hana.get("/mentions", q=name, ticket=hidden.ticket_no)).text
        assert offered.count('role="option"') == 1
        assert ("cannot see this" in offered) == is_blind, name
    assert "cannot see this" not in (await otto.get("/mentions", q="Maya")).text
    there = await otto.get("/mentions", q="Maya", ticket=hidden.ticket_no)
    never = await otto.get("/mentions", q="Maya", ticket="PUR-999999")
    assert there.status_code == never.status_code == 404
    company.cast["omar"].deactivated_at = hidden.created_at
    await session.commit()
    assert await called_in(session, "@Omar Haddad") == {}
    assert "Omar" not in (await otto.get("/mentions", q="Omar")).text


async def test_a_votes_comment_a_reason_and_a_resolution_call_people_too_each_once(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, jonas: Browser,
    otto: Browser, omar: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    assert f'data-reason data-mentions="/mentions?ticket={ticket.ticket_no}"' in (await daniel.get(url)).text
    await decide(session, daniel, ticket.ticket_no, Decision.RETURN, "Ask @Otto Brandt and me, @Daniel Okafor.")
    await dispatch()
    assert (await told(session, otto), await told(session, daniel)) == (["mentioned"], []), "once, and not the writer"
    assert '<span class="mention">@Otto Brandt</span>' in (await otto.get(url)).text
    line = (await otto.get("/notifications")).text
    assert "Ask @Otto Brandt" in line
    work = await in_work(session, hana, jonas)
    resolved = await jonas.post(f"/tickets/{work}/resolution", htmx=True, resolution="With **@Omar Haddad**’s spare.")
    assert resolved.status_code == 200
    assert resolved.text.count('<span class="mention">@Omar Haddad</span>') == 2, "above, and on the timeline"
    await hana.post(f"/tickets/{work}/reopening", reason="Still dark, @otto brandt says.")
    await dispatch()
    assert (await told(session, omar), await told(session, otto)) == (["mentioned"], ["mentioned", "mentioned"])


async def test_a_reason_that_calls_somebody_blind_is_no_less_an_act_and_says_so_and_lets_nobody_in(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    url = f"/tickets/{ticket.ticket_no}"
    form = form_values((await daniel.get(url)).text, "/decision")
    said = {**form.values, "decision": "return", "comment": "Not before @Otto Brandt has <i>looked</i>."}
    answer = await daniel.submit(form.action, said)
    assert answer.status_code == 303
    page = (await daniel.get(url)).text
    assert "Not told, for they cannot see it: Otto Brandt." in unquote(str(answer.headers)) + page
    assert "&lt;i&gt;looked" in page
    withdrawn = await hana.post(f"{url}/cancellation", reason="@Otto Brandt was right.")
    assert withdrawn.status_code == 303
    await dispatch()
    assert await told(session, otto) == []
    assert (await otto.get(url)).status_code == 404


async def test_a_vote_that_is_taken_back_calls_nobody(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no, Decision.RETURN, "Ask @Otto Brandt.")
    undo = form_values((await daniel.get(f"/tickets/{ticket.ticket_no}")).text, "/retraction")
    assert (await daniel.submit(undo.action, undo.values)).status_code == 303
    await dispatch()
    assert await told(session, otto) == []


async def in_work(session: AsyncSession, hana: Browser, jonas: Browser) -> str:
    ticket = await ask(session, hana, {"affects": "me", "what": "Dark"}, form="it-incident", title="Dark screen")
    ticket.assignee_id, ticket.status = jonas.id, "in_progress"
    await session.commit()
    return ticket.ticket_no
