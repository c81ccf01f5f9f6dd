"""Running approvals move to the live version of their flow, each by an administrator's command (approvals.md, 11)."""

from dataclasses import replace

from sqlalchemy import select

from app.approvals.core import commands as c
from app.approvals.models import ApprovalTemplateVersion
from app.approvals.repository import flow_of
from app.errors import NotPossible, Refused
from app.publishing.models import VersionStatus
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.approving.facts import gather
from app.tickets.approving.people import hold_still
from app.tickets.models import Ticket
from app.web.i18n import gettext as _


class MigrationDesk(ApprovalDesk):
    async def move_on(self, ticket: Ticket, *, version_id: int, reason: str) -> None:
        """On a locked ticket; what runs on that version already is left as it is."""
        if not reason.strip():
            raise Refused.at("reason", _("Give a reason."))
        await hold_still(self.session, [self.actor.id])
        running, version = await self._needed(ticket), await self._published(version_id)
        if running.process.template_version_id == version.id:
            return
        if running.flow.key != flow_of(version).key:
            raise NotPossible(_("This request runs through another flow."))
        await self._apply(ticket, await self.aimed(running, version), self.command(version, reason.strip()))
        running.process.template_version_id, running.process.definition_sha256 = version.id, version.sha256
        ticket.approval_template_version_id = version.id
        ticket.touch(by=self.actor.id, at=running.context.now)
        await self.session.flush()

    def command(self, version: ApprovalTemplateVersion, reason: str) -> c.Migrate:
        return c.Migrate(self.actor.id, version.number, version.sha256, reason)

    async def aimed(self, running: Running, version: ApprovalTemplateVersion) -> Running:
        """With the version as the target; everybody whom either flow names is known by name."""
        target, found = await gather(
            self.session, running.subject, flow_of(version), running.state, self.actor.id,
            process_id=running.process.id,
        )  # fmt: skip
        known = running.directory
        directory = replace(found, names=known.names | found.names, role_names=known.role_names | found.role_names)
        context = replace(running.context, target=replace(target, now=running.context.now))
        return replace(running, context=context, directory=directory)

    async def _published(self, version_id: int) -> ApprovalTemplateVersion:
        query = select(ApprovalTemplateVersion).filter_by(id=version_id, status=VersionStatus.PUBLISHED)
        version = (await self.session.execute(query)).scalar_one_or_none()
        if version is None:
            raise NotPossible(_("Another version was published meanwhile. Look at it, then try again."))
        return version
