"""What administering takes."""

from app.actor import Actor
from app.errors import NotAllowed


def insist_on_admin(actor: Actor) -> None:
    if not (actor.is_admin or actor.is_system):
        raise NotAllowed("Only an administrator can do this.")
