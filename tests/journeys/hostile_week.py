"""A week in which something happens with all that a page shows, and what a name in a route's path stands for then."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import AccessToken, BrowserSession, Role, User
from app.actor import Actor, acting_as
from app.approvals.core.commands import Decision
from app.approvals.email_links import LinkFor, new_link
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover, ApprovalProxy
from app.approvals.proxies import Proxies
from app.catalogue.business_time import calendar_from_json
from app.catalogue.calendars import Calendars
from app.catalogue.matrices import Matrices
from app.catalogue.models import Category, Label
from app.clock import utc_now
from app.mailing.letters import Asking, letter
from app.mailing.models import MailDelivery
from app.mailing.post import PostOffice
from app.notifications.models import Notification, NotificationRule
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.asking_for_access.jobs import look_at_access_request
from app.tickets.bulk.models import BulkEdit
from app.tickets.conversation import Conversation
from app.tickets.exporting.models import Export
from app.tickets.filters import TicketFilters
from app.tickets.handling import Handling
from app.tickets.importing.models import Import, ImportRow
from app.tickets.linking.desk import Linking
from app.tickets.linking.models import Relation
from app.tickets.models import FormDraft, Ticket
from app.tickets.properties import Properties
from app.tickets.saved_views.models import SavedView
from app.tickets.saved_views.service import SavedViews
from app.tickets.unsent.models import CommentDraft
from app.web.security import csrf_token
from tests.cast import SECRET
from tests.journeys.hostile import HOSTILE, MARKDOWN
from tests.journeys.site import Site, token_of
from tests.serving import browsing
from tests.story import CAMERAS, ask, decide, draft

SMALL = CAMERAS | {"amount": {"amount": "1200.00", "currency": "EUR"}, "supplier": HOSTILE, "supplier_is_new": False}
LARGE = CAMERAS | {"supplier": HOSTILE, "reason": MARKDOWN}
HOURS = {"zone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}, "holidays": ["2026-12-25"]}
Act = Callable[[AsyncSession, Actor], Awaitable[Any]]


class Week:
    """Numbers of tickets by what became of them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.tickets: dict[str, str] = {}

    async def happen(self) -> None:
        await self._requests()
        await self._decisions()
        await self._work()
        await self._administration()
        await self._pages()
        await self.site.dispatch()

    async def _as(self, key: str, act: Act) -> Any:
        actor = await self.site.who(key).actor()
        with acting_as(actor):
            async with self.site.database.in_its_own() as session:
                return await act(session, actor)

    async def _requests(self) -> None:
        hana = self.site.who("hana")
        asked = {"title": HOSTILE, "description": MARKDOWN}
        async with self.site.database.session() as session:
            with acting_as(await hana.actor()):
                self.tickets["draft"] = (await draft(session, hana, LARGE, **asked)).ticket_no
                for name in ("waiting", "stuck", "returned"):
                    self.tickets[name] = (await ask(session, hana, LARGE, **asked)).ticket_no
                for name in ("open", "rejected", "resolved"):
                    self.tickets[name] = (await ask(session, hana, SMALL, **asked)).ticket_no
                await session.commit()

    async def _decisions(self) -> None:
        daniel = self.site.who("daniel")
        answers = {
            "waiting": Decision.APPROVE, "open": Decision.APPROVE, "resolved": Decision.APPROVE,
            "returned": Decision.RETURN, "rejected": Decision.REJECT,
        }  # fmt: skip
        async with self.site.database.session() as session:
            with acting_as(await daniel.actor()):
                for name, decision in answers.items():
                    await decide(session, daniel, self.tickets[name], decision, HOSTILE)
        for name in self.tickets:
            await self._as("hana", self._said(self.tickets[name]))
        await self._as("daniel", self._said(self.tickets["waiting"], audience="approvers"))
        await self.sends("hana", f"/tickets/{self.tickets['draft']}/files", files=True)
        await self.sends("hana", f"/tickets/{self.tickets['waiting']}/comment-files", files=True, note=HOSTILE)

    def _said(self, number: str, *, audience: str = "everyone") -> Act:
        async def act(session: AsyncSession, actor: Actor) -> None:
            talk = Conversation(session, actor)
            await talk.comment(await talk.lock(number), MARKDOWN, audience=audience, is_approver=audience != "everyone")

        return act

    async def _work(self) -> None:
        async def handle(session: AsyncSession, actor: Actor) -> None:
            handling = Handling(session, actor)
            ticket = await handling.lock(self.tickets["resolved"])
            await handling.take(ticket)
            await handling.hand_back(ticket, reason=HOSTILE)
            await handling.take(ticket)
            await handling.resolve(ticket, resolution=MARKDOWN)

        async def place(session: AsyncSession, actor: Actor) -> None:
            desk, company = Properties(session, actor), self.site.company
            ticket = await desk.lock(self.tickets["draft"])
            await desk.label(ticket, company.labels["audit"].id)
            await desk.categorise(ticket, company.categories["IT"].id)
            await desk.grant(ticket, user_id=None, role_id=company.cast.roles["Legal"].id)
            linking = Linking(session, actor, other_no=self.tickets["waiting"])
            await linking.link(await linking.lock(self.tickets["draft"]), Relation.BLOCKS)

        async def hand_over(session: AsyncSession, actor: Actor) -> None:
            desk = ApprovalDesk(session, actor)
            ticket = await desk.lock(self.tickets["stuck"])
            running = await desk.running(ticket)
            assert running is not None
            seat = running.state.open_runs[0].seats[0]
            await desk.delegate(ticket, seat=seat.number, to=self.site.who("jonas").id, reason=HOSTILE)

        await self._as("jonas", handle)
        await self._as("hana", place)
        await self._as("daniel", hand_over)

    async def _administration(self) -> None:
        daniel, hana, maya = (self.site.who(key) for key in ("daniel", "hana", "maya"))
        now, later = utc_now(), utc_now() + timedelta(days=2)

        async def act(session: AsyncSession, actor: Actor) -> None:
            await Calendars(session, actor).add(key="office", name=HOSTILE, hours=calendar_from_json(HOURS))
            matrices = Matrices(session, actor)
            await matrices.add_row(await matrices.add(key="owners", name=HOSTILE), value="cc_4410", user_id=maya.id)
            proxies = Proxies(session, actor)
            await proxies.set(daniel.id, maya.id, starts_at=now, ends_at=later, reason=HOSTILE)
            await proxies.set(hana.id, daniel.id, starts_at=now, ends_at=later, reason=HOSTILE)
            for person in (daniel, hana, maya, self.site.who("ada")):
                session.add(AccessToken(jti=f"of-{person.id}", user_id=person.id, name=HOSTILE, expires_at=later))
                typed = {"title": [HOSTILE], "fields.destination": [HOSTILE]}
                session.add(FormDraft(user_id=person.id, template_key="travel", values=typed))

        async def keep_a_view(session: AsyncSession, actor: Actor) -> None:
            filters = TicketFilters(q=HOSTILE[:60])
            await SavedViews(session, actor).keep(filters, name=HOSTILE[:60], role_id=None, pinned=True)

        await self._as("ada", act)
        for key in ("ada", "hana", "daniel"):
            await self._as(key, keep_a_view)

    async def _pages(self) -> None:
        """What has a page of its own once it was asked for; and somebody asks for access."""
        await self.sends("otto", "/access-requests", ticket_no=self.tickets["draft"], reason=HOSTILE)
        asked = await self.site.value("SELECT max(id) FROM ticket.access_requests")
        await look_at_access_request(self.site.database, {"request": asked, "request_id": "", "address": ""})
        for key in ("ada", "hana"):
            numbers = [f"{self.tickets[name]}:1" for name in ("draft", "open")]
            await self.sends(key, "/tickets/bulk", seen=numbers, command=f"bulk-of-{key}", comment=HOSTILE)
        async with self.site.database.in_its_own() as session:
            seat = (await session.execute(self._seat(self.tickets["waiting"], "pending"))).scalars().first()
            ticket = select(Ticket.id).where(Ticket.ticket_no == self.tickets["waiting"])
            failed = {"status": "failed", "failure": HOSTILE, "attempts": 6}
            ticket_id, maya = (await session.execute(ticket)).scalar_one(), self.site.who("maya").id
            session.add(MailDelivery(user_id=maya, ticket_id=ticket_id, seat_id=seat, **failed))
            for key in ("ada", "hana"):
                later = utc_now() + timedelta(days=1)
                mine = self.site.who(key).id
                session.add(Export(user_id=mine, format="csv", query=[], expires_at=later))
                session.add(CommentDraft(user_id=mine, ticket_id=ticket_id, text=MARKDOWN))
                await self._bring_a_table(session, mine, later)

    async def _bring_a_table(self, session: AsyncSession, mine: int, until: datetime) -> None:
        """With a heading and a row of hostile cells, and something wrong in each."""
        table = Import(
            user_id=mine, command=f"of-{mine}", file_name=HOSTILE, form_key="it-incident", status="checked",
            headings=[HOSTILE, MARKDOWN], targets=["title", "fields.what"], expires_at=until,
        )  # fmt: skip
        session.add(table)
        await session.flush()
        wrong = [["title", HOSTILE], ["", HOSTILE]]
        session.add(ImportRow(import_id=table.id, number=2, cells=[HOSTILE, MARKDOWN], problems=wrong))

    def _seat(self, number: str, status: str) -> Any:
        seat = ApprovalProcessStepApprover
        found = select(seat.id).join(ApprovalProcessStep).join(ApprovalProcess).join(Ticket)
        return found.where(Ticket.ticket_no == number, seat.status == status).order_by(seat.id)

    async def sends(self, key: str, path: str, *, files: bool = False, **form: Any) -> httpx.Response:
        """As a page without scripts does."""
        headers = {"cookie": f"countersign={token_of(key)}"}
        parts = [("file", (f"{HOSTILE}.html", b"<script>alert(1)</script>", "text/html"))] if files else None
        async with browsing(base_url=self.site.url, headers=headers) as client:
            typed = {"_csrf": csrf_token(SECRET, token_of(key)), **form}
            answer = await client.post(path, data=typed, files=parts)
        assert answer.status_code in {200, 303}, f"{path}: {answer.status_code} {answer.text[-800:]}"
        return answer

    async def link_from_a_mail(self, key: str) -> str:
        """Its token."""
        person = self.site.who(key)

        async def act(session: AsyncSession, actor: Actor) -> str:
            seat = (await session.execute(self._seat(self.tickets["waiting"], "pending"))).scalars().first()
            return await new_link(session, LinkFor(seat or 0, person.id, "0" * 64, None))

        return str(await self._as(key, act))

    async def mail_to(self, key: str) -> EmailMessage:
        """That asks this person to decide."""

        async def act(session: AsyncSession, actor: Actor) -> EmailMessage:
            ticket = await ApprovalDesk(session, actor).find(self.tickets["waiting"])
            asker = await session.get_one(User, ticket.requester_id)
            step = select(ApprovalProcessStep.name).limit(1)
            named = {"step": (await session.execute(step)).scalar_one(), "on_behalf_of": asker.name, "due_at": None}
            asking = Asking(ticket=ticket, asker=asker.name, url=f"{self.site.url}/a/x", **named)
            office = PostOffice(urlsplit("smtp://localhost?from=tickets@example.org"), self.site.url)
            return letter(office, actor, asking, delivery=1)

        sent: EmailMessage = await self._as(key, act)
        return sent

    async def ids(self, key: str) -> dict[str, list[str]]:
        """By the name in a route's path; where things are somebody's own, this person's."""
        mine = self.site.who(key).id
        found: dict[str, list[str]] = {
            "ticket_no": list(self.tickets.values()),
            "token": [await self.link_from_a_mail("maya")],
        }
        async with self.site.database.session() as session:
            for name, query in _rows(mine).items():
                found[name] = [str(one) for one in (await session.execute(query.limit(1))).scalars()]
            for name in ("waiting", "stuck"):
                seats = (await session.execute(self._seat(self.tickets[name], "pending"))).scalars()
                found.setdefault("seat_id", []).extend(str(one) for one in seats)
        return found


def _rows(mine: int) -> dict[str, Any]:
    own = BrowserSession.user_id == mine
    return {
        "bulk_id": select(BulkEdit.id).where(BulkEdit.user_id == mine),
        "export_id": select(Export.id).where(Export.user_id == mine),
        "import_id": select(Import.id).where(Import.user_id == mine),
        "view_id": select(SavedView.id).where(SavedView.owner_id == mine),
        "session_id": select(BrowserSession.id).where(own),
        "category_id": select(Category.id), "label_id": select(Label.id), "role_id": select(Role.id).order_by(Role.id),
        "user_id": select(User.id).where(User.id == mine), "rule_id": select(NotificationRule.id),
        "proxy_id": select(ApprovalProxy.id), "notification_id": select(Notification.id),
    }  # fmt: skip
