"""What somebody types, chooses or looks at stays theirs in the moment in which the page is exchanged."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.tickets.conversation import Conversation
from app.tickets.handling import Handling
from tests.journeys.site import Site
from tests.journeys.steps import status_is
from tests.journeys.test_no_press_is_lost import ticket_page
from tests.journeys.test_what_others_do_shows_by_itself import as_somebody, asked
from tests.story import CAMERAS, ask, decide
from tests.waiting import until

pytestmark = pytest.mark.browser
NOTE = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"a plan"}
LOOKS_WHERE_THE_FOCUS_IS = """() => {
  const { port1, port2 } = new MessageChannel();
  const where = () => document.activeElement.getAttribute("popovertarget") ?? document.activeElement.localName;
  window.focused = [where()];
  port1.onmessage = () => {
    if (where() !== window.focused.at(-1)) window.focused.push(where());
    port2.postMessage(null);
  };
  port2.postMessage(null);
}"""
"""In every turn of the page's loop, as a key would."""


@dataclass
class Sent:
    is_sent: asyncio.Event = field(default_factory=asyncio.Event)
    may_come: asyncio.Event = field(default_factory=asyncio.Event)

    async def on_its_way(self) -> None:
        await asyncio.wait_for(self.is_sent.wait(), 30)

    def comes(self) -> None:
        self.may_come.set()


@asynccontextmanager
async def on_its_way(page: Any, path: str, *, fails: bool = False) -> AsyncIterator[Sent]:
    """A request that is sent inside has its answer when it may come, and at the end at the latest."""
    sent = Sent()

    async def late(route: Any) -> None:
        sent.is_sent.set()
        await sent.may_come.wait()
        await (route.fulfill(status=401) if fails else route.continue_())

    await page.route(path, late)
    try:
        yield sent
    finally:
        sent.comes()


def composer(page: Any) -> Any:
    return page.get_by_label("Comment", exact=True)


async def test_what_is_written_on_while_a_comment_is_on_its_way_begins_the_next_one(site: Site) -> None:
    ticket = await asked(site, "Written on")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    async with on_its_way(page, "**/comment-files") as sent:
        await composer(page).fill("The first.")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await sent.on_its_way()
        await composer(page).press("End")
        await composer(page).press_sequentially(" And the second")
        sent.comes()
        await page.locator(".tl .prose", has_text="The first.").wait_for()
        assert await composer(page).input_value() == "And the second"
        assert await page.locator(".tl .prose", has_text="And the second").count() == 0
        await page.get_by_text("Draft kept").wait_for()
        await page.reload()
        assert await composer(page).input_value() == "And the second"


async def test_a_comment_that_could_not_be_kept_as_a_draft_does_not_come_back_once_it_was_sent(site: Site) -> None:
    ticket = await asked(site, "Sent all the same")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    await page.route("**/comments/draft", lambda route: route.fulfill(status=401))
    async with page.expect_response("**/comments/draft"):
        await composer(page).fill("Only once")
    await until(lambda: page.evaluate("sessionStorage.length"))
    await page.get_by_role("button", name="Comment", exact=True).click()
    await page.locator(".tl .prose", has_text="Only once").wait_for()
    await page.unroute("**/comments/draft")
    await page.reload()
    assert await composer(page).input_value() == ""


async def test_a_comment_that_is_being_changed_stays_open_over_what_one_does_beside_it(site: Site) -> None:
    ticket = await asked(site, "Changed beside")
    async with as_somebody(site, "hana") as (session, hana):
        talk = Conversation(session, await hana.actor())
        await talk.comment(await talk.lock(ticket.ticket_no), "As it was.")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    await page.locator(".tl details summary").first.click()
    wording = page.get_by_role("textbox", name="Your comment")
    await wording.fill("As it shall be.")
    async with page.expect_response("**/subscription**"):
        await page.locator(".actions form .btn").first.click()
    await page.get_by_role("button", name="Watch", exact=True).or_(page.get_by_text("Stop watching")).wait_for()
    assert await wording.is_visible()
    assert await wording.input_value() == "As it shall be."
    await page.locator(".tl details[open]").get_by_role("button", name="Save").click()
    await page.locator(".tl .prose", has_text="As it shall be.").wait_for()
    assert not await wording.is_visible(), "once it is saved it closes"


