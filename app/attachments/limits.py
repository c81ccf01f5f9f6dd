"""How much may be sent, and the sentence that says so."""

from dataclasses import dataclass

from app.errors import DomainError, Refused
from app.web.i18n import gettext as _

MEGABYTE = 1_000_000


class TooLarge(DomainError):
    status_code = 413


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    per_file: int = 25 * MEGABYTE
    per_ticket: int = 250 * MEGABYTE
    files_per_ticket: int = 100
    per_person_and_day: int = 1000 * MEGABYTE
    left_on_disk: int = 500 * MEGABYTE
    files_at_once: int = 10

    def insist_on_file(self, name: str, size: int) -> None:
        """It is named, for it may be one of ten that were chosen, and none of them is taken then."""
        if size > self.per_file:
            told = {"name": name, "size": megabytes(self.per_file)}
            raise TooLarge(_("%(name)s is too large: a file has at most %(size)s.") % told)

    def insist_on_ticket(self, *, files: int, size: int) -> None:
        """With the new ones counted in."""
        if files > self.files_per_ticket:
            raise Refused.at("file", _("A ticket has at most %(number)d files.") % {"number": self.files_per_ticket})
        if size > self.per_ticket:
            raise TooLarge(
                _("The files of a ticket have at most %(size)s together.") % {"size": megabytes(self.per_ticket)}
            )

    def insist_on_person(self, size: int) -> None:
        if size > self.per_person_and_day:
            raise TooLarge(_("You can send at most %(size)s a day.") % {"size": megabytes(self.per_person_and_day)})

    def insist_on_disk(self, free: int) -> None:
        if free < self.left_on_disk:
            raise TooLarge("There is no room for files right now. Tell an administrator.")


def megabytes(size: int) -> str:
    return f"{size // MEGABYTE:,} MB" if size >= MEGABYTE else _("%(number)s bytes") % {"number": f"{size:,}"}
