"""Files of a request that is being written: kept with it, its writer's alone, and the ticket's when it is sent."""

import httpx
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.models import DraftFile, TicketAttachment
from app.attachments.storage import Disk
from app.attachments.sweep import sweep
from app.clock import utc_now
from app.tickets.models import Ticket
from tests.attachments.conftest import blobs
from tests.cast import Browser, Company
from tests.page import first, form_values

FORM = "/tickets/new/purchase-request"
PDF = b"%PDF-1.7 a quote"
ANSWERS = {
    "title": "Two desks", "fields.amount": "900", "fields.cost_center": "cc_4410", "fields.supplier": "Kestrel",
    "fields.budgeted": "true",
}  # fmt: skip


async def attach(who: Browser, *files: tuple[str, bytes]) -> httpx.Response:
    return await who.upload(f"{FORM}/files", *files, htmx=True)


async def test_they_are_kept_with_the_draft_and_go_to_the_ticket_before_it_is_submitted(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, daniel: Browser, storage: Disk
) -> None:
    kept = await attach(hana, ("quote.pdf", PDF))
    assert "quote.pdf" in kept.text
    url = first(rf'href="({FORM}/files/\d+)', kept.text)
    assert (await hana.get(url)).content == PDF
    assert (await daniel.get(url)).status_code == 404, "nobody else sees them"
    assert (await daniel.post(f"{url}/removal")).status_code == 404
    assert "quote.pdf" in (await hana.get(FORM)).text, "and they are there again later"
    assert "quote.pdf" not in (await daniel.get(FORM)).text
    form = form_values((await hana.get(FORM)).text, FORM)
    refused = await hana.submit(FORM, {**form.values, "act": "submit"}, htmx=True)
    assert (refused.status_code, "quote.pdf" in refused.text) == (422, True), "a refused request keeps them"
    made = await hana.submit(FORM, {**form.values, **ANSWERS, "act": "submit"})
    assert made.status_code == 303, made.text
    ticket = (await session.execute(select(Ticket))).scalar_one()
    [file] = (await session.execute(select(TicketAttachment))).scalars().all()
    assert (file.ticket_id, file.file_name, ticket.status) == (ticket.id, "quote.pdf", "waiting_approval")
    assert (await daniel.get(f"/tickets/{ticket.ticket_no}/files/{file.id}")).content == PDF
    assert "quote.pdf" not in (await hana.get(FORM)).text
    await sweep(app.state.database, storage, now=utc_now().replace(year=utc_now().year + 1))
    assert len(blobs(storage)) == 1, "its bytes stay"


async def test_what_is_removed_or_dropped_is_swept_and_what_is_kept_is_not(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, storage: Disk
) -> None:
    later = utc_now().replace(year=utc_now().year + 1)
    kept = await attach(hana, ("a.pdf", PDF), ("b.pdf", PDF))
    await sweep(app.state.database, storage, now=later)
    assert len(blobs(storage)) == 2
    url = first(rf'href="({FORM}/files/\d+)', kept.text)
    left = await hana.post(f"{url}/removal", htmx=True)
    assert ("a.pdf" in left.text, "b.pdf" in left.text) == (False, True)
    await sweep(app.state.database, storage, now=later)
    assert len(blobs(storage)) == 1
    await hana.post(f"{FORM}/removal")
    await sweep(app.state.database, storage, now=later)
    assert blobs(storage) == []


async def test_no_more_is_kept_than_its_ticket_may_hold_and_only_for_forms_that_are_theirs(
    session: AsyncSession, app: Litestar, company: Company, hana: Browser, storage: Disk
) -> None:
    limits = app.state.limits
    app.state._state["limits"] = type(limits)(left_on_disk=0, per_file=100, files_per_ticket=2)
    too_large = await attach(hana, ("a.pdf", b"x" * 101))
    assert (too_large.status_code, "is too large: a file has at most 100 bytes." in too_large.text) == (413, True)
    await attach(hana, ("a.pdf", PDF), ("b.pdf", PDF))
    too_many = await attach(hana, ("c.pdf", PDF))
    assert (too_many.status_code, "at most 2 files" in too_many.text) == (422, True)
    assert len(blobs(storage)) == 2, "what is refused leaves nothing"
    assert len((await session.execute(select(DraftFile))).all()) == 2
    assert (await hana.upload("/tickets/new/nothing-here/files", ("a.pdf", PDF))).status_code == 404
