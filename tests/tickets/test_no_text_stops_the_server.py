"""Whatever somebody types costs others nothing: what is dear to format is shown as it was typed, and nothing long is
formatted where others wait for it."""

import asyncio
from html import unescape

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.web.markdown import LONG, MOST_MARKS, calls_in, made_ready, markdown_at_hand, plain_text, render_markdown
from tests.cast import Browser, Company
from tests.story import ask

DEAR = {
    "brackets": "[" * 50_000, "images": "![" * 25_000, "links": "[a][b" * 10_000, "nested": "[" * 25_000 + "]" * 25_000,
    "lines": "- a\n" * 12_500, "quotes": "> " * 25_000, "nested quotes": (">" * 30 + "\n") * 1_600,
    "stars": "*a" * 25_000, "both": "*_" * 25_000, "strokes": "~~a" * 16_000, "ticks": "`a " * 16_000,
    "headings": "# a\n" * 12_500, "wide table": "a|" * 8_000 + "\n" + "-|" * 8_000 + "\n" + "x\n" * 8_000,
}  # fmt: skip


@pytest.mark.parametrize("text", DEAR.values(), ids=DEAR)
async def test_a_text_that_is_dear_to_format_is_shown_as_it_was_typed(text: str) -> None:
    assert render_markdown(text).startswith("<p>")
    assert unescape(render_markdown(text).replace("<br>", "")).strip() == f"<p>{text}</p>"
    assert calls_in(f"@a {text}") == []
    assert len(plain_text(text)) <= LONG, "a line that quotes it reads its beginning only"


async def test_short_rows_under_a_wide_head_become_no_more_than_was_typed() -> None:
    wide = "a|" * 800 + "\n" + "-|" * 800 + "\n" + "x\n" * 2_000
    assert wide.count("|") + wide.count("\n") < MOST_MARKS
    assert render_markdown(wide).count("<td>") <= 2_000


async def test_what_a_call_says_is_no_more_than_a_name_however_long_the_text_is() -> None:
    calls = calls_in("@a " * 30_000)
    assert sum(map(len, calls)) <= 200 * 1_000


async def test_a_page_never_formats_a_long_text_itself() -> None:
    text = "**Long** words. " * LONG
    assert "<strong>" not in markdown_at_hand(text), "nobody made it ready: as it was typed"
    await asyncio.gather(*(made_ready([(text, (), ())]) for _ in range(3)))
    assert "<strong>Long</strong>" in markdown_at_hand(text)
    assert "<strong>short</strong>" in markdown_at_hand("**short**")


async def test_a_page_with_long_and_dear_texts_shows_all_of_them(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana, description="A **long** story. " * 200)
    url = f"/tickets/{ticket.ticket_no}"
    dear = "[" * 20_000
    assert (await hana.post(f"{url}/comments", note=dear)).status_code == 303
    for page in (await daniel.get(url), await daniel.get(f"{url}/print")):
        assert page.status_code == 200
        assert page.text.count("<strong>long</strong>") == 200
        assert f"<p>{dear}</p>" in page.text
    assert "<strong>long</strong>" in (await daniel.get("/approvals")).text
    preview = await hana.post("/preview", htmx=True, text="**so** " * LONG)
    assert "<strong>so</strong>" in preview.text
