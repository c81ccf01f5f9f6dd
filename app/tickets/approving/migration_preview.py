"""What a move to the newer version would mean for one request: asked of the engine, which decides it later too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.vocabulary import word
from app.actor import Actor
from app.approvals.core.definition import Step
from app.approvals.core.denied import Denied
from app.approvals.core.engine import decide, fold
from app.approvals.core.explain import explain
from app.approvals.models import ApprovalTemplateVersion
from app.tickets.approving.card import CardStep, steps_of
from app.tickets.approving.desk import Running, reading_on, refusal
from app.tickets.approving.migrating import MigrationDesk
from app.tickets.models import Ticket
from app.web.i18n import gettext as _
from app.web.i18n import labelled

WHY = "?"
"""A stand-in for the reason, which the form asks for."""


@dataclass(frozen=True, slots=True)
class KeptVote:
    step: Step
    user_id: int
    name: str
    decision: str

    @property
    def told(self) -> str:
        return _("%(step)s: %(person)s, %(decision)s") % {
            "step": self.step.name, "person": self.name, "decision": word(self.decision).lower(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AwaitedNext:
    step: Step
    name: str
    user_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """`why_not` says why it stays on its version; then the rest is empty."""

    ticket: Ticket
    from_version: int
    why_not: str = ""
    kept: Sequence[KeptVote] = ()
    awaited: Sequence[AwaitedNext] = ()
    added: Sequence[Step] = ()
    changed: Sequence[Step] = ()
    removed: Sequence[Step] = ()
    to_come: Sequence[CardStep] = ()
    """The steps after it, each with who would be asked, or why nobody."""

    @property
    def moves(self) -> bool:
        return not self.why_not

    @property
    def awaited_names(self) -> list[str]:
        return list(dict.fromkeys(labelled(one.step.name, one.name) for one in self.awaited))


async def preview(session: AsyncSession, actor: Actor, ticket: Ticket, version: ApprovalTemplateVersion) -> Preview:
    desk = MigrationDesk(session, actor)
    running = await desk.running(ticket)
    if running is None:
        return Preview(ticket, 0, _("This ticket has no approval."))
    aimed = await desk.aimed(running, version)
    answer = decide(aimed.state, desk.command(version, WHY), aimed.context)
    number = running.state.flow_version
    if isinstance(answer, Denied):
        return Preview(ticket, number, refusal(answer, aimed.directory).sentence)
    after = replace(reading_on(aimed), state=fold(aimed.state, answer))
    begun, old, new = {run.step_key for run in after.state.live_runs}, running.flow, after.flow
    return Preview(
        ticket, number, kept=list(_kept(after)), awaited=list(_awaited(actor, after)),
        added=[step for key, step in new.steps.items() if key not in old.steps],
        changed=[step for key, step in new.steps.items() if key in old.steps and old.steps[key] != step],
        removed=[step for key, step in old.steps.items() if key not in new.steps],
        to_come=[step for step in steps_of(actor, after) if step.key not in begun],
    )  # fmt: skip


def _kept(after: Running) -> Iterator[KeptVote]:
    for run in after.state.live_runs:
        for seat in run.votes:
            voter = seat.acted_by or 0
            name = after.directory.names.get(voter, _("somebody"))
            yield KeptVote(after.flow.steps[run.step_key], voter, name, str(seat.status))


def _awaited(actor: Actor, after: Running) -> Iterator[AwaitedNext]:
    names, roles = after.directory.names, after.directory.role_names
    for one in explain(after.state, actor.id, after.context).awaited:
        who = roles.get(one.role_id, "") if one.role_id else names.get(one.user_id or 0, "")
        yield AwaitedNext(after.flow.steps[one.step_key], who or _("somebody"), one.user_id, one.role_id)
