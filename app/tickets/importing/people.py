"""People and roles as a table names them: by name, by id, and for administrators by e-mail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.accounts.repository import active_people, active_roles
from app.actor import Actor
from app.web.i18n import gettext as _


@dataclass(slots=True)
class Names:
    people: dict[str, set[int]] = field(default_factory=dict)
    roles: dict[str, set[int]] = field(default_factory=dict)

    def person(self, words: str) -> int:
        return _one(self.people, words, _("There is nobody of this name here."))

    def role(self, words: str) -> int:
        return _one(self.roles, words, _("There is no such role."))


async def names_for(session: AsyncSession, actor: Actor) -> Names:
    """Who somebody's e-mail is, administrators know: nobody else learns it by trying (promises.md, S5)."""
    people = [(row.id, row.name) for row in await active_people(session)]
    if actor.is_admin:
        mails = select(User.id, User.email).where(User.id.in_([row_id for row_id, _name in people]))
        people += [(row.id, row.email) for row in (await session.execute(mails)).all()]
    roles = [(row.id, row.name) for row in await active_roles(session)]
    return Names(_by_words(people), _by_words(roles))


def _by_words(rows: Iterable[tuple[int, Any]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row_id, name in rows:
        found.setdefault(str(name).casefold(), set()).add(row_id)
        found.setdefault(str(row_id), set()).add(row_id)
    return found


def _one(known: dict[str, set[int]], words: str, nobody: str) -> int:
    found = known.get(words.casefold(), set())
    if len(found) != 1:
        raise ValueError(_("Several are called so: write the id.") if found else nobody)
    return next(iter(found))
