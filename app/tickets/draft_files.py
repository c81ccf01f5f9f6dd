"""Files that are kept with what somebody types into a new request, until the ticket takes them over."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.attachments.limits import Limits
from app.attachments.models import DraftFile
from app.attachments.receiving import Received
from app.attachments.usage import insist_on_room_in_draft
from app.clock import utc_now
from app.errors import NotFound
from app.tickets.files import Files, Kept, columns_of
from app.tickets.models import Ticket

KEPT_FOR = timedelta(days=90)
"""Then nobody comes back to them: their bytes go with the next sweeps."""


class DraftFiles:
    """`key`: the form's, or that of a request without one."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def of(self, key: str) -> Sequence[DraftFile]:
        query = select(DraftFile).filter_by(user_id=self.actor.id, template_key=key).order_by(DraftFile.id)
        return (await self.session.execute(query)).scalars().all()

    async def find(self, key: str, file_id: int) -> DraftFile:
        query = select(DraftFile).filter_by(user_id=self.actor.id, template_key=key, id=file_id)
        found = (await self.session.execute(query)).scalar_one_or_none()
        if found is None:
            raise NotFound
        return found

    async def add(self, key: str, kept: Kept, limits: Limits) -> None:
        await insist_on_room_in_draft(
            self.session, limits, template_key=key, user_id=self.actor.id, sizes=[one.size for _, one in kept],
            now=utc_now(),
        )  # fmt: skip
        rows = [DraftFile(user_id=self.actor.id, template_key=key, **columns_of(path, one)) for path, one in kept]
        self.session.add_all(rows)
        await self.session.flush()

    async def remove(self, file: DraftFile) -> None:
        """Its bytes are nobody's then, which is a matter of the sweep."""
        await self.session.delete(file)
        await self.session.flush()

    async def forget(self, key: str) -> None:
        mine = (DraftFile.user_id == self.actor.id, DraftFile.template_key == key)
        await self.session.execute(delete(DraftFile).where(*mine).execution_options(synchronize_session=False))

    async def hand_over(self, key: str, ticket: Ticket, limits: Limits) -> None:
        """To the ticket that was made of it, before it is submitted: its approval is bound to them."""
        kept = [(file.storage_path, _as_received(file)) for file in await self.of(key)]
        if kept:
            await self.forget(key)
            await Files(self.session, self.actor).add(ticket, kept, limits)


def _as_received(file: DraftFile) -> Received:
    return Received(file.file_name, file.size, file.mime_type, file.sha256, Path(file.storage_path))


async def forget_old_draft_files(session: AsyncSession) -> None:
    await session.execute(delete(DraftFile).where(DraftFile.created_at < utc_now() - KEPT_FOR))
