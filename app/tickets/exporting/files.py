"""CSV (RFC 4180) and XLSX, row by row: what has been written is not kept in memory."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Protocol

import xlsxwriter

from app.tickets.exporting.models import ExportFormat

Cell = str | int | Decimal | datetime | date | None
"""Moments are those of the reader's clock, without a zone."""
LONGEST_CELL = 32_000
"""A spreadsheet's cell takes 32,767 characters."""
_STARTS_A_FORMULA = tuple("=+-@\t\r\0＝＋－＠")


class TableFile(Protocol):
    def write(self, rows: Iterable[Sequence[Cell]]) -> None: ...

    def close(self) -> None: ...


def open_table(kind: ExportFormat, file: BinaryIO) -> TableFile:
    return CsvFile(file) if kind is ExportFormat.CSV else XlsxFile(file)


def harmless(text: str) -> str:
    """No spreadsheet takes it for a formula (promises.md, I3): an apostrophe stands before what might be one."""
    cut = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
    return f"'{cut}" if cut.lstrip(" \n\u00a0").startswith(_STARTS_A_FORMULA) else cut


def as_it_was(text: str) -> str:
    """Before `harmless`: what is exported and imported again is the same text."""
    bare = text.removeprefix("'")
    return bare if bare != text and harmless(bare) == text else text


class CsvFile:
    def __init__(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._csv.writerows([_as_text(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


def _as_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return "" if cell is None else format(cell, "f") if isinstance(cell, Decimal) else str(cell)


class XlsxFile:
    """Its first row is the heading, and stays in sight."""

    def __init__(self, file: BinaryIO) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 1)
        self._heading = self._book.add_format({"bold": True})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._row = 0

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._row += 1

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            self._sheet.write_string(self._row, column, harmless(cell), None if self._row else self._heading)
        elif isinstance(cell, datetime):
            self._sheet.write_datetime(self._row, column, cell, self._moment)
        elif isinstance(cell, date):
            self._sheet.write_datetime(self._row, column, cell, self._day)
        elif cell is not None:
            self._sheet.write_number(self._row, column, cell)

    def close(self) -> None:
        self._book.close()
