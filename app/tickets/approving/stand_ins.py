"""Who answers for whom in a step, and until when: "Maya for Ingrid, until Fri 27 Nov"."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.approvals.core.context import Proxy
from app.approvals.core.state import StepRun
from app.approvals.core.voting import Ballot, may_vote
from app.tickets.approving.desk import Running
from app.web.formats import day
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class StandIn:
    proxy_id: int
    proxy: str
    principal_id: int
    principal: str
    ends_at: datetime

    @property
    def told(self) -> str:
        return stand_in_told(self.proxy, self.principal, self.ends_at)


def stand_in_told(proxy: str, principal: str, ends_at: datetime) -> str:
    return _("%(proxy)s for %(principal)s, until %(day)s") % {
        "proxy": proxy, "principal": principal, "day": day(ends_at),
    }  # fmt: skip


def stand_ins(running: Running, run: StepRun) -> list[StandIn]:
    """Only those who could really vote: a proxy who asked for it, or has voted, is none here."""
    names = running.directory.names
    return [
        StandIn(
            one.proxy_id, names.get(one.proxy_id, ""), one.principal_id, names.get(one.principal_id, ""), one.ends_at
        )
        for one in longest(_proxies(running, run))
    ]


def longest(proxies: Iterable[Proxy]) -> list[Proxy]:
    """Of several that overlap, the one that ends last tells until when."""
    found: dict[tuple[int, int], Proxy] = {}
    for one in proxies:
        pair = one.principal_id, one.proxy_id
        if pair not in found or found[pair].ends_at < one.ends_at:
            found[pair] = one
    return list(found.values())


def ends_of(running: Running, principal_id: int, proxy_id: int) -> datetime | None:
    proxy = running.context.proxy(principal_id, proxy_id)
    return proxy.ends_at if proxy else None


def _proxies(running: Running, run: StepRun) -> Iterator[Proxy]:
    pending = [seat.number for seat in run.seats if seat.is_pending]
    for proxy in running.context.proxies:
        votes = (may_vote(running.state, running.context, seat, proxy.proxy_id, proxy.principal_id) for seat in pending)
        if any(isinstance(vote, Ballot) for vote in votes):
            yield proxy
