"""A change to many tickets: written down first, carried out ticket by ticket, told one by one, taken back."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.errors import NotFound, NotPossible
from app.jobs import enqueue
from app.tickets.bulk.changes import Changes
from app.tickets.bulk.models import BulkEdit, BulkItem
from app.tickets.bulk.repository import changed_items, own_bulk_edit, sent_before, undone_by

AT_ONCE = 20
"""Tickets that are changed while the reader waits."""
MOST = 5_000
KEPT = timedelta(days=7)
CARRY_OUT = "tickets.carry_out_bulk_edit"


class BulkEdits:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def start(self, changes: Changes, seen: Iterable[tuple[str, int]], *, command: str) -> BulkEdit:
        """`seen`: numbers, and the versions that were looked at, in the order of their rows."""
        known = await sent_before(self.session, self.actor, command)
        if known is not None:
            return known
        bulk = await self._add(command, changes)
        await self._fill(bulk, [BulkItem(ticket_no=number, version=version) for number, version in seen])
        return bulk

    async def find(self, bulk_id: int) -> BulkEdit:
        bulk = await own_bulk_edit(self.session, self.actor, bulk_id)
        if bulk is None:
            raise NotFound
        return bulk

    async def undo(self, bulk: BulkEdit) -> BulkEdit:
        """Ticket by ticket, where nobody has changed it since."""
        if (known := await undone_by(self.session, bulk.id)) is not None:
            return await self.find(known)
        items = [item for item in await changed_items(self.session, bulk.id) if item.before]
        if not items:
            raise NotPossible("There is nothing here that can be taken back.")
        undoing = await self._add(f"undo-{bulk.id}", Changes())
        undoing.undoes = bulk.id
        back = [
            BulkItem(ticket_no=item.ticket_no, version=item.version_after or 0, changes=item.before) for item in items
        ]
        await self._fill(undoing, back)
        return undoing

    async def _add(self, command: str, changes: Changes) -> BulkEdit:
        bulk = BulkEdit(
            user_id=self.actor.id, command=command, changes=changes.to_json(), expires_at=utc_now() + KEPT
        )  # fmt: skip
        self.session.add(bulk)
        await self.session.flush()
        return bulk

    async def _fill(self, bulk: BulkEdit, items: list[BulkItem]) -> None:
        """Everything is a job: what is cut short while its reader waits is finished without them."""
        for number, item in enumerate(items):
            item.bulk_edit_id, item.number = bulk.id, number
        self.session.add_all(items)
        await self.session.flush()
        await enqueue(self.session, CARRY_OUT, {"bulk": bulk.id}, key=str(bulk.id))
