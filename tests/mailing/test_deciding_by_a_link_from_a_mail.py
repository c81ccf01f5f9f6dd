"""A mail asks, its link shows, and only a signed-in person's POST decides (approvals.md, rule 15)."""

import re
from email.message import EmailMessage
from typing import Any

import httpx
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.activity.models import AuditEntry
from app.approvals.email_links import LinkFor, new_link
from app.approvals.models import ApprovalProcessStepApprover, EmailLink
from app.mailing.models import MailDelivery
from app.tickets.approving.desk import ApprovalDesk
from tests.cast import Browser, Cast, Company
from tests.mailing.conftest import MailServer, Send
from tests.page import form_values
from tests.story import ask, decide, edited, republish_flow
from tests.work.test_what_is_escalated_to_somebody import overdue


def link_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"^http://test(/a/\S{43})\r?$", body.get_content(), re.MULTILINE)
    assert found is not None
    return found.group(1)


async def votes(session: AsyncSession) -> int:
    acted = select(func.count()).where(ApprovalProcessStepApprover.acted_by.is_not(None))
    return (await session.execute(acted)).scalar_one()


async def by_link(who: Browser, link: str, decision: str = "approve", comment: str = "") -> httpx.Response:
    form = form_values((await who.get(link)).text, link)
    return await who.submit(link, {**form.values, "decision": decision, "comment": comment})


