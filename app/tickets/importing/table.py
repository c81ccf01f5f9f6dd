"""A CSV file as headings and rows, or the sentence that says what is wrong with it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import Refused
from app.tickets.exporting.files import as_it_was
from app.web.i18n import gettext as _

MOST_ROWS = 5_000
MOST_COLUMNS = 100
MOST_BYTES = 10_000_000
LONGEST_CELL = 60_000
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by their number in the file as a spreadsheet shows it; empty ones are left out."""

    headings: list[str]
    rows: dict[int, list[str]]


def read_table(path: Path) -> Table:
    return table_of(text_of(path.read_bytes()))


def table_of(text: str) -> Table:
    numbered = enumerate(_records(text), start=1)
    _number, headings = next(numbered, (1, []))
    headings = [heading.strip()[:200] for heading in headings]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise _wrong(_("The first row has no headings."))
    if len(headings) > MOST_COLUMNS:
        raise _wrong(
            _("At most %(most)d columns, this has %(number)d.") % {"most": MOST_COLUMNS, "number": len(headings)}
        )
    rows = {number: cells for number, cells in numbered if any(cells)}
    if not rows:
        raise _wrong(_("There is no row below the headings."))
    return Table(headings, rows)


def text_of(content: bytes) -> str:
    """UTF-8, with the mark that spreadsheets put in front or without it; nothing is guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _wrong(_("This file is UTF-16. Save it as “CSV UTF-8”, then send it again."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sentence = _("This file is not UTF-8 (line %(line)d). Save it as “CSV UTF-8”, then send it again.")
        raise _wrong(sentence % {"line": line}) from error
    if "\0" in text:
        raise _wrong(_("This is not a text file."))
    return text


def _records(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise _wrong(_("At most %(most)d rows: divide the file.") % {"most": MOST_ROWS})
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise _wrong(_("A cell in row %(row)d is too long.") % {"row": number + 1})
            yield [as_it_was(cell) for cell in cells]
    except csv.Error as error:
        raise _wrong(_("The quotes in line %(line)d do not match.") % {"line": reader.line_num}) from error


def _delimiter(text: str) -> str:
    """What parts the headings: spreadsheets of some countries write semicolons."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _wrong(sentence: str) -> Refused:
    return Refused.at("file", sentence)
