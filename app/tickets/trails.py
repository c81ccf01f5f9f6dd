"""How far each ticket of a list is in its approval: one segment a step, in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.definition import Flow
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalTemplateVersion,
)
from app.approvals.repository import flow_of_content, known_flow
from app.db.constants import among
from app.web.i18n import gettext as _
from app.web.i18n import ngettext


@dataclass(frozen=True, slots=True)
class Trail:
    """`segments`: done, now (some have voted), now0, wait, skip, no; `label` says the same in words."""

    segments: tuple[str, ...]
    label: str


async def trails_of(session: AsyncSession, ticket_ids: Collection[int]) -> dict[int, Trail]:
    """Of each ticket's latest approval; the caller has checked that its reader may see the tickets."""
    processes = await _latest(session, ticket_ids)
    flows = await flows_of(session, {row.template_version_id: row.definition_sha256 for row in processes})
    steps = await _steps(session, [row.id for row in processes])
    return {
        row.ticket_id: _trail(
            flows[row.template_version_id],
            row.status,
            dict.fromkeys(row.foreseen_skips, "skip") | steps.get(row.id, {}),
        )
        for row in processes
    }


async def _latest(session: AsyncSession, ticket_ids: Collection[int]) -> Sequence[Any]:
    if not ticket_ids:
        return []
    return (await session.execute(_LATEST, {"ids": list(ticket_ids)})).all()


async def flows_of(session: AsyncSession, hashes: Mapping[int, str]) -> dict[int, Flow]:
    """By version, given with its hash: a definition is long, and most were read before."""
    known = {version: flow for version, sha256 in hashes.items() if (flow := known_flow(sha256))}
    missing = hashes.keys() - known.keys()
    if not missing:
        return known
    version = ApprovalTemplateVersion
    query = select(version.id, version.sha256, version.definition).where(version.id.in_(missing))
    rows = (await session.execute(query)).all()
    return known | {row.id: flow_of_content(row.sha256, row.definition) for row in rows}


async def _steps(session: AsyncSession, process_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """By process: the segment of each step that has begun."""
    if not process_ids:
        return {}
    found: dict[int, dict[str, str]] = {}
    for row in (await session.execute(_BEGUN, {"ids": list(process_ids)})).all():
        segment = _segment(row)
        if segment:
            found.setdefault(row.process_id, {})[row.step_key] = segment
        elif row.superseded:
            found.setdefault(row.process_id, {}).pop(row.step_key, None)
    return found


def _of_seats(said: ColumnElement[bool]) -> ScalarSelect[bool]:
    """Whether it is so of any seat of the step; as `EXISTS`, a plan would read all seats there are into a hash."""
    seat, step = ApprovalProcessStepApprover, ApprovalProcessStep
    return select(func.bool_or(said)).where(seat.step_id == step.id).correlate(step).scalar_subquery()


_LATEST = (
    select(
        ApprovalProcess.id, ApprovalProcess.ticket_id, ApprovalProcess.status, ApprovalProcess.template_version_id,
        ApprovalProcess.definition_sha256, ApprovalProcess.foreseen_skips,
    )
    .where(among(ApprovalProcess.ticket_id))
    .ext(distinct_on(ApprovalProcess.ticket_id))
    .order_by(ApprovalProcess.ticket_id, ApprovalProcess.id.desc())
)  # fmt: skip
_SEAT, _STEP = ApprovalProcessStepApprover, ApprovalProcessStep
_BEGUN = (
    select(
        _STEP.process_id, _STEP.step_key, _STEP.status, _STEP.superseded,
        _of_seats(_SEAT.status.in_(("approved", "rejected", "abstained"))).label("voted"),
        _of_seats(_SEAT.status == "returned").label("returned"),
    )
    .where(among(_STEP.process_id))
    .order_by(_STEP.number)
)  # fmt: skip


def _segment(row: Any) -> str:
    """A run that another round replaced counts only as the one that sent the request back."""
    if row.returned or row.status == "rejected":
        return "no"
    if row.superseded:
        return ""
    if row.status == "open":
        return "now" if row.voted else "now0"
    return {"approved": "done", "skipped": "skip"}.get(row.status, "")


def _trail(flow: Flow, status: str, begun: Mapping[str, str]) -> Trail:
    segments = tuple(begun.get(key, "wait") for key in flow.steps)
    return Trail(segments, _label(flow, status, segments))


def _label(flow: Flow, status: str, segments: tuple[str, ...]) -> str:
    total = len(flow.steps)
    if status == "approved":
        return ngettext("Approved, one step", "Approved, %(total)d steps", total) % {"total": total}
    for segment, step in zip(segments, flow.steps.values(), strict=True):
        told = {"step": step.name, "number": flow.stage_of[step.key], "total": len(flow.stages)}
        if segment in {"now", "now0"}:
            return _("%(step)s, step %(number)d of %(total)d") % told
        if segment == "no":
            sentence = _("Rejected at %(step)s") if status == "rejected" else _("Sent back from %(step)s")
            return sentence % told
    return {
        "withdrawn": _("Withdrawn"), "cancelled": _("Cancelled"), "returned": _("Sent back"),
        "rejected": _("Rejected"),
    }.get(status, ngettext("One step", "%(total)d steps", total) % {"total": total})  # fmt: skip
