"""A comment brings its files with it, and shows its own pictures (product.md §4; promises.md F2)."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.storage import Disk
from app.web.markdown import render_markdown
from tests.attachments.makers import PDF, png
from tests.cast import Browser, Company
from tests.story import ask


async def test_a_picture_in_a_comment_is_shown_where_it_is_spoken_of(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, storage: Disk
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/comment-files"
    note = "See ![front](attachment:the%20front.png) and ![x](attachment:other.png)"
    answer = await otto.upload(url, ("the front.png", png()), ("quote.pdf", PDF), note=note, command="once")
    assert answer.status_code == 303, answer.text
    await otto.upload(url, ("the front.png", png()), note=note, command="once")
    page = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert page.count(f'<img src="{url}/') == 1
    assert page.count("quote.pdf</b>") == 1
    address = page.split('<img src="')[1].split('"')[0]
    assert (await hana.get(address)).headers["content-disposition"].startswith("inline")


async def test_a_comment_that_is_refused_keeps_what_was_typed_and_leaves_no_file(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, storage: Disk
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/comment-files"
    refused = await otto.upload(url, ("a.png", png()), note="Mine.", audience="approvers")
    assert refused.status_code == 403
    assert "Mine." in refused.text
    assert (await otto.upload(url, ("a.png", png()), note=" ")).status_code == 422
    assert [path for path in storage.folder.rglob("*") if path.is_file()] == []
    assert (await otto.upload(url, ("", b""), note="Only words.")).status_code == 303


def test_nothing_is_fetched_from_elsewhere() -> None:
    images = (("a.png", "/tickets/PUR-1/comment-files/1"),)
    for source in ("https://elsewhere.example/a.png", "//elsewhere.example/a.png", "/sign-out", "attachment:b.png"):
        html = render_markdown(f"![words]({source})", images)
        assert "<img" not in html
        assert "words" in html
    assert '<img src="/tickets/PUR-1/comment-files/1" alt="words">' in render_markdown(
        "![words](attachment:a.png)", images
    )
