"""The way out: one SMTP server, named by `SMTP_URL`; without it there is no mail."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from app.config import Settings

LONGEST_WAIT = 10.0
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
PERMANENT = 500
"""From here on a reply says: not ever."""


class Undeliverable(Exception):
    """The server took a look and will not take it, however often it is asked."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """`smtp://user:password@host:port?from=tickets@example.org`"""

    smtp: SplitResult
    public_url: str

    @property
    def sender(self) -> str:
        written = parse_qs(self.smtp.query).get("from", [""])[0]
        return written or f"countersign@{self.host}"

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"

    async def send(self, message: EmailMessage) -> None:
        """In a thread: a server that does not answer keeps nothing else waiting."""
        await asyncio.to_thread(self._send, message)

    def _send(self, message: EmailMessage) -> None:
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise (Undeliverable if code >= PERMANENT else OSError)(f"{code} {_text(said)}") from error
        except smtplib.SMTPResponseException as error:
            is_final = error.smtp_code >= PERMANENT and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise (Undeliverable if is_final else OSError)(f"{error.smtp_code} {_text(error.smtp_error)}") from error

    def _connected(self) -> smtplib.SMTP:
        host, port = self.smtp.hostname or "localhost", self.smtp.port or PORTS[self.smtp.scheme]
        if self.smtp.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=LONGEST_WAIT, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=LONGEST_WAIT)
        if self.smtp.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if self.smtp.username:
            server.login(unquote(self.smtp.username), unquote(self.smtp.password or ""))
        return server


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


_offices: list[PostOffice] = []


def use_post_office(settings: Settings) -> None:
    """Once, before work begins."""
    _offices[:] = [PostOffice(urlsplit(settings.smtp_url), settings.public_url)] if settings.smtp_url else []


def post_office() -> PostOffice | None:
    return _offices[0] if _offices else None
