"""Who may shape ticket templates, and who may ask with one."""

from collections.abc import Collection
from dataclasses import dataclass

from app.actor import Actor


@dataclass(frozen=True, slots=True)
class May:
    actor: Actor

    @property
    def shape(self) -> bool:
        """Create, edit, publish, archive."""
        return self.actor.is_admin

    def ask_with(self, usable_by: Collection[int] | None) -> bool:
        """Administering a form is no reason to file it: admins ask as members of a role too."""
        return usable_by is None or not self.actor.role_ids.isdisjoint(usable_by)
