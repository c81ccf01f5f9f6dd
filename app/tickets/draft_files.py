"""Files that are kept with what somebody types into a request, until the ticket takes them over."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.attachments.limits import Limits
from app.attachments.models import DraftFile
from app.attachments.receiving import Received
from app.attachments.usage import insist_on_room_in_draft
from app.clock import utc_now
from app.db.constants import given, plain_write, table_of
from app.errors import NotFound, Refused
from app.ticket_templates.file_answers import DRAFT, ID, described, files_in
from app.tickets.files import Files, Kept, columns_of
from app.tickets.models import Ticket
from app.web.i18n import gettext as _

KEPT_FOR = timedelta(days=90)
"""Then nobody comes back to them: their bytes go with the next sweeps."""


_ALL = (
    select(DraftFile)
    .where(DraftFile.user_id == given("person"), DraftFile.template_key == bindparam("form"))
    .order_by(DraftFile.id)
)
_TABLE = table_of(DraftFile)
_FORGET = plain_write(
    delete(_TABLE).where(_TABLE.c.user_id == given("person"), _TABLE.c.template_key == bindparam("form"))
)


class DraftFiles:
    """`key`: the form's, or that of a request without one, or the number of a ticket that is being edited."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def of(self, key: str) -> Sequence[DraftFile]:
        """Those that go with the request as a whole."""
        return [one for one in await self._all_of(key) if one.field_key is None]

    async def for_fields(self, key: str) -> dict[str, list[dict[str, Any]]]:
        """Those that answer a question, by its key, as answers have them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in await self._all_of(key):
            if one.field_key is not None:
                found.setdefault(one.field_key, []).append(described(one, as_=DRAFT))
        return found

    async def _all_of(self, key: str) -> Sequence[DraftFile]:
        asked = {"person": self.actor.id, "form": key}
        return (await self.session.execute(_ALL, asked)).scalars().all()

    async def find(self, key: str, file_id: int) -> DraftFile:
        query = select(DraftFile).filter_by(user_id=self.actor.id, template_key=key, id=file_id)
        found = (await self.session.execute(query)).scalar_one_or_none()
        if found is None:
            raise NotFound
        return found

    async def add(self, key: str, kept: Kept, limits: Limits, *, fields: Mapping[str, str] | None = None) -> None:
        """`fields`: by input, the question that what was chosen in it answers."""
        await insist_on_room_in_draft(
            self.session, limits, template_key=key, user_id=self.actor.id, sizes=[one.size for _, one in kept],
            now=utc_now(),
        )  # fmt: skip
        rows = [
            DraftFile(
                user_id=self.actor.id, template_key=key, field_key=(fields or {}).get(one.name),
                **columns_of(path, one),
            )
            for path, one in kept
        ]  # fmt: skip
        self.session.add_all(rows)
        await self.session.flush()

    async def remove(self, file: DraftFile) -> None:
        """Its bytes are nobody's then, which is a matter of the sweep."""
        await self.session.delete(file)
        await self.session.flush()

    async def drop(self, key: str, draft_ids: Sequence[int]) -> None:
        """Of those for fields."""
        mine = (DraftFile.user_id == self.actor.id, DraftFile.template_key == key, DraftFile.field_key.is_not(None))
        gone = delete(DraftFile).where(*mine, DraftFile.id.in_(draft_ids))
        await self.session.execute(gone.execution_options(synchronize_session=False))

    async def forget(self, key: str) -> None:
        await self.session.execute(_FORGET, {"person": self.actor.id, "form": key})

    async def hand_over(self, key: str, ticket: Ticket, limits: Limits) -> None:
        """To the ticket that was made of it, before it is submitted: its approval is bound to them."""
        kept = [(file.storage_path, _as_received(file)) for file in await self.of(key)]
        await self.forget(key)
        if kept:
            await Files(self.session, self.actor).add(ticket, kept, limits)

    async def answer(self, key: str, ticket: Ticket, fields: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        """These answers with the files that they name as the ticket's; the row of the ticket is locked."""
        answered = dict(fields)
        if not any(DRAFT in file for value in fields.values() for file in files_in(value)):
            return answered
        drafts = {one.id: one for one in await self._all_of(key) if one.field_key is not None}
        for field_key, value in fields.items():
            wanted = [file[DRAFT] for file in files_in(value) if DRAFT in file]
            if not wanted:
                continue
            if not all(row in drafts and drafts[row].field_key == field_key for row in wanted):
                raise Refused.at(f"fields.{field_key}", _("A file of this is gone. Choose it again."))
            kept = [(drafts[row].storage_path, _as_received(drafts[row])) for row in wanted]
            await self.drop(key, wanted)
            rows = await Files(self.session, self.actor).store(ticket, kept, limits, field_key=field_key)
            answered[field_key] = [file for file in files_in(value) if ID in file] + [described(row) for row in rows]
        return answered


def _as_received(file: DraftFile) -> Received:
    return Received(file.file_name, file.size, file.mime_type, file.sha256, Path(file.storage_path))


async def forget_old_draft_files(session: AsyncSession) -> None:
    await session.execute(delete(DraftFile).where(DraftFile.created_at < utc_now() - KEPT_FOR))
