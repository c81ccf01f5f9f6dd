"""May: who may do what with one ticket. Pages, API and bulk acts ask here, and nowhere else.

It is asked only about a ticket that its actor may see.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.actor import Actor
from app.tickets.lifecycle import FINAL, Move, step_for
from app.tickets.models import Ticket
from app.tickets.models import TicketStatus as S
from app.web.i18n import N_


@dataclass(frozen=True, slots=True)
class May:
    actor: Actor
    ticket: Ticket

    # who somebody is to this ticket

    @property
    def is_owner(self) -> bool:
        """Creator, or the person it was asked for: both have the creator's rights, and neither may approve."""
        return self.actor.id in {self.ticket.created_by, self.ticket.requester_id}

    @property
    def is_assignee(self) -> bool:
        return self.actor.id == self.ticket.assignee_id

    @property
    def is_handler(self) -> bool:
        """The assignee or a member of the assigned role."""
        return self.is_assignee or (self.ticket.assigned_role_id in self.actor.role_ids)

    @property
    def is_overseer(self) -> bool:
        return self.actor.is_manager or self.actor.is_admin

    # content and properties

    @property
    def edit_content(self) -> bool:
        """Title, description and fields; while it waits an edit takes back what was decided upon other content."""
        if self.ticket.status in {S.DRAFT, S.WAITING_APPROVAL}:
            return self.is_owner
        return self.ticket.status in {S.OPEN, S.IN_PROGRESS} and (self.is_handler or self.is_overseer)

    @property
    def change_watched(self) -> bool:
        """What was approved stays as it was approved; the way is back to draft."""
        return self.edit_content and not self.ticket.is_held_fast

    @property
    def edit_properties(self) -> bool:
        """Labels, categories, priority, due date, links."""
        if self.ticket.status in {S.DRAFT, S.WAITING_APPROVAL}:
            return self.is_owner
        return self.ticket.status in {S.OPEN, S.IN_PROGRESS} and (self.is_handler or self.is_overseer)

    @property
    def who_may_edit(self) -> str:
        """Content, properties and files, for whom it is refused."""
        if self.ticket.status in {S.DRAFT, S.WAITING_APPROVAL}:
            return N_("Until it is approved, only who asked for it changes this.")
        if self.ticket.status in {S.OPEN, S.IN_PROGRESS}:
            return N_("Only who works on it, managers and administrators change this now.")
        return N_("Nobody changes this in the state that the ticket is in now.")

    @property
    def add_files(self) -> bool:
        """The ticket's own: part of what is asked for until it is approved, then what its handlers bring."""
        return self.edit_content

    @property
    def remove_files(self) -> bool:
        """What was approved with them stays as it was approved."""
        return self.change_watched

    @property
    def assign(self) -> bool:
        return self.ticket.status not in FINAL and (self.is_overseer or self.is_handler)

    @property
    def comment(self) -> bool:
        return self.ticket.status not in FINAL

    def edit_comment(self, author_id: int | None) -> bool:
        """Nobody, whatever they administer, puts words into somebody's mouth."""
        return self.comment and author_id == self.actor.id

    def remove_comment(self, author_id: int | None) -> bool:
        return self.comment and (author_id == self.actor.id or self.actor.is_admin)

    @property
    def share(self) -> bool:
        """Visibility and grants."""
        return self.ticket.status not in FINAL and (self.is_owner or self.is_assignee or self.actor.is_admin)

    @property
    def delete(self) -> bool:
        never_submitted = self.ticket.status == S.DRAFT and self.ticket.submitted_at is None
        return self.actor.is_admin or (never_submitted and self.is_owner)

    # moves

    @property
    def submit(self) -> bool:
        return self._can(Move.SUBMIT) and self.is_owner

    @property
    def withdraw(self) -> bool:
        return self._can(Move.WITHDRAW) and self.is_owner

    @property
    def cancel(self) -> bool:
        if not self._can(Move.CANCEL):
            return False
        status = self.ticket.status
        if status == S.WAITING_APPROVAL:
            return self.is_overseer and not self.is_owner
        if status == S.DRAFT and self.ticket.approval == "returned" and not self.is_owner:
            return self.is_overseer  # whoever it went back to may have left
        if status in {S.DRAFT, S.REJECTED}:
            return self.is_owner
        return self.is_overseer or (status == S.OPEN and self.is_owner)

    @property
    def edit_again(self) -> bool:
        return self._can(Move.EDIT_AGAIN) and self.is_owner

    @property
    def change_approved(self) -> bool:
        """Back to draft to change what was approved; without an approval there is nothing locked to change."""
        return self._can(Move.CHANGE_APPROVED) and (self.is_owner or self.is_overseer)

    @property
    def take(self) -> bool:
        return self._can(Move.TAKE) and (self.is_handler or self.is_overseer)

    @property
    def resolve(self) -> bool:
        return self._can(Move.RESOLVE) and self.is_assignee

    @property
    def hand_back(self) -> bool:
        return self._can(Move.HAND_BACK) and self.is_assignee

    @property
    def confirm(self) -> bool:
        return self._can(Move.CONFIRM) and self.is_owner

    @property
    def send_back(self) -> bool:
        return self._can(Move.SEND_BACK) and self.is_owner

    def make(self, move: Move) -> bool:
        """The same properties by the move's name."""
        allowed: bool = getattr(self, move.value)
        return allowed

    @property
    def moves(self) -> Iterator[Move]:
        return (move for move in Move if self.make(move))

    @property
    def words(self) -> list[str]:
        """What the API's `may` lists."""
        names = ("edit_content", "edit_properties", "add_files", "comment", "assign", "share", "delete")
        wire = {"edit_content": "edit", "edit_properties": "edit_properties"}
        return [wire.get(name, name) for name in names if getattr(self, name)] + [move.value for move in self.moves]

    def _can(self, move: Move) -> bool:
        return step_for(self.ticket.status, move) is not None
