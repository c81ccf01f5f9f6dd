"""The verbs of labels. Everybody reads them; administrators shape them."""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.policy import insist_on_admin
from app.activity.log import ActivityLog
from app.actor import Actor
from app.catalogue import events, repository
from app.catalogue.models import Label
from app.catalogue.ordering import Direction, moved
from app.clock import database_now
from app.db.whole import all_or_nothing
from app.errors import NotFound, NotPossible, Refused

_COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


class Labels:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def all(self) -> Sequence[Label]:
        return await repository.all_labels(self.session)

    async def find(self, label_id: int) -> Label:
        label = await repository.find_label(self.session, label_id)
        if label is None:
            raise NotFound
        return label

    async def add(self, *, name: str, color: str) -> Label:
        labels = await self._begin()
        color = _insist_on_color(color)
        await self._insist_on_free_name(name)
        label = Label(name=name, color=color, position=len(labels))
        self.session.add(label)
        await self.session.flush()
        await self.activity.audit(events.LABEL_ADDED, label, name=name, color=color)
        return label

    async def reshape(self, label: Label, *, name: str, color: str) -> None:
        """All that one form holds: each thing that changes is an event of its own."""
        async with all_or_nothing(self.session, label):
            await self.rename(label, to=name)
            await self.recolour(label, color=color)

    async def rename(self, label: Label, *, to: str) -> None:
        await self._begin()
        if to == label.name:
            return
        await self._insist_on_free_name(to, but=label)
        old, label.name = label.name, to
        await self.session.flush()
        await self.activity.audit(events.LABEL_RENAMED, label, old=old, new=to)

    async def recolour(self, label: Label, *, color: str) -> None:
        await self._begin()
        color = _insist_on_color(color)
        if color == label.color:
            return
        old, label.color = label.color, color
        await self.session.flush()
        await self.activity.audit(events.LABEL_RECOLOURED, label, name=label.name, old=old, new=color)

    async def reorder(self, label: Label, direction: Direction) -> None:
        if moved(list(await self._begin()), label, direction):
            await self.session.flush()
            await self.activity.audit(events.LABEL_REORDERED, label, name=label.name, position=label.position)

    async def archive(self, label: Label) -> None:
        """It stays on the tickets that have it, and is offered nowhere any more."""
        await self._begin()
        if label.is_archived:
            raise NotPossible("This label is archived already.")
        label.archived_at = await database_now(self.session)
        await self.session.flush()
        await self.activity.audit(events.LABEL_ARCHIVED, label, name=label.name)

    async def restore(self, label: Label) -> None:
        await self._begin()
        if not label.is_archived:
            raise NotPossible("This label is in use already.")
        label.archived_at = None
        await self.session.flush()
        await self.activity.audit(events.LABEL_RESTORED, label, name=label.name)

    async def _begin(self) -> Sequence[Label]:
        insist_on_admin(self.actor)
        await repository.lock_catalogue(self.session)
        return await self.all()

    async def _insist_on_free_name(self, name: str, but: Label | None = None) -> None:
        if await repository.label_name_is_taken(self.session, name, but=but.id if but else None):
            raise Refused.at("name", "There is a label of this name already.")


def _insist_on_color(color: str) -> str:
    if not _COLOR.fullmatch(color.lower()):
        raise Refused.at("color", "A colour like #3156c4.")
    return color.lower()
