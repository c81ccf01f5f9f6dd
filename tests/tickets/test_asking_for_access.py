"""Whoever is sent a link to a ticket that is not open to them asks for it, and learns nothing by asking."""

from collections.abc import Awaitable, Callable
from urllib.parse import unquote

import pytest
from litestar import Litestar
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import acting_as
from app.clock import utc_now
from app.notifications.models import NotificationRule
from app.tickets.asking_for_access.jobs import look_at_access_request
from app.tickets.asking_for_access.models import AccessRequest
from app.tickets.asking_for_access.service import A_WHILE, MOST_A_DAY
from app.tickets.models import Ticket, Visibility
from tests.cast import Browser, Company
from tests.dispatching import Dispatch
from tests.notifications.conftest import rules  # noqa: F401
from tests.page import first, form_values
from tests.story import ask

NEVER = "PUR-999999"
Work = Callable[[], Awaitable[None]]


@pytest.fixture
async def hidden(session: AsyncSession, company: Company, hana: Browser) -> Ticket:
    return await ask(session, hana, title="A severance, hush", visibility=Visibility.RESTRICTED)


@pytest.fixture
def work(session: AsyncSession, app: Litestar, dispatch: Dispatch) -> Work:
    """What the worker does for each request, twice, as it may happen; then whoever is told is told."""

    async def now() -> None:
        for request in (await session.execute(select(AccessRequest.id).order_by(AccessRequest.id))).scalars().all():
            for _ in range(2):
                told = {"request": request, "request_id": "r", "address": ""}
                await look_at_access_request(app.state.database, told)
        await dispatch()

    return now


async def asks(who: Browser, number: str, reason: str = "I audit it.") -> tuple[int, str, str]:
    answer = await who.post("/access-requests", ticket_no=number, reason=reason)
    return answer.status_code, answer.headers.get("location", ""), answer.text


async def requests_on(session: AsyncSession, ticket: Ticket) -> list[TicketNote]:
    query = select(TicketNote).filter_by(ticket_id=ticket.id, event_type="access_requested")
    return list((await session.execute(query)).scalars())


async def test_the_page_offers_it_for_any_number_alike(hidden: Ticket, otto: Browser) -> None:
    pages = [(await otto.get(f"/tickets/{number}")).text for number in (hidden.ticket_no, NEVER)]
    assert pages[0].replace(hidden.ticket_no, NEVER) == pages[1]
    form = form_values(pages[0], "/access-requests")
    assert form.values["ticket_no"] == hidden.ticket_no
    elsewhere = await otto.get("/views/999999")
    assert "/access-requests" not in elsewhere.text


async def test_a_script_asks_too_and_gets_one_answer_for_any_number(
    session: AsyncSession, hidden: Ticket, otto: Browser
) -> None:
    answers = []
    for number in (hidden.ticket_no, NEVER):
        body = {"ticket_no": number, "reason": "I audit it."}
        answer = await otto.api("POST", "/access-requests", body, idempotency_key=f"ask-{number}")
        again = await otto.api("POST", "/access-requests", body)
        assert again.json() == {"ticket_no": number, "again": True}
        answers.append((answer.status_code, answer.text.replace(number, "~"), sorted(answer.headers)))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (202, '{"ticket_no":"~","again":false}')
    assert len((await session.execute(select(AccessRequest))).scalars().all()) == 2
    for body, wrong in (
        ({"ticket_no": "pur-1", "reason": "x"}, "ticket_no"), ({"ticket_no": NEVER, "reason": " "}, "reason"),
        ({"ticket_no": NEVER}, "reason"), ({"ticket_no": NEVER, "reason": "x", "user_id": 1}, "user_id"),
    ):  # fmt: skip
        answer = await otto.api("POST", "/access-requests", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [wrong])


async def test_who_decides_hears_of_it_and_who_asks_only_of_a_yes(
    session: AsyncSession, hidden: Ticket, hana: Browser, otto: Browser, ada: Browser, jonas: Browser, work: Work,
    rules: dict[str, NotificationRule],  # noqa: F811
) -> None:  # fmt: skip
    assert (await asks(otto, hidden.ticket_no))[0] == 303
    await work()
    assert len(await requests_on(session, hidden)) == 1
    for told in (hana, ada):
        assert "asks to see this" in (await told.get("/notifications")).text
    for nobody in (otto, jonas):
        assert "asks to see this" not in (await nobody.get("/notifications")).text
    assert (await otto.get(f"/tickets/{hidden.ticket_no}")).status_code == 404
    page = (await hana.get(f"/tickets/{hidden.ticket_no}")).text
    assert "I audit it." in page
    assert f"Open it to {otto.user.name}" in page
    await hana.post(f"/tickets/{hidden.ticket_no}/grants", user_id=otto.id)
    await work()
    assert "opened this to" in (await otto.get("/notifications")).text
    assert (await otto.get(f"/tickets/{hidden.ticket_no}")).status_code == 200
    page = (await hana.get(f"/tickets/{hidden.ticket_no}")).text
    assert f"Open it to {otto.user.name}" not in page
    grant = first(r'name="remove" value="(\d+)"', page)
    await hana.post(f"/tickets/{hidden.ticket_no}/grants", remove=grant)
    assert f"Open it to {otto.user.name}" not in (await hana.get(f"/tickets/{hidden.ticket_no}")).text, "answered"
    await session.execute(update(AccessRequest).values(created_at=utc_now() - A_WHILE))
    await asks(otto, hidden.ticket_no)
    await work()
    assert f"Open it to {otto.user.name}" in (await hana.get(f"/tickets/{hidden.ticket_no}")).text, "asked anew"


