"""What a ticket carries besides its content: priority, due date, assignee, labels, categories, who may see it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Role, User
from app.catalogue.models import Category, Label
from app.errors import NotAllowed, NotFound, Refused
from app.tickets import events
from app.tickets.access import Principal, derive_own, set_access
from app.tickets.approving.watched_desk import WatchedDesk
from app.tickets.models import (
    AccessReason,
    Priority,
    Ticket,
    TicketCategory,
    TicketLabel,
    TicketViewPermission,
    Visibility,
)


class Properties(WatchedDesk):
    async def prioritise(self, ticket: Ticket, priority: Priority) -> None:
        self._insist_on_properties(ticket)
        if ticket.priority != priority:
            await self.insist_not_held(ticket, "priority")
            old, ticket.priority = ticket.priority, priority
            await self._touched(ticket)
            await self.log.record(events.PRIORITY_CHANGE, ticket, old=old, new=str(priority))
            await self.tell_the_approval(ticket, "priority")

    async def due(self, ticket: Ticket, at: datetime | None) -> None:
        self._insist_on_properties(ticket)
        if ticket.due_at != at:
            await self.insist_not_held(ticket, "due_at")
            old, ticket.due_at = ticket.due_at, at
            await self._touched(ticket)
            facts: dict[str, Any] = {
                "old": old and old.isoformat(),
                "new": at and at.isoformat(),
                "removed": at is None,
            }
            await self.log.record(events.DUE_DATE_CHANGE, ticket, **facts)
            await self.tell_the_approval(ticket, "due_at")

    async def assign(self, ticket: Ticket, *, user_id: int | None, role_id: int | None) -> None:
        """To a person, to a role, to both (a person of a team), or to nobody."""
        if not self.may(ticket).assign:
            raise NotAllowed("Only managers, the assignee and members of the assigned role can hand this over.")
        await self._insist_on_people(user_id, role_id)
        old, old_role = ticket.assignee_id, ticket.assigned_role_id
        if (old, old_role) == (user_id, role_id):
            return
        await self.insist_not_held(ticket, "assignee", "assigned_role")
        ticket.assignee_id, ticket.assigned_role_id = user_id, role_id
        await self._touched(ticket)
        await derive_own(self.session, ticket)
        facts: dict[str, Any] = {"to": user_id, "role": role_id, "old": old, "old_role": old_role}
        alternative: dict[str, Any] = {} if user_id else {"to_role": True} if role_id else {"nobody": True}
        await self.log.record(events.ASSIGNEE_CHANGE, ticket, **facts, **alternative)
        await self.tell_the_approval(ticket, "assignee", "assigned_role")

    async def label(self, ticket: Ticket, label_id: int) -> None:
        self._insist_on_properties(ticket)
        label = await self.session.get(Label, label_id)
        if label is None or label.is_archived:
            raise NotFound
        added = insert(TicketLabel).values(ticket_id=ticket.id, label_id=label_id).on_conflict_do_nothing()
        if (await self.session.execute(added.returning(TicketLabel.id))).scalar() is not None:
            await self._touched(ticket)
            await self.insist_not_held(ticket, "labels")
            await self.log.record(events.LABEL_ADD, ticket, label=label_id)
            await self.tell_the_approval(ticket, "labels")

    async def unlabel(self, ticket: Ticket, label_id: int) -> None:
        self._insist_on_properties(ticket)
        gone = delete(TicketLabel).where(TicketLabel.ticket_id == ticket.id, TicketLabel.label_id == label_id)
        if (await self.session.execute(gone.returning(TicketLabel.id))).scalar() is not None:
            await self._touched(ticket)
            await self.insist_not_held(ticket, "labels")
            await self.log.record(events.LABEL_REMOVE, ticket, label=label_id)
            await self.tell_the_approval(ticket, "labels")

    async def categorise(self, ticket: Ticket, category_id: int) -> None:
        self._insist_on_properties(ticket)
        category = await self.session.get(Category, category_id)
        if category is None or category.is_archived:
            raise NotFound
        added = insert(TicketCategory).values(ticket_id=ticket.id, category_id=category_id).on_conflict_do_nothing()
        if (await self.session.execute(added.returning(TicketCategory.id))).scalar() is not None:
            await self._touched(ticket)
            await self.insist_not_held(ticket, "category")
            await self.log.record(events.CATEGORY_ADD, ticket, category=category_id)
            await self.tell_the_approval(ticket, "category")

    async def uncategorise(self, ticket: Ticket, category_id: int) -> None:
        self._insist_on_properties(ticket)
        gone = delete(TicketCategory).where(
            TicketCategory.ticket_id == ticket.id, TicketCategory.category_id == category_id
        )
        if (await self.session.execute(gone.returning(TicketCategory.id))).scalar() is not None:
            await self._touched(ticket)
            await self.insist_not_held(ticket, "category")
            await self.log.record(events.CATEGORY_REMOVE, ticket, category=category_id)
            await self.tell_the_approval(ticket, "category")

    async def show_to(self, ticket: Ticket, visibility: Visibility) -> None:
        self._insist_on_sharing(ticket)
        if ticket.visibility != visibility:
            await self.insist_not_held(ticket, "visibility")
            old, ticket.visibility = ticket.visibility, visibility
            await self._touched(ticket)
            await self.log.record(events.VISIBILITY_CHANGE, ticket, old=old, new=str(visibility))
            await self.tell_the_approval(ticket, "visibility")

    async def grant(self, ticket: Ticket, *, user_id: int | None, role_id: int | None) -> TicketViewPermission:
        self._insist_on_sharing(ticket)
        await self._insist_on_people(user_id, role_id)
        if (user_id is None) == (role_id is None):
            raise Refused("Choose a person or a role.")
        known = await self._grant_of(ticket, user_id, role_id)
        if known is not None:
            return known
        permission = TicketViewPermission(ticket_id=ticket.id, user_id=user_id, role_id=role_id)
        self.session.add(permission)
        await self._granted(ticket)
        await self.log.record(events.PERMISSION_GRANT, ticket, user=user_id, role=role_id)
        return permission

    async def revoke(self, ticket: Ticket, permission_id: int) -> None:
        self._insist_on_sharing(ticket)
        query = select(TicketViewPermission).filter_by(id=permission_id, ticket_id=ticket.id)
        permission = (await self.session.execute(query)).scalar_one_or_none()
        if permission is None:
            raise NotFound
        permission.delete_softly(at=await self.now())
        await self._granted(ticket)
        await self.log.record(events.PERMISSION_REVOKE, ticket, user=permission.user_id, role=permission.role_id)

    async def _granted(self, ticket: Ticket) -> None:
        await self.session.flush()
        rows = (await self.session.execute(select(TicketViewPermission).filter_by(ticket_id=ticket.id))).scalars()
        principals = [Principal(row.user_id, row.role_id) for row in rows]
        await set_access(self.session, ticket.id, {AccessReason.GRANTED: principals})

    async def _grant_of(self, ticket: Ticket, user_id: int | None, role_id: int | None) -> TicketViewPermission | None:
        query = select(TicketViewPermission).filter_by(ticket_id=ticket.id, user_id=user_id, role_id=role_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def _touched(self, ticket: Ticket) -> None:
        ticket.touch(by=self.actor.id, at=await self.now())
        await self.session.flush()

    def _insist_on_properties(self, ticket: Ticket) -> None:
        if not self.may(ticket).edit_properties:
            raise NotAllowed(self.may(ticket).who_may_edit)

    def _insist_on_sharing(self, ticket: Ticket) -> None:
        if not self.may(ticket).share:
            raise NotAllowed("Only who asked, the assignee and administrators decide who can see this.")

    async def _insist_on_people(self, user_id: int | None, role_id: int | None) -> None:
        user = await self.session.get(User, user_id) if user_id else None
        if user_id and (user is None or not user.is_active):
            raise Refused("This person is not here any more.", {"user_id": "Choose somebody who is active."})
        role = await self.session.get(Role, role_id) if role_id else None
        if role_id and (role is None or role.archived_at):
            raise Refused("This role is not in use any more.", {"role_id": "Choose a role that is in use."})
