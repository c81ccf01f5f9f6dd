"""Many decisions at once: each in its own transaction, each by the rules, none hidden (approvals.md, rule 12)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.commands import Decision
from app.db.session import Database
from app.errors import DomainError, NotFound
from app.ticket_templates.values import at_stake
from app.tickets.approving.card import Ballot, card_for
from app.tickets.approving.deciding import Choice, Deciding, find_seat, note_refusal
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.approving.readable import readable_on
from app.tickets.models import Ticket
from app.web.i18n import gettext as _

MOST = 100
_NAMESPACE = uuid.UUID("0f7c2a3e-52a6-4c0c-8f0f-6a1f6c9f1d55")


@dataclass(frozen=True, slots=True)
class Planned:
    """One request that can be decided with the others; `content_hash` is what its decider will have seen."""

    seat_id: int
    ticket_no: str
    title: str
    step_name: str
    content_hash: str
    on_behalf_of: int | None
    principal: str
    amount: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What stays, and why; without a number where there is nothing that this person may see."""

    ticket_no: str
    title: str
    why: str


@dataclass(slots=True)
class Plan:
    decision: Decision
    planned: list[Planned] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    needs_comment: bool = False

    @property
    def sums(self) -> list[dict[str, str]]:
        """One a currency."""
        totals: dict[str, Decimal] = {}
        for item in self.planned:
            if amount := item.amount:
                totals[amount["currency"]] = totals.get(amount["currency"], Decimal()) + Decimal(amount["amount"])
        return [{"amount": format(total, "f"), "currency": currency} for currency, total in sorted(totals.items())]


@dataclass(frozen=True, slots=True)
class Result:
    ticket_no: str
    title: str
    done: bool
    sentence: str
    unheard: tuple[str, ...] = ()
    """Whom the comment calls though they cannot see this one."""


async def plan(session: AsyncSession, actor: Actor, seat_ids: Iterable[int], decision: Decision) -> Plan:
    """What would be decided, what would not and why; nothing is decided here."""
    made, wanted = Plan(decision), list(dict.fromkeys(seat_ids))
    for seat_id in wanted[:MOST]:
        await _consider(session, actor, seat_id, made)
    if len(wanted) > MOST:
        made.left_out.append(
            LeftOut("", "", _("At most %(most)d at once: take the rest in a second round.") % {"most": MOST})
        )
    return made


async def _consider(session: AsyncSession, actor: Actor, seat_id: int, made: Plan) -> None:
    try:
        place = await find_seat(session, actor, seat_id)
        ticket = await ApprovalDesk(session, actor).find(place.ticket_no)
    except NotFound:
        made.left_out.append(LeftOut("", "", _("There is nothing here any more.")))
        return
    running = await ApprovalDesk(session, actor).running(ticket)
    card = await card_for(session, actor, ticket, running) if running else None
    ballot = next((one for one in card.ballots if one.seat_id == seat_id), None) if card else None
    if card is None or ballot is None:
        why = (card.why_not if card else "") or _("It does not wait for you any more.")
        made.left_out.append(LeftOut(ticket.ticket_no, ticket.title, why))
    elif ballot.signs_in_again:
        made.left_out.append(
            LeftOut(ticket.ticket_no, ticket.title, _("This step asks you to sign in again: decide it by itself."))
        )
    elif str(made.decision) not in ballot.decisions:
        made.left_out.append(LeftOut(ticket.ticket_no, ticket.title, _("This cannot be decided so.")))
    else:
        made.needs_comment |= made.decision is not Decision.APPROVE or ballot.needs_comment_to_approve
        form = running.subject.form if running else None
        readable = await readable_on(session, actor, ticket, form) if form else frozenset[str]()
        made.planned.append(_planned(ticket, ballot, at_stake(form, ticket.custom_fields_data, readable)))


def _planned(ticket: Ticket, ballot: Ballot, amount: dict[str, Any] | None) -> Planned:
    return Planned(
        seat_id=ballot.seat_id, ticket_no=ticket.ticket_no, title=ticket.title, step_name=ballot.step_name,
        content_hash=ballot.content_hash, on_behalf_of=ballot.for_whom.id if ballot.for_whom else None,
        principal=ballot.for_whom.name if ballot.for_whom else "", amount=amount,
    )  # fmt: skip


async def carry_out(
    database: Database,
    actor: Actor,
    seen: Sequence[tuple[int, str, int | None]],
    decision: Decision,
    *,
    comment: str,
    batch: str,
) -> list[Result]:
    """`seen`: (seat, hash, on behalf of) as the check list showed them. Stops on nothing, hides nothing. What asks to
    sign in again is no part of it, however recently somebody did."""
    actor = replace(actor, signed_in_at=None)
    return [await _one(database, actor, item, decision, comment, batch) for item in seen[:MOST]]


async def _one(
    database: Database, actor: Actor, item: tuple[int, str, int | None], decision: Decision, comment: str, batch: str
) -> Result:
    seat_id, content_hash, behalf = item
    number, title = "", ""
    place = None
    try:
        async with database.in_its_own() as session:
            place = await find_seat(session, actor, seat_id)
            number = place.ticket_no
            title = (await ApprovalDesk(session, actor).find(number)).title
            key = str(uuid.uuid5(_NAMESPACE, f"{batch}:{seat_id}"))
            deciding = Deciding(session, actor)
            await deciding.decide(place, Choice(decision, content_hash, comment, behalf, key))
            unheard = tuple(dict.fromkeys(deciding.desk.calls.unheard))
    except DomainError as error:
        if place is not None:
            await note_refusal(database, actor, error, place)
        return Result(number, title, done=False, sentence=_(error.sentence))
    return Result(number, title, done=True, sentence="", unheard=unheard)