async def test_a_role_that_gets_in_tells_those_of_it_who_asked(
    company: Company, hidden: Ticket, hana: Browser, elena: Browser, lucas: Browser, work: Work,
    rules: dict[str, NotificationRule],  # noqa: F811
) -> None:  # fmt: skip
    await asks(elena, hidden.ticket_no)
    await work()
    role = company.cast.roles["Data owners"].id
    await hana.post(f"/tickets/{hidden.ticket_no}/grants", role_id=role)
    await work()
    assert "opened this to" in (await elena.get("/notifications")).text
    assert "opened this to" not in (await lucas.get("/notifications")).text


async def test_hidden_deleted_open_and_never_used_are_one_answer_and_only_the_first_is_told(
    session: AsyncSession, hidden: Ticket, hana: Browser, otto: Browser, ada: Browser, work: Work
) -> None:
    opened = await ask(session, hana, title="For everybody")
    gone = await ask(session, hana, title="Gone", visibility=Visibility.RESTRICTED)
    with acting_as(await ada.actor()):
        assert (await ada.post(f"/tickets/{gone.ticket_no}/deletion")).status_code in {200, 303}
    numbers = [hidden.ticket_no, gone.ticket_no, opened.ticket_no, NEVER]
    answers = [await asks(otto, number) for number in numbers]
    assert len(set(answers)) == 1
    await work()
    assert [len(await requests_on(session, ticket)) for ticket in (hidden, gone, opened)] == [1, 0, 0]


async def test_asked_twice_within_minutes_is_one_request_and_the_second_is_told_so_whatever_the_number(
    session: AsyncSession, hidden: Ticket, otto: Browser, elena: Browser, work: Work
) -> None:
    first_answers = [await asks(otto, number) for number in (hidden.ticket_no, NEVER)]
    again = [
        await otto.post("/access-requests", ticket_no=number, reason="Again") for number in (hidden.ticket_no, NEVER)
    ]
    assert {status for status, *_ in first_answers} == {one.status_code for one in again} == {303}
    said = [unquote(one.headers["set-cookie"]) for one in again]
    assert "a moment ago" in said[0]
    assert said[0].replace(hidden.ticket_no, NEVER) == said[1]
    await asks(elena, hidden.ticket_no)
    await work()
    assert [note.created_by for note in await requests_on(session, hidden)] == [otto.id, elena.id]


async def test_what_is_not_there_below_a_ticket_is_a_plain_404_for_whoever_sees_it_and_for_whoever_does_not(
    session: AsyncSession, hidden: Ticket, hana: Browser, otto: Browser
) -> None:
    for who in (hana, otto):
        page = await who.get(f"/tickets/{hidden.ticket_no}/nonsense")
        assert (page.status_code, "/access-requests" in page.text) == (404, False)
    beside = await hana.get(f"/tickets/{hidden.ticket_no}/files/999999")
    assert (beside.status_code, "/access-requests" in beside.text) == (404, False)
    assert "/access-requests" in (await otto.get(f"/tickets/{hidden.ticket_no}/files/999999")).text


async def test_so_many_a_day_whether_there_is_such_a_ticket_or_not(
    session: AsyncSession, hidden: Ticket, otto: Browser, hana: Browser
) -> None:
    for number in range(MOST_A_DAY):
        assert (await asks(otto, f"PUR-{900_000 + number}"))[0] == 303
    refused = [await asks(otto, number) for number in (hidden.ticket_no, NEVER)]
    assert [status for status, *_ in refused] == [429, 429]
    assert refused[0] == refused[1]
    assert (await asks(hana, NEVER))[0] == 303


async def test_without_a_reason_nothing_is_asked_and_the_form_stays(
    session: AsyncSession, hidden: Ticket, otto: Browser
) -> None:
    status, _location, page = await asks(otto, hidden.ticket_no, reason=" ")
    assert status == 422
    assert form_values(page, "/access-requests").values["ticket_no"] == hidden.ticket_no
    assert (await asks(otto, "no number"))[0] == 404
    too_long = "I audit it. " * 100
    status, _location, page = await asks(otto, hidden.ticket_no, reason=too_long)
    assert status == 422
    assert form_values(page, "/access-requests").values["reason"].strip() == too_long.strip(), "nothing typed is lost"
    assert 'aria-invalid="true"' in page
    assert (await session.execute(select(AccessRequest))).first() is None
