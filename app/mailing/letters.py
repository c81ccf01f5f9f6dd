"""What a mail says, made for one reader from what they may see at this moment."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from app.actor import Actor
from app.config import resource
from app.mailing.post import PostOffice
from app.tickets.models import Ticket, Visibility
from app.web.i18n import gettext as _
from app.web.i18n import labelled
from app.web.templates import environment

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Asking:
    """Of a restricted ticket a mail tells the number only: mailboxes are read by others too."""

    ticket: Ticket
    asker: str
    step: str
    on_behalf_of: str
    due_at: datetime | None
    url: str

    @property
    def title(self) -> str:
        return "" if self.ticket.visibility == Visibility.RESTRICTED else self.ticket.title

    @property
    def subject(self) -> str:
        said = _("%(number)s waits for your decision") % {"number": self.ticket.ticket_no}
        return _one_line(labelled(said, self.title) if self.title else said)


def letter(office: PostOffice, reader: Actor, asking: Asking, *, delivery: int) -> EmailMessage:
    """The same Message-ID at each attempt: a mail server that got it twice shows it once."""
    message = EmailMessage()
    message["From"] = Address("Countersign", addr_spec=office.sender)
    message["To"] = Address(_one_line(reader.name), addr_spec=reader.email)
    message["Subject"] = asking.subject
    message["Message-ID"] = f"<asked-{delivery}@{office.host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_render("asked.txt", reader=reader, asking=asking))
    message.add_alternative(_render("_asked.html", reader=reader, asking=asking), subtype="html")
    return message


def _one_line(text: str) -> str:
    """No header begins inside another (I2)."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:LONGEST_SUBJECT]


def _render(name: str, **context: Any) -> str:
    pages = environment(resource("templates"), resource("static"))
    return pages.get_template(f"mailing/{name}").render(context)
