"""Tells stories through the services, each act at its own moment in the past and in its own transaction."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole
from app.actor import Actor, Channel, acting_as
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.attachments.limits import Limits
from app.attachments.storage import storage_in_use
from app.clock import telling_of, utc_now
from app.db.session import Database
from app.seeds.cast import DOMAIN
from app.seeds.files import stored
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.content import Content
from app.tickets.conversation import Conversation
from app.tickets.drafting import Drafting
from app.tickets.field_files import FieldFiles
from app.tickets.files import Files
from app.tickets.handling import Handling
from app.tickets.models import Priority, Ticket
from app.tickets.properties import Properties
from app.tickets.watchers.desk import Watching

ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Act:
    """`days` before today (weekends are moved to the Friday before), at `clock`; `verb` is a method of `Teller`."""

    days: int
    clock: str
    who: str
    verb: str
    text: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    form: str
    asker: str
    title: str
    fields: Mapping[str, Any]
    acts: tuple[Act, ...]
    description: str = ""
    priority: str = Priority.MEDIUM
    visibility: str | None = None
    due_in: int | None = None
    """Days from today; negative is overdue."""
    labels: tuple[str, ...] = ()
    picks: Mapping[str, str] = field(default_factory=dict)
    """Whom the asker picks as approver, by the step's key."""


