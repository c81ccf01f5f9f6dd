"""Who may do what with a view that they found."""

from dataclasses import dataclass

from app.actor import Actor
from app.tickets.saved_views.models import SavedView


@dataclass(frozen=True, slots=True)
class MayView:
    actor: Actor
    view: SavedView

    @property
    def change(self) -> bool:
        return self.view.owner_id == self.actor.id

    @property
    def delete(self) -> bool:
        return self.change or (self.actor.is_admin and self.view.role_id is not None)
