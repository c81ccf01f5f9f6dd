"""Each tab's number is what its list has for this reader, and costs the page itself nothing."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.commands import Decision
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.models import Visibility
from tests.cast import Browser, Company
from tests.page import form_values
from tests.queries import counting
from tests.story import CAMERAS, ask, decide

COUNTS = "/approvals/counts"


async def counted(who: Browser) -> dict[str, int]:
    answer = await who.get(COUNTS, htmx=True)
    assert answer.status_code == 200
    found = re.findall(r'<span class="c" id="([\w-]+)-n" data-count="(\d+)" hx-swap-oob="true">', answer.text)
    return {tab: int(number) for tab, number in found}


async def rows_of(who: Browser, queue: str) -> int:
    return (await who.get(f"/approvals?q={queue}")).text.count("<tr data-item")


async def test_each_tab_says_how_many_its_list_has_for_who_looks(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, aisha: Browser,
    otto: Browser,
) -> None:  # fmt: skip
    first, second = await ask(session, hana), await ask(session, hana, {**CAMERAS, "supplier_is_new": False})
    await ask(session, hana, visibility=Visibility.RESTRICTED)
    await decide(session, daniel, first.ticket_no, Decision.RETURN, "Two quotes, please.")
    assert await counted(daniel) == {"sent-back": 1, "coming-up": 0}
    assert await counted(maya) == {"sent-back": 0, "coming-up": 1}, "a restricted one comes up for nobody yet"
    assert await counted(aisha) == {"sent-back": 0, "coming-up": 0}
    await decide(session, daniel, second.ticket_no)
    for who in (daniel, maya, aisha, otto):
        assert await counted(who) == {queue: await rows_of(who, queue) for queue in ("sent-back", "coming-up")}
    assert await counted(otto) == {"sent-back": 0, "coming-up": 0}


async def test_the_page_asks_for_them_once_it_is_there(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    page = (await daniel.get("/approvals")).text
    assert f'hx-get="{COUNTS}" hx-trigger="load, toast from:document"' in page
    assert '<span class="c" id="sent-back-n"></span>' in page
    with counting() as statements:
        await counted(daniel)
    assert len([one for one in statements if "foreseen" in one]) == 1


async def test_what_comes_and_goes_while_one_looks_moves_every_number(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    gone, _stays = await ask(session, hana), await ask(session, hana)
    seats = re.findall(r'name="shown" value="(\d+)"', (await daniel.get("/approvals")).text)
    desk = ApprovalDesk(session, await hana.actor())
    await desk.withdraw(await desk.lock(gone.ticket_no))
    await session.commit()
    shown = "&".join(f"shown={seat}" for seat in seats)
    news = (await daniel.get(f"/approvals/news?after={max(map(int, seats))}&{shown}", htmx=True)).text
    assert news.count("No longer waits") == 1
    for number in ("waiting-n", "queue-week-n"):
        assert re.search(f'id="{number}"[^>]*data-count="1"[^>]*hx-swap-oob', news), number
    form = form_values((await daniel.get(f"/approvals/{seats[1]}")).text, "/decision")
    late = await daniel.submit(f"/approvals/{seats[0]}/decision", {**form.values, "decision": "approve"}, htmx=True)
    assert late.status_code == 409
    assert "This request was withdrawn by whoever asked." in late.text
