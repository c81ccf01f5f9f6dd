"""Links from e-mails to a seat: made when a mail is sent, revoked by what takes the seat's request away."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcessStepApprover, EmailLink
from app.clock import utc_now
from app.db.constants import among, moment, plain_write, table_of

LONGEST = timedelta(days=7)
TOKEN_LENGTH = 43
"""256 bits as base64url."""


_SEATS, _LINKS = table_of(ApprovalProcessStepApprover), table_of(EmailLink)
_LOST = select(_SEATS.c.id).where(
    among(_SEATS.c.step_id, "steps"), or_(_SEATS.c.status != "pending", among(_SEATS.c.id, "given_away"))
)
_REVOKE = plain_write(
    update(_LINKS).where(_LINKS.c.revoked_at.is_(None), _LINKS.c.seat_id.in_(_LOST)).values(revoked_at=moment("now"))
)


@dataclass(frozen=True, slots=True)
class LinkFor:
    seat_id: int
    user_id: int
    seen_hash: str
    due_at: datetime | None


async def new_link(session: AsyncSession, to: LinkFor) -> str:
    """The token, which is told to nobody but this person, and kept nowhere; what was sent for it before is void."""
    token, now = secrets.token_urlsafe(32), utc_now()
    older = update(EmailLink).where(EmailLink.seat_id == to.seat_id, EmailLink.user_id == to.user_id)
    await session.execute(older.where(EmailLink.revoked_at.is_(None)).values(revoked_at=now))
    expires = min(now + LONGEST, to.due_at) if to.due_at and to.due_at > now else now + LONGEST
    session.add(
        EmailLink(
            token_sha256=_sha256(token), seat_id=to.seat_id, user_id=to.user_id, seen_hash=to.seen_hash,
            expires_at=expires,
        )
    )  # fmt: skip
    await session.flush()
    return token


async def link_of(session: AsyncSession, user_id: int, token: str) -> EmailLink | None:
    """Somebody else's is as good as none."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    query = select(EmailLink).where(EmailLink.token_sha256 == _sha256(token), EmailLink.user_id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


async def mark_used(session: AsyncSession, link: EmailLink) -> None:
    await session.execute(update(EmailLink).where(EmailLink.id == link.id).values(used_at=utc_now()))


async def revoke_links(session: AsyncSession, step_ids: Sequence[int], given_away: Sequence[int]) -> None:
    """Of seats that no longer wait, and of those that now wait for somebody else."""
    await session.execute(_REVOKE, {"now": utc_now(), "steps": list(step_ids), "given_away": list(given_away)})


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
