"""What somebody has typed into a new request and not kept as a ticket yet: no number, no event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.db.constants import given, plain_write, table_of
from app.tickets.models import FormDraft
from app.web.forms import Submitted, is_clean

LONGEST = 60_000
MOST_NAMES = 400
_NOT_KEPT = {"_csrf", "command", "act"}


_TABLE = table_of(FormDraft)
_FORGET = plain_write(
    delete(_TABLE).where(_TABLE.c.user_id == given("person"), _TABLE.c.template_key == bindparam("form"))
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A form that is half typed; `title` as far as there is one."""

    key: str
    title: str
    at: datetime


class TypedRequests:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def find(self, key: str) -> tuple[Submitted, datetime] | None:
        query = select(FormDraft.values, FormDraft.updated_at).filter_by(user_id=self.actor.id, template_key=key)
        row = (await self.session.execute(query)).one_or_none()
        return (Submitted({name: list(given) for name, given in row[0].items()}), row[1]) if row else None

    async def begun(self) -> Sequence[Begun]:
        """The latest first: one a form at most."""
        query = select(FormDraft.template_key, FormDraft.values["title"][0].astext, FormDraft.updated_at)
        query = query.where(FormDraft.user_id == self.actor.id)
        rows = await self.session.execute(query.order_by(FormDraft.updated_at.desc(), FormDraft.id.desc()))
        return [Begun(key, (title or "").strip(), at) for key, title, at in rows]

    async def keep(self, key: str, sent: Submitted) -> None:
        """The last word wins: one draft a person and form."""
        values, now = _storable(sent), utc_now()
        draft = insert(FormDraft).values(user_id=self.actor.id, template_key=key, values=values, updated_at=now)
        again = draft.on_conflict_do_update(
            index_elements=[FormDraft.user_id, FormDraft.template_key], set_={"values": values, "updated_at": now}
        )
        await self.session.execute(again)

    async def forget(self, key: str) -> None:
        await self.session.execute(_FORGET, {"person": self.actor.id, "form": key})


def _storable(sent: Submitted) -> dict[str, list[str]]:
    """What no text may hold is left out here; the form says so when it is sent."""
    kept: dict[str, list[str]] = {}
    room = LONGEST
    for name, said in list(sent.values.items())[:MOST_NAMES]:
        texts = [text for text in said if is_clean(text) and is_clean(name)]
        room -= sum(len(text) + len(name) for text in texts)
        if room < 0:
            break
        if texts and name not in _NOT_KEPT:
            kept[name] = texts
    return kept
