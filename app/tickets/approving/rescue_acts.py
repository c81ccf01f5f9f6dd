"""The ways out by their nouns, for pages and the API alike: what each needs, and the verb it is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.approvals.core.state import RunStatus, SeatKind
from app.errors import NotFound, NotPossible, Refused
from app.tickets.approving.deciding import rows_of_seats
from app.tickets.approving.rescue import RescueDesk
from app.tickets.models import Ticket
from app.web.i18n import gettext as _

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """`seat` is a row's id, `step` a step's key; what an act does not need is not read."""

    reason: str = ""
    step: str = ""
    seat: int | None = None
    user_id: int | None = None
    kind: SeatKind = SeatKind.OWN
    due_at: datetime | None = None
    outcome: RunStatus | None = None


async def perform(desk: RescueDesk, ticket: Ticket, noun: str, given: Help) -> None:
    """On a locked ticket."""
    act = ACTS.get(noun)
    if act is None:
        raise NotFound
    if not given.reason.strip():
        raise Refused.at("reason", _("Give a reason."))
    await act(desk, ticket, given)


async def _re_resolve(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.re_resolve(ticket, step=given.step, reason=given.reason)


async def _add(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    user_id = _needed("user_id", given.user_id)
    await desk.add_approver(ticket, step=given.step, user_id=user_id, kind=given.kind, reason=given.reason)


async def _replace(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    user_id = _needed("user_id", given.user_id)
    await desk.replace_seat(ticket, seat=await _seat(desk, ticket, given), user_id=user_id, reason=given.reason)


async def _go_on(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.go_on_without(ticket, seat=await _seat(desk, ticket, given), reason=given.reason)


async def _open(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.open_step(ticket, step=given.step, reason=given.reason)


async def _extend(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.extend(ticket, step=given.step, due_at=_needed("due_at", given.due_at), reason=given.reason)


async def _return(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.return_to_requester(ticket, reason=given.reason)


async def _cancel(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.cancel(ticket, reason=given.reason)


async def _force(desk: RescueDesk, ticket: Ticket, given: Help) -> None:
    await desk.force_close(ticket, step=given.step, outcome=_needed("outcome", given.outcome), reason=given.reason)


ACTS: Mapping[str, Callable[[RescueDesk, Ticket, Help], Awaitable[None]]] = {
    "re-resolution": _re_resolve,
    "approver": _add,
    "replacement": _replace,
    "release": _go_on,
    "opening": _open,
    "extension": _extend,
    "return": _return,
    "cancellation": _cancel,
    "closure": _force,
}


def _needed(name: str, value: Given | None) -> Given:
    if value is None:
        raise Refused.at(name, _("Fill this in."))
    return value


async def _seat(desk: RescueDesk, ticket: Ticket, given: Help) -> int:
    """The engine's number of a seat of this ticket's approval."""
    wanted, running = _needed("seat", given.seat), await desk.running(ticket)
    rows = await rows_of_seats(desk.session, running.process.id) if running else {}
    found = next((number for number, row in rows.items() if row == wanted), None)
    if found is None:
        raise NotPossible(_("There is no such request for approval."))
    return found
