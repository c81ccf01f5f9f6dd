"""One life for whatever has versions: draft, check, compare, publish, and back again.

A domain says which two tables it keeps, which events tell the story and what its check finds; the rest is here.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.chain import canonical
from app.activity.kinds import EventKind
from app.activity.log import ActivityLog
from app.actor import Actor
from app.clock import database_now
from app.errors import NotFound, NotPossible, Refused, Stale
from app.publishing import repository
from app.publishing.models import VersionStatus
from app.publishing.problems import Problem, by_path
from app.web.i18n import gettext as _

TemplateRow = TypeVar("TemplateRow", bound=Any)
VersionRow = TypeVar("VersionRow", bound=Any)
Definition = Mapping[str, Any]
Check = Callable[[Definition], Awaitable[Sequence[Problem]]]


@dataclass(frozen=True, slots=True)
class Publishable(Generic[TemplateRow, VersionRow]):
    """The template's table (key, name, archived_at), its versions' table, and the three events of their life."""

    template: type[TemplateRow]
    version: type[VersionRow]
    published: EventKind
    archived: EventKind
    unarchived: EventKind


def fingerprint(definition: Definition) -> str:
    return hashlib.sha256(canonical(definition).encode()).hexdigest()


class Publishing(Generic[TemplateRow, VersionRow]):
    """Who may do this is the domain's to say, before it calls."""

    def __init__(
        self, session: AsyncSession, actor: Actor, what: Publishable[TemplateRow, VersionRow], check: Check
    ) -> None:
        self.session, self.actor, self.what, self._check = session, actor, what, check

    async def published(self, template: TemplateRow) -> VersionRow | None:
        return await self._with_status(template, VersionStatus.PUBLISHED)

    async def draft(self, template: TemplateRow) -> VersionRow | None:
        return await self._with_status(template, VersionStatus.DRAFT)

    async def versions(self, template: TemplateRow) -> Sequence[VersionRow]:
        """Newest first, the draft among them."""
        return await repository.all_versions(self.session, self.what.version, template.id)

    async def version(self, template: TemplateRow, number: int) -> VersionRow:
        found = await repository.with_number(self.session, self.what.version, template.id, number)
        if found is None:
            raise NotFound
        return found

    async def save_draft(self, template: TemplateRow, definition: Definition) -> VersionRow:
        """There is one draft a template; it may hold what the check would refuse."""
        await self._lock(template)
        return await self._write_draft(template, definition)

    async def restore_as_draft(self, template: TemplateRow, number: int) -> VersionRow:
        """Nothing goes live: what was right then is checked again when it is published."""
        await self._lock(template)
        return await self._write_draft(template, (await self.version(template, number)).definition)

    async def check(self, definition: Definition) -> Sequence[Problem]:
        return await self._check(definition)

    async def publish(self, template: TemplateRow, *, based_on: int | None = None) -> VersionRow:
        """`based_on` is the live version that the editor saw; somebody else's later one is not overwritten."""
        await self._lock(template)
        live = await self.published(template)
        _refuse_stale(live, based_on)
        draft = await self.draft(template)
        if draft is None:
            raise NotPossible("There is no draft to publish.")
        await self._refuse_problems(draft.definition)
        return await self._go_live(template, draft, live)

    async def save_and_publish(
        self, template: TemplateRow, definition: Definition, *, based_on: int | None = None
    ) -> VersionRow:
        """Draft and publication in one go, or neither; saving what is live already makes no new version."""
        await self._lock(template)
        live, draft = await self.published(template), await self.draft(template)
        _refuse_stale(live, based_on)
        if draft is None and live is not None and live.sha256 == fingerprint(definition):
            return live
        await self._refuse_problems(definition)
        return await self._go_live(template, await self._write_draft(template, definition), live)

    async def archive(self, template: TemplateRow) -> None:
        await self._lock(template)
        if template.archived_at is not None:
            raise NotPossible("This is archived already.")
        template.archived_at = await database_now(self.session)
        await self._record(self.what.archived, template)

    async def unarchive(self, template: TemplateRow) -> None:
        await self._lock(template)
        if template.archived_at is None:
            raise NotPossible("This is not archived.")
        template.archived_at = None
        await self._record(self.what.unarchived, template)

    async def _lock(self, template: TemplateRow) -> None:
        await self.session.flush()
        await repository.locked(self.session, self.what.template, template.id)

    async def _with_status(self, template: TemplateRow, status: VersionStatus) -> VersionRow | None:
        return await repository.with_status(self.session, self.what.version, template.id, status)

    async def _write_draft(self, template: TemplateRow, definition: Definition) -> VersionRow:
        draft = await self.draft(template)
        if draft is None:
            number = await repository.next_number(self.session, self.what.version, template.id)
            draft = self._new_draft(template, number)
        draft.definition, draft.sha256 = dict(definition), fingerprint(definition)
        await self.session.flush()
        return draft

    def _new_draft(self, template: TemplateRow, number: int) -> VersionRow:
        draft: VersionRow = self.what.version(template_id=template.id, number=number, status=VersionStatus.DRAFT)
        self.session.add(draft)
        return draft

    async def _go_live(self, template: TemplateRow, draft: VersionRow, live: VersionRow | None) -> VersionRow:
        if live is not None:
            live.status = VersionStatus.RETIRED
            await self.session.flush()  # at most one version is live at any moment, the index says
        at = await database_now(self.session)
        self._publish_row(draft, at)
        await self.session.flush()
        facts = {"version": draft.number, "sha256": draft.sha256, "previous": live.number if live else None}
        await self._record(self.what.published, template, **facts)
        return draft

    def _publish_row(self, draft: VersionRow, at: datetime) -> None:
        draft.status, draft.published_at, draft.published_by = VersionStatus.PUBLISHED, at, self.actor.id
        draft.sha256 = fingerprint(draft.definition)

    async def _refuse_problems(self, definition: Definition) -> None:
        blocking = [problem for problem in await self._check(definition) if problem.blocking]
        if blocking:
            raise Refused("This cannot be published yet.", by_path(blocking))

    async def _record(self, kind: EventKind, template: TemplateRow, **facts: Any) -> None:
        await self.session.flush()
        log = ActivityLog(self.session, self.actor)
        await log.audit(kind, template, key=template.key, name=template.name, **facts)


def _refuse_stale(live: Any, based_on: int | None) -> None:
    if based_on is not None and live is not None and live.number != based_on:
        sentence = _("Version %(new)d was published while you were editing version %(old)d. Compare, then save again.")
        raise Stale(sentence % {"new": live.number, "old": based_on})