async def test_who_is_asked_gets_a_mail_and_decides_by_its_link_once(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await dispatch()
    await send()
    assert [mail["To"].addresses[0].display_name for mail in mail_server.mails] == ["Daniel Okafor"]
    (mail,) = mail_server.mails
    assert mail["Subject"] == f"{ticket.ticket_no} waits for your decision: Replace 24 thermal cameras"
    link = link_in(mail)
    shown = await daniel.get(link)
    assert "Replace 24 thermal cameras" in shown.text
    assert "You sign as Daniel Okafor." in shown.text
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in shown.headers["cache-control"]
    assert await votes(session) == 0
    first = await by_link(daniel, link)
    assert (first.status_code, first.headers["location"]) == (303, link)
    second = await daniel.submit(link, {"decision": "reject", "content_hash": "0" * 64, "comment": "No"})
    assert second.status_code == 200
    assert "You approved this." in second.text
    assert await votes(session) == 1
    via = select(ApprovalProcessStepApprover.via).where(ApprovalProcessStepApprover.acted_by == daniel.id)
    assert (await session.execute(via)).scalar_one() == "email"
    token = link.removeprefix("/a/")
    stored = (await session.execute(select(EmailLink.token_sha256))).scalars().all()
    assert len(stored) == 1
    assert len(stored[0]) == 32
    assert token.encode() not in stored[0]


async def test_its_form_decides_as_browsers_send_it_from_a_page_that_tells_no_referrer(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser,
) -> None:  # fmt: skip
    await ask(session, hana)
    await ask(session, hana, title="Six standing desks")
    await dispatch()
    await send()
    links = [link_in(mail) for mail in mail_server.mails]
    unnamed = {"origin": "null"}  # what becomes of `Origin` under `Referrer-Policy: no-referrer`
    by_https, by_http = unnamed | {"sec-fetch-site": "same-origin"}, unnamed
    for link, sent in zip(links, (by_https, by_http), strict=True):
        form = form_values((await daniel.get(link)).text, link)
        daniel.headers = sent | {"sec-fetch-site": "cross-site"}
        assert (await daniel.submit(link, {**form.values, "decision": "approve"})).status_code == 403
        daniel.headers = sent
        assert (await daniel.post(link, csrf=False, decision="approve")).status_code == 403
        assert (await daniel.submit(link, {**form.values, "decision": "approve"})).status_code == 303
    assert await votes(session) == 2


async def test_whom_an_overdue_seat_is_escalated_to_gets_a_mail_too(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, ingrid: Browser,
) -> None:  # fmt: skip
    ticket = await overdue(session, company, hana)
    await dispatch()
    await send()
    (mail,) = mail_server.to("ingrid")
    shown = await ingrid.get(link_in(mail))
    assert ticket.title in shown.text
    assert "You sign as Ingrid Solberg for Daniel Okafor." in shown.text
    assert (await by_link(ingrid, link_in(mail))).status_code == 303
    assert await votes(session) == 1


async def test_scanners_and_other_people_decide_nothing(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser, maya: Browser, otto: Browser, ada: Browser, client: httpx.AsyncClient,
) -> None:  # fmt: skip
    await ask(session, hana)
    await dispatch()
    await send()
    link = link_in(mail_server.mails[0])
    for method in ("GET", "HEAD", "POST"):
        answer = await client.request(method, link, data={"decision": "approve"} if method == "POST" else None)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    assert (await client.get(link)).headers["location"] == f"/sign-in?next={link.replace('/', '%2F')}"
    await daniel.client.head(link, headers={"cookie": f"countersign={daniel.session_token}"})
    assert (await daniel.post(link, csrf=False, decision="approve")).status_code == 403
    never = "/a/" + "x" * 43
    for stranger in (maya, otto, ada, hana):
        theirs, unknown = await stranger.get(link), await stranger.get(never)
        assert theirs.status_code == unknown.status_code == 404
        assert theirs.text.replace(link, "") == unknown.text.replace(never, "")
        assert (await stranger.post(link, decision="approve", content_hash="0" * 64)).status_code == 404
    assert await votes(session) == 0


async def test_a_link_ends_with_its_request_and_says_so(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser, maya: Browser, tomas: Browser, ruth: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    await dispatch()
    await send()
    links = {name: link_in(mail_server.to(name)[0]) for name in ("maya", "tomas", "ruth")}
    await session.execute(update(EmailLink).where(EmailLink.user_id == ruth.id).values(expires_at=func.now()))
    expired = await ruth.get(links["ruth"])
    assert "This link has expired" in expired.text
    assert f'href="/tickets/{ticket.ticket_no}"' in expired.text
    await session.commit()
    changed = await edited(hana, ticket, title="Replace 30 thermal cameras", accept_rewind="yes")
    assert changed.status_code == 303
    stale = await maya.get(links["maya"])
    assert "has changed since this mail was sent" in stale.text
    assert "Replace 24 thermal cameras" in stale.text
    refused = await maya.submit(links["maya"], {"decision": "approve", "content_hash": "0" * 64})
    assert refused.status_code == 409
    desk = ApprovalDesk(session, await hana.actor())
    await desk.withdraw(await desk.lock(ticket.ticket_no))
    await session.commit()
    held = select(func.count()).where(EmailLink.revoked_at.is_(None))
    assert (await session.execute(held)).scalar_one() == 0
    assert "decides nothing any more" in (await tomas.get(links["tomas"])).text


async def test_a_vote_taken_back_and_a_seat_handed_over_bring_new_links(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser, elena: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await dispatch()
    await send()
    await by_link(daniel, link_in(mail_server.mails[0]))
    mine = select(ApprovalProcessStepApprover.id).where(ApprovalProcessStepApprover.acted_by == daniel.id)
    seat = (await session.execute(mine)).scalar_one()
    await daniel.post(f"/approvals/{seat}/retraction")
    await dispatch()
    await send()
    assert len(mail_server.to("daniel")) == 2
    second = link_in(mail_server.to("daniel")[1])
    assert 'value="approve"' in (await daniel.get(second)).text
    query = select(ApprovalProcessStepApprover.id).where(ApprovalProcessStepApprover.status == "pending")
    waiting = (await session.execute(query.where(ApprovalProcessStepApprover.user_id == daniel.id))).scalar_one()
    given = await daniel.post(f"/approvals/{waiting}/delegation", to_user_id=elena.id, reason="Yours this week")
    assert given.status_code == 303, given.text
    await dispatch()
    await send()
    assert "decides nothing any more" in (await daniel.get(second)).text
    await by_link(elena, link_in(mail_server.to("elena")[0]))
    at = select(ApprovalProcessStepApprover.acted_by).where(ApprovalProcessStepApprover.id == waiting)
    assert (await session.execute(at)).scalar_one() == elena.id
    assert ticket.ticket_no in mail_server.to("elena")[0]["Subject"]


async def test_who_lost_access_is_not_written_to_and_a_restricted_title_stays_at_home(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send, cast: Cast,
    hana: Browser, daniel: Browser,
) -> None:  # fmt: skip
    await ask(session, hana, visibility="restricted", title="Dismissal of a manager")
    await dispatch()
    await send()
    whole = str(mail_server.mails[0])
    assert "Dismissal" not in whole
    assert "Hana" not in whole
    mail_server.mails.clear()
    await ask(session, hana)
    await dispatch()
    await session.execute(update(User).where(User.id == daniel.id).values(deactivated_at=func.now()))
    await session.commit()
    await send()
    assert mail_server.mails == []
    last = select(MailDelivery.status).order_by(MailDelivery.id.desc()).limit(1)
    assert (await session.execute(last)).scalar_one() == "dropped"


async def test_four_eyes_hold_by_link_and_the_try_is_on_the_record(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await dispatch()
    await send()
    link = link_in(mail_server.mails[0])
    form = form_values((await daniel.get(link)).text, link)
    someone = {**form.values, "decision": "approve", "on_behalf_of": str(hana.id)}
    assert (await daniel.submit(link, someone)).status_code == 403
    refusals = select(func.count()).where(AuditEntry.event_type == "access_refused", AuditEntry.created_by == daniel.id)
    assert (await session.execute(refusals)).scalar_one() == 1
    assert await votes(session) == 0
    assert ticket.approval == "running"


async def test_a_mail_that_fails_is_tried_again_and_then_shown_to_admins(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser, ada: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana, title="Cameras\u2028Bcc: otto@aldermoor.example")
    await dispatch()
    mail_server.refusal = b"451 come back later\r\n"
    for _attempt in range(6):
        assert (await session.execute(select(MailDelivery.status))).scalar_one() == "queued"
        await send()
    failed = await ada.get("/admin/mail")
    assert "451 come back later" in failed.text
    assert ticket.ticket_no in failed.text
    assert "Cameras" not in failed.text
    assert (await daniel.get("/admin/mail")).status_code == 403
    mail_server.refusal = b""
    delivery = (await session.execute(select(MailDelivery.id))).scalar_one()
    assert (await ada.post(f"/admin/mail/{delivery}/delivery")).status_code == 303
    await send()
    (mail,) = mail_server.mails
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == f"<asked-{delivery}@test>"
    held = select(func.count()).where(EmailLink.revoked_at.is_(None))
    assert (await session.execute(held)).scalar_one() == 1


async def test_without_a_mail_server_nothing_is_queued(
    session: AsyncSession, company: Company, dispatch: Send, hana: Browser
) -> None:
    await ask(session, hana)
    await dispatch()
    assert (await session.execute(select(func.count(MailDelivery.id)))).scalar_one() == 0


async def test_advice_by_a_link_is_called_advice(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser
) -> None:
    def takes_more(definition: dict[str, Any]) -> None:
        definition["stages"][0]["steps"][0]["ad_hoc"] = True

    await republish_flow(session, "capital-purchase", takes_more)
    await ask(session, hana)
    seats = select(ApprovalProcessStepApprover).where(ApprovalProcessStepApprover.status == "pending")
    asks = (await session.execute(seats.where(ApprovalProcessStepApprover.user_id == daniel.id))).scalar_one()
    url = f"/approvals/{asks.id}/approvers"
    await daniel.post(url, to_user_id=jonas.id, kind="advice", reason="You know steel.")
    advises = (await session.execute(seats.where(ApprovalProcessStepApprover.user_id == jonas.id))).scalar_one()
    seen = form_values((await jonas.get("/approvals")).text, "/decision").values["content_hash"]
    link = f"/a/{await new_link(session, LinkFor(advises.id, jonas.id, str(seen), None))}"
    await session.commit()
    assert (await by_link(jonas, link, "abstain", "Take the thicker one.")).status_code == 303
    told = (await jonas.get(link)).text
    assert "You gave advice." in told
    assert "abstained" not in told
