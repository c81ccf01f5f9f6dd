"""What somebody had before them when they decided: told back from the timeline."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.content import FILES, Change, changes, watch_hash
from app.tickets.approving.desk import Running
from app.tickets.approving.edits import earlier, edits_of, rolled_back
from app.tickets.approving.facts import StepReader

MOST_TRIES = 200


async def changed_since(session: AsyncSession, running: Running, step_key: str, seen_hash: str) -> list[Change]:
    """Of what the step watches: before and after. A hash that no earlier content has is nobody's content: nothing."""
    now = _reader(running).watched(running.flow.steps[step_key])
    edits = await edits_of(session, running.process.ticket_id)
    for before in islice(earlier(now, edits), MOST_TRIES):
        if watch_hash(before, before.get(FILES) or (), sorted(before)) == seen_hash:
            return changes(before, now)
    return []


async def changed_after(
    session: AsyncSession, running: Running, moment: datetime, step_keys: Iterable[str]
) -> list[Change]:
    """Of what these steps watch, since a moment."""
    reader = _reader(running)
    now = {name: value for key in step_keys for name, value in reader.watched(running.flow.steps[key]).items()}
    return rolled_back(now, await edits_of(session, running.process.ticket_id, since=moment))


def _reader(running: Running) -> StepReader:
    return StepReader(running.subject, running.directory, running.context.now)