async def test_a_text_that_is_written_on_is_not_hidden_by_its_preview_and_a_list_that_is_gone_takes_no_key(
    site: Site,
) -> None:
    ticket = await asked(site, "Previewed late")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    async with on_its_way(page, "**/preview") as sent:
        await composer(page).fill("Half")
        await page.get_by_role("button", name="Preview").click()
        await sent.on_its_way()
        await composer(page).focus()
        await composer(page).press("End")
        async with page.expect_response("**/preview"):
            sent.comes()
            await page.keyboard.type(" of it")
        await page.keyboard.type(", and the rest")
        assert await composer(page).input_value() == "Half of it, and the rest"
        await composer(page).fill("")
        await page.keyboard.type("@otto")
        await page.locator("#mention-choices").get_by_text("Otto Brandt").wait_for()
        await page.evaluate("document.getElementById('mention-choices').remove()")  # as a part that is drawn anew does
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        assert await composer(page).input_value() == "@otto\n"


async def test_the_space_bar_presses_and_the_focus_stays_on_what_others_acts_draw_anew(site: Site) -> None:
    ticket = await asked(site, "Held by the space bar")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    watch = page.locator(".actions form .btn").first
    words = (await watch.inner_text()).strip()
    await watch.focus()
    await page.keyboard.down(" ")
    async with page.expect_response("**/state"), as_somebody(site, "daniel") as (session, daniel):
        await decide(session, daniel, ticket.ticket_no)
    async with page.expect_response("**/subscription**"):
        await page.keyboard.up(" ")
    await page.get_by_role("button", name="Stop watching" if words == "Watch" else "Watch", exact=True).wait_for()
    await status_is(page, "Open")
    await page.locator(".actions [popovertarget]").first.focus()
    await page.evaluate(LOOKS_WHERE_THE_FOCUS_IS)
    async with as_somebody(site, "jonas") as (session, jonas):
        desk = Handling(session, await jonas.actor())
        await desk.take(await desk.lock(ticket.ticket_no))
    await status_is(page, "In progress")
    assert len(await page.evaluate("focused")) == 1, "a key that comes at any moment finds it on the same button"


async def test_files_that_are_there_are_sent_no_second_time_and_those_given_meanwhile_stay_chosen(site: Site) -> None:
    ticket = await asked(site, "With files")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    chosen = "[...document.querySelector('.composer input[type=file]').files].map((one) => one.name)"
    async with on_its_way(page, "**/comment-files") as sent:
        files = page.get_by_label("Files for this comment")
        await files.set_input_files([NOTE])
        await composer(page).fill("Here it is.")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await sent.on_its_way()
        await page.evaluate(
            "() => { const more = new DataTransfer();"
            " more.items.add(new File(['b'], 'more.txt', { type: 'text/plain' }));"
            " document.querySelector('.composer textarea').dispatchEvent("
            "new DragEvent('drop', { dataTransfer: more, bubbles: true, cancelable: true })); }"
        )
        sent.comes()
        await page.locator(".tl").get_by_role("link", name="plan.txt").first.wait_for()
        assert await page.evaluate(chosen) == ["more.txt"]


async def test_what_was_sent_takes_no_more_words_and_what_failed_takes_them_again(site: Site) -> None:
    ticket = await asked(site, "Edited and sent")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    await page.get_by_role("link", name="Edit").click()
    title = page.get_by_label("Title")
    await title.fill("Edited")
    async with on_its_way(page, "**/edit", fails=True) as sent:
        await page.get_by_role("button", name="Save", exact=True).last.click()
        await sent.on_its_way()
        await title.focus()
        await page.keyboard.type("x")
        assert await title.input_value() == "Edited", "it would be gone with the answer"
        sent.comes()
        await page.locator("[data-request-failed]").wait_for()
        await page.keyboard.type("!")
        assert "!" in await title.input_value()


async def test_the_filter_takes_no_focus_away_from_where_somebody_went_meanwhile(site: Site) -> None:
    await asked(site, "Filtered")
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets?add=1")
    field = page.locator("[data-condition] select[name$='.field']").first
    await field.wait_for()
    async with on_its_way(page, "**/tickets/filters**") as sent:
        await field.select_option(index=1)
        await sent.on_its_way()
        words = page.locator("#main input[type=search]").first
        await words.focus()
        async with page.expect_response("**/tickets/filters**"):
            sent.comes()
            await page.keyboard.type("ther")
        await page.locator("[data-condition] select[name$='.op']").first.wait_for()
        await page.keyboard.type("mal")
        assert await words.input_value() == "thermal"