class Teller:
    def __init__(self, database: Database, labels: Mapping[str, int]) -> None:
        self.database, self.labels = database, labels
        self._actors: dict[str, Actor] = {}
        self._last: datetime | None = None

    async def tell(self, story: Story) -> str:
        """Returns the ticket's number. The first act starts the draft and submits it, if it says `submit`."""
        first, self._last = story.acts[0], None
        async with self._moment(first, story.asker) as (session, actor):
            ticket_no = (await self._start(session, actor, story)).ticket_no
            if first.verb == "submit":
                await self._submit(session, actor, ticket_no)
        for act in story.acts[1:]:
            try:
                async with self._moment(act, act.who) as (session, actor):
                    await self._perform(session, actor, ticket_no, act)
            except Exception as error:
                error.add_note(f"while {act.who} wanted to {act.verb} {story.title!r}")
                raise
        return ticket_no

    async def actor(self, key: str) -> Actor:
        if key not in self._actors:
            async with self.database.session() as session:
                self._actors[key] = await actor_by_email(session, f"{key}@{DOMAIN}")
        return self._actors[key]

    @asynccontextmanager
    async def _moment(self, act: Act, who: str) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        actor = await self.actor(who)
        self._last = after(self._last, moment_of(act.days, act.clock))
        with telling_of(self._last), acting_as(actor):
            async with self.database.in_its_own() as session:
                yield session, actor

    async def _start(self, session: AsyncSession, actor: Actor, story: Story) -> Ticket:
        form = await TicketTemplates(session, actor).form(story.form)
        shape = form.definition
        due = (
            datetime.combine(date.today() + timedelta(days=story.due_in), time(17), ZONE)
            if story.due_in is not None
            else None
        )
        content = Content(
            story.title, description=story.description, fields=dict(story.fields), priority=story.priority,
            visibility=story.visibility or shape.default_visibility, due_at=due,
            assigned_role_id=shape.default_assigned_role_id, category_ids=list(shape.category_ids),
            label_ids=[self.labels[name] for name in story.labels],
            picks={step: [(await self.actor(who)).id] for step, who in story.picks.items()},
        )  # fmt: skip
        return await Drafting(session, actor).start(content, form=form)

    async def _submit(self, session: AsyncSession, actor: Actor, ticket_no: str) -> None:
        drafting = Drafting(session, actor)
        await drafting.submit(await drafting.lock(ticket_no))

    async def _perform(self, session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
        if act.verb in _DECISIONS:
            await self._decide(session, actor, ticket_no, act)
            return
        await _VERBS[act.verb](session, actor, ticket_no, act)

    async def _decide(self, session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
        desk = ApprovalDesk(session, actor)
        ticket = await desk.lock(ticket_no)
        running = await desk.running(ticket)
        if running is None:
            raise LookupError(f"{ticket_no} has no approval to decide")
        votes = explain(running.state, actor.id, running.context).votes
        behalf = act.more.get("behalf")
        principal = (await self.actor(behalf)).id if behalf else None
        vote = next(one for one in votes if one.on_behalf_of == principal)
        await desk.decide(
            ticket, seat=vote.seat, decision=_DECISIONS[act.verb], seen_hash=vote.content_hash, comment=act.text,
            on_behalf_of=principal,
        )  # fmt: skip


def moment_of(days: int, clock: str) -> datetime:
    """Never after now: what is told of today has happened."""
    day = date.today() - timedelta(days=days)
    while days and day.weekday() > 4:
        day -= timedelta(days=1)
    moment = datetime.combine(day, time.fromisoformat(clock), ZONE)
    return min(moment, utc_now() - timedelta(minutes=3))


def after(last: datetime | None, moment: datetime) -> datetime:
    """What happened at a weekend is told of the Friday before it, but never before what led to it."""
    return moment if last is None else max(moment, min(last + timedelta(minutes=12), utc_now()))


async def actor_by_email(session: AsyncSession, email: str) -> Actor:
    user = (await session.execute(select(User).filter_by(email=email))).scalar_one()
    query = select(Role).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user.id)
    roles = (await session.execute(query)).scalars().all()
    return Actor(
        id=user.id, name=user.name, email=user.email, title=user.title, locale=user.locale, time_zone=user.time_zone,
        role_ids=frozenset(role.id for role in roles), channel=Channel.CLI,
        capabilities=frozenset(name for role in roles for name in role.capabilities),
    )  # fmt: skip


_DECISIONS = {"approve": Decision.APPROVE, "reject": Decision.REJECT, "return": Decision.RETURN}
Verb = Callable[[AsyncSession, Actor, str, Act], Any]


async def _comment(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    desk = Conversation(session, actor)
    audience = act.more.get("audience", "everyone")
    await desk.comment(await desk.lock(ticket_no), act.text, audience=audience, is_approver=audience == "approvers")


async def _attach(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    """To the answer of a field where one is named."""
    if storage := storage_in_use():
        desk, kept = FieldFiles(session, actor), [await stored(storage, act.text)]
        ticket, key = await desk.lock(ticket_no), act.more.get("field")
        own = Files(session, actor)
        await (desk.attach(ticket, key, kept, Limits()) if key else own.add(ticket, kept, Limits()))


async def _comment_with_picture(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    talk, desk, name = Conversation(session, actor), Files(session, actor), act.more["file"]
    ticket = await talk.lock(ticket_no)
    note = await talk.comment(ticket, f"{act.text}\n\n![{name}](attachment:{name})")
    if storage := storage_in_use():
        await desk.add_to_comment(ticket, note, [await stored(storage, name)], Limits())


async def _edit(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    desk = Drafting(session, actor)
    ticket = await desk.lock(ticket_no)
    fields = {**ticket.custom_fields_data, **act.more.get("fields", {})}
    await desk.edit(ticket, Content(act.more.get("title", ticket.title), description=ticket.description, fields=fields))


async def _submit_again(session: AsyncSession, actor: Actor, ticket_no: str, _act: Act) -> None:
    desk = Drafting(session, actor)
    await desk.submit(await desk.lock(ticket_no))


async def _withdraw(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    desk = ApprovalDesk(session, actor)
    await desk.withdraw(await desk.lock(ticket_no), reason=act.text)


async def _grant(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    desk = Properties(session, actor)
    await desk.grant(await desk.lock(ticket_no), user_id=act.more.get("user_id"), role_id=act.more.get("role_id"))


async def _prioritise(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
    desk = Properties(session, actor)
    await desk.prioritise(await desk.lock(ticket_no), Priority(act.text))


async def _watch(session: AsyncSession, actor: Actor, ticket_no: str, _act: Act) -> None:
    desk = Watching(session, actor)
    await desk.watch(await desk.find(ticket_no))


def _handle(verb: str, argument: str | None = None) -> Verb:
    async def perform(session: AsyncSession, actor: Actor, ticket_no: str, act: Act) -> None:
        desk = Handling(session, actor)
        given = {argument: act.text} if argument else {}
        await getattr(desk, verb)(await desk.lock(ticket_no), **given)

    return perform


_VERBS: dict[str, Verb] = {
    "attach": _attach, "show": _comment_with_picture, "comment": _comment, "edit": _edit, "resubmit": _submit_again, "withdraw": _withdraw, "grant": _grant,
    "prioritise": _prioritise, "watch": _watch, "take": _handle("take"), "resolve": _handle("resolve", "resolution"),
    "confirm": _handle("confirm"), "send_back": _handle("send_back", "reason"), "hand_back": _handle("hand_back", "reason"),
    "cancel": _handle("cancel_without_approval", "reason"), "edit_again": _handle("edit_again"),
}  # fmt: skip
