"""A mail server of our own, and a worker that sends what is due."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.mailing import jobs, reader
from app.mailing.models import MailDelivery
from app.mailing.post import use_post_office

Send = Callable[[], Awaitable[None]]
assert reader


@dataclass
class MailServer:
    """Takes every mail, or answers each with `refusal`."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusal: bytes = b""

    def to(self, name: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"].addresses[0].username == name]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while (line := await reader.readline()) and not line.upper().startswith(b"QUIT"):
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                written = await reader.readuntil(b"\r\n.\r\n")
                writer.write(self.refusal or b"250 taken\r\n")
                if not self.refusal:
                    self.mails.append(message_from_bytes(written[:-3], policy=policy.default))  # type: ignore[arg-type]
            else:
                writer.write(b"250 ok\r\n")
        writer.close()


@pytest.fixture
async def mail_server(app: Litestar) -> AsyncIterator[MailServer]:
    mails = MailServer()
    server = await asyncio.start_server(mails.talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    use_post_office(replace(app.state.settings, smtp_url=f"smtp://127.0.0.1:{port}?from=tickets@example.org"))
    yield mails
    use_post_office(app.state.settings)
    server.close()


@pytest.fixture
def send(session: AsyncSession, app: Litestar) -> Send:
    """What the queue would do once for each mail; a failure makes the queue come back later."""

    async def now() -> None:
        queued: Any = select(MailDelivery.id).where(MailDelivery.status == "queued").order_by(MailDelivery.id)
        for delivery in (await session.execute(queued)).scalars().all():
            try:
                await jobs.deliver(app.state.database, {"delivery": delivery})
            except OSError:
                continue

    return now
