"""Mails as a mail server gets them, and what of each its reader sees."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage

from app.config import Settings
from app.mailing import reader
from app.mailing.post import use_post_office
from tests.mailing.conftest import MailServer
from tests.secrecy.outsider import VOLATILE, Answer

assert reader
TOKEN = re.compile(r"(?<=/a/)[\w-]{43}")
__all__ = ["MailServer", "mails_taken", "told_by"]


@asynccontextmanager
async def mails_taken(settings: Settings, mails: MailServer) -> AsyncIterator[None]:
    server = await asyncio.start_server(mails.talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    use_post_office(replace(settings, smtp_url=f"smtp://127.0.0.1:{port}?from=tickets@example.org"))
    yield
    use_post_office(settings)
    server.close()


def told_by(mail: EmailMessage) -> Answer:
    """Its number rests on a counter that all mails share, as a ticket's does (L15)."""
    body = "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    for volatile in (*VOLATILE, TOKEN):
        body = volatile.sub("~", body)
    headers = [(name, str(mail[name])) for name in mail if name in {"From", "To", "Subject", "Auto-Submitted"}]
    return Answer(0, tuple(headers), body)