async def test_a_page_with_words_that_are_kept_nowhere_asks_before_it_goes(site: Site) -> None:
    ticket = await asked(site, "Asked before it goes")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    questions: list[str] = []

    async def stay(dialog: Any) -> None:
        questions.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await composer(page).press_sequentially("A comment is kept")
    await page.get_by_text("Draft kept").wait_for()
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    title = page.get_by_label("Title")
    await title.press("End")
    await title.press_sequentially(", in words")
    async with page.expect_event("dialog"):
        await page.get_by_role("link", name="Notifications").first.click()
    assert await title.input_value() == "Asked before it goes, in words"
    await page.get_by_role("button", name="Save", exact=True).first.click()
    await page.get_by_role("heading", name="Asked before it goes, in words").wait_for()
    await page.get_by_role("link", name="Notifications").first.click()
    await page.wait_for_url("**/notifications")
    assert questions == ["beforeunload"], "what is saved, and a comment that is kept, may be left"


async def test_a_reason_is_there_again_after_a_look_at_the_next_request_or_at_handing_over(site: Site) -> None:
    tickets = [await asked(site, title) for title in ("Reason one", "Reason two")]
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/approvals")
    reason = page.locator("#pane textarea[name=comment]")

    async def shows(title: str) -> None:
        await page.locator("#pane h2.ttl1").get_by_text(title).wait_for()

    await page.locator("#queue").get_by_text("Reason one", exact=True).click()
    await shows("Reason one")
    await reason.fill("Too dear for what it is")
    await page.keyboard.press("Escape")
    await page.locator("#queue").get_by_text("Reason two", exact=True).click()
    await shows("Reason two")
    assert await reason.input_value() == "", "what was written of another request is not said of this one"
    await page.locator("#queue").get_by_text("Reason one", exact=True).click()
    await shows("Reason one")
    assert await reason.input_value() == "Too dear for what it is"
    await page.goto(f"{site.url}/tickets/{tickets[0].ticket_no}")
    reason = page.locator(".apv textarea[name=comment]")
    assert await reason.input_value() == "Too dear for what it is"
    await page.locator("[data-act=delegate]").click()
    await page.locator("[data-cancel]").wait_for()
    assert await page.evaluate("document.activeElement.name") == "to_user_id"
    await page.locator("[data-cancel]").click()
    await reason.wait_for()
    assert await reason.input_value() == "Too dear for what it is"
    await page.locator("[data-act=reject]").click()
    await status_is(page, "Rejected")
    assert await page.evaluate("JSON.parse(sessionStorage.getItem('reasons')).texts") == {}


async def test_a_reason_stands_beside_the_refusal_where_others_were_quicker(site: Site) -> None:
    async with as_somebody(site, "hana") as (session, hana):
        ticket = await ask(session, hana, {**CAMERAS, "supplier_is_new": False}, title="Others were quicker")
    for key in ("daniel", "tomas"):
        async with as_somebody(site, key) as (session, who):
            await decide(session, who, ticket.ticket_no)
    page = await ticket_page(site, "maya", ticket.ticket_no)
    await page.locator(".apv textarea[name=comment]").fill("Two quotes, please")
    async with as_somebody(site, "ruth") as (session, ruth):
        await decide(session, ruth, ticket.ticket_no)
    await page.locator("[data-act=reject]").click()
    await page.locator(".apv").get_by_text("Already approved by Ruth Adeyemi").wait_for()
    await page.get_by_text(re.compile(r"\d new")).first.wait_for()
    await asyncio.sleep(0.5)
    assert await page.locator(".apv").get_by_text("Two quotes, please").is_visible()
    assert await page.locator(".apv").get_by_text("Already approved by Ruth Adeyemi").is_visible()


async def test_a_key_of_an_input_method_does_nothing_else(site: Site) -> None:
    """As somebody does who writes 採購 and takes a syllable back."""
    ticket = await asked(site, "Written by syllables")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    await composer(page).press_sequentially("ㄘㄞˇ")
    for is_composing, focused in ((True, "textarea"), (False, "body")):
        key = {"key": "Escape", "bubbles": True, "cancelable": True, "isComposing": is_composing}
        await page.evaluate("(key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', key))", key)
        assert await page.evaluate("document.activeElement.localName") == focused
    assert await composer(page).input_value() == "ㄘㄞˇ"
