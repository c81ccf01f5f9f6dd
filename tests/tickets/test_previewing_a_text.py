"""A text is shown before it is sent exactly as it will be read afterwards."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from app.web.markdown import render_markdown
from tests.cast import Browser, Company
from tests.story import ask

TEXT = """\
## Before Monday

- [x] quote from **Nordtherm**
- [ ] approval, @Daniel Okafor
- a plain point

| what | how many |
| --- | ---: |
| cameras | 24 |

```
<script>alert("never")</script>
```
<img src=x onerror=alert(1)> [x](javascript:alert(2))
"""


def test_tables_tasks_and_code_are_understood() -> None:
    html = render_markdown(TEXT)
    for part in (
        "<h2>",
        "<table>",
        "<pre><code>",
        '<li class="task">☑ quote',
        '<li class="task">☐ approval',
        "<li>a plain",
    ):
        assert part in html, part
    assert "☐" not in render_markdown("[ ] no list\n\n`- [ ] code`")


async def test_the_preview_is_what_is_read_afterwards(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    previewed = await otto.post("/preview", htmx=True, text=TEXT)
    shown = re.search(r'<div class="preview prose"[^>]*>(.*)</div>', previewed.text, re.DOTALL)
    assert shown is not None
    assert '<span class="mention">@Daniel Okafor</span>' in shown[1]
    await otto.post(f"/tickets/{ticket.ticket_no}/comments", note=TEXT)
    page = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert shown[1] in page
    assert "<script>alert" not in page + previewed.text
    assert "Nothing to show yet." in (await otto.post("/preview", htmx=True, text=" ")).text
    assert (await otto.post("/preview", htmx=True, text="a \0")).status_code == 422
    assert (await otto.post("/preview", csrf=False, text="x")).status_code == 403


def test_pasted_addresses_are_links_without_the_sentence_around_them() -> None:
    for text, addresses in (
        (
            "See https://a.example/x?b=c&d=e_f_g. And (http://b.example/a_(b)), please!",
            ["https://a.example/x?b=c&d=e_f_g", "http://b.example/a_(b)"],
        ),
        ("請看https://a.example/報價，謝謝", ["https://a.example/"]),
        (
            "[quote](https://a.example) and [https://b.example](https://c.example)",
            ["https://a.example", "https://c.example"],
        ),
        ("`https://a.example` xhttps://b.example ftp://c.example javascript:alert(1)", []),
        (
            "https://a.example/_static/_x_/*y*/z, *https://b.example/*",
            ["https://a.example/_static/_x_/*y*/z", "https://b.example/"],
        ),
        ("https://a.example了 ![https://b.example](x) <https://c.example>", ["https://a.example", "https://c.example"]),
        ('https://"onclick=alert(1) https://a.example/"><script>', ["https://a.example/"]),
    ):
        assert re.findall(r'<a href="([^"]*)"', render_markdown(text).replace("&amp;", "&")) == addresses, text
    assert render_markdown("https://a.example ok").startswith('<p><a href="https://a.example" rel="noopener')
    assert '<span class="mention">@Ada</span>' in render_markdown("@Ada https://a.example/@Ada", (), ("Ada",))
