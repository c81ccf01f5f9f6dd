"""What the inbox can be filtered by: only what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.web.i18n import gettext as _
from app.work.filters import due_words
from app.work.repository import choices


@dataclass(frozen=True, slots=True)
class Offer:
    """One filter that can be added, with the values to choose from."""

    name: str
    label: str
    options: Sequence[dict[str, str]]


async def offers(session: AsyncSession, actor: Actor) -> list[Offer]:
    found = await choices(session, actor)
    return [
        Offer("template", _("Form"), _options(found.templates)),
        Offer("requester", _("Asked by"), _options(found.requesters)),
        Offer("due", _("Due"), [{"value": value, "label": said} for value, said in due_words().items()]),
    ]


def _options(names: dict[int, str]) -> list[dict[str, str]]:
    return [{"value": str(row_id), "label": name} for row_id, name in names.items()]
