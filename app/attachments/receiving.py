"""Multipart bodies as they stream in: files go to disk chunk by chunk, nothing larger than a chunk is in memory."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from app.attachments.kinds import HEAD, mime_type_of
from app.attachments.limits import Limits, TooLarge
from app.attachments.names import safe_name
from app.attachments.storage import Storage, free_bytes, new_key
from app.errors import DomainError, Refused
from app.web.i18n import N_
from app.web.i18n import gettext as _

UNREADABLE = N_("This form could not be read. Send it again.")
LARGEST_TEXT, LARGEST_FORM = 100_000, 2_000_000
MOST_PARTS = {False: 200, True: 2_000}
"""A form has up to 200 questions, each with more than one input."""
PIECE, WRITTEN = 16 * 1024, 32 * 1024
"""What is read, and what is written, at a time: with a hundred senders each of these is held a hundred times."""


@dataclass(frozen=True, slots=True)
class Received:
    """Whole and on disk, in nobody's ticket yet."""

    file_name: str
    size: int
    mime_type: str
    sha256: str
    path: Path
    name: str = "file"
    """Of the input that it was chosen in."""


@dataclass(slots=True)
class Arrival:
    """What a form brought. `accept` looks at its words when the first file begins, before any of it is kept."""

    words: dict[str, list[str]] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)
    refused: dict[str, DomainError] = field(default_factory=dict)
    """By input, where whoever receives is patient: what was not taken, while the rest of the form was."""

    def word(self, name: str) -> str:
        return self.words.get(name, [""])[0]

    async def keep(self, storage: Storage) -> list[tuple[str, Received]]:
        """Durable, under keys of our own: before any row names them."""
        kept = []
        for one in self.files:
            key = new_key()
            await storage.take(one.path, key)
            kept.append((key, one))
        return kept

    def forget(self) -> None:
        """What was not kept; what was is a matter of the sweep."""
        for one in self.files:
            one.path.unlink(missing_ok=True)


class Receiving:
    """`patient`: a form in which much else was typed. A file that is too much is left out, and what comes after it
    is read all the same. `inputs`: files chosen elsewhere than in these are passed over."""

    def __init__(
        self, storage: Storage, limits: Limits, accept: Callable[[Arrival], None] | None = None, *,
        patient: bool = False, inputs: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self.storage, self.limits, self.accept, self.patient = storage, limits, accept, patient
        self.inputs = inputs
        self.arrival, self.largest_text = Arrival(), LARGEST_FORM if patient else LARGEST_TEXT
        self._text: tuple[str, bytearray] | None = None
        self._file: _Writing | None = None
        self._texts = 0

    async def receive(self, content_type: str, body: AsyncIterator[bytes]) -> Arrival:
        """All of it or nothing: whatever goes wrong leaves no file."""
        try:
            await self._parse(content_type, body)
        except MultipartError as error:
            self._drop()
            raise Refused(UNREADABLE) from error
        except BaseException:
            self._drop()
            raise
        if not self.arrival.files and self.accept:
            self.accept(self.arrival)
        return self.arrival

    async def _parse(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        if kind != "multipart/form-data" or not 0 < len(options.get("boundary", "")) <= 200:
            raise Refused(UNREADABLE)
        with PushMultipartParser(options["boundary"], max_segment_count=MOST_PARTS[self.patient]) as parser:
            async for chunk in body:
                for start in range(0, len(chunk), PIECE):
                    for event in parser.parse(chunk[start : start + PIECE]):
                        await self._on(event)

    async def _on(self, event: Any) -> None:
        if isinstance(event, MultipartSegment):
            await self._begin(event)
        elif event is None:
            await self._end()
        elif self._file is not None:
            await self._write(event)
        elif self._text is not None:
            self._texts += len(event)
            if self._texts > self.largest_text:
                raise Refused(UNREADABLE)
            self._text[1].extend(event)

    async def _begin(self, segment: MultipartSegment) -> None:
        if segment.filename is None:
            self._text = (segment.name, bytearray())
            return
        if not self.arrival.files and self.accept:
            self.accept(self.arrival)
        if self.inputs is not None and segment.name not in self.inputs:
            return
        try:
            if len(self.arrival.files) >= self.limits.files_at_once:
                raise Refused.at("file", _("At most %(number)d files at once.") % {"number": self.limits.files_at_once})
            self._file = await _Writing.begin(self.storage.arriving, segment, self.limits)
        except (Refused, TooLarge) as error:
            if segment.filename or not self.patient:
                self._leave_out(segment.name, error)

    async def _write(self, part: bytes | bytearray) -> None:
        writing = self._file
        if writing is None:
            return
        try:
            await writing.write(part)
        except TooLarge as error:
            self._file = None
            writing.drop()
            self._leave_out(writing.name, error)

    def _leave_out(self, name: str, error: DomainError) -> None:
        if not self.patient:
            raise error
        self.arrival.refused.setdefault(name, error)

    async def _end(self) -> None:
        if self._file is not None:
            writing, self._file = self._file, None
            if writing.is_no_file:
                writing.drop()
            else:
                self.arrival.files.append(await writing.finish())
        elif self._text is not None:
            name, value = self._text
            self._text = None
            self.arrival.words.setdefault(name, []).append(value.decode("utf-8", "replace"))

    def _drop(self) -> None:
        if self._file is not None:
            self._file.drop()
        self.arrival.forget()


class _Writing:
    """One file on its way to disk."""

    def __init__(self, path: Path, file: Any, segment: Any, limits: Limits) -> None:
        self.path, self.file, self.limits = path, file, limits
        self.given_name, self.name = segment.filename, segment.name
        self.file_name = safe_name(segment.filename)
        self.size, self.hash, self.head = 0, hashlib.sha256(), b""
        self._gathered = bytearray()

    @classmethod
    async def begin(cls, folder: Path, segment: Any, limits: Limits) -> "_Writing":
        path = folder / uuid.uuid4().hex
        file = await asyncio.to_thread(_opened, path)
        writing = cls(path, file, segment, limits)
        try:
            limits.insist_on_disk(free_bytes(folder))
        except BaseException:
            writing.drop()
            raise
        return writing

    @property
    def is_no_file(self) -> bool:
        """What a browser sends for an input in which nothing was chosen."""
        return self.size == 0 and not self.given_name

    async def write(self, part: bytes | bytearray) -> None:
        self.size += len(part)
        self.limits.insist_on_file(self.file_name, self.size)
        self._gathered += part
        if len(self._gathered) >= WRITTEN:
            await self._write_out()

    async def finish(self) -> Received:
        await self._write_out()
        await asyncio.to_thread(_sync_and_close, self.file)
        return Received(self.file_name, self.size, mime_type_of(self.head), self.hash.hexdigest(), self.path, self.name)

    def drop(self) -> None:
        self.file.close()
        self.path.unlink(missing_ok=True)

    async def _write_out(self) -> None:
        part, self._gathered = self._gathered, bytearray()
        if len(self.head) < HEAD:
            self.head = (self.head + part[:HEAD])[:HEAD]
        await asyncio.to_thread(self._put, part)
        self.limits.insist_on_disk(free_bytes(self.path.parent))

    def _put(self, part: bytearray) -> None:
        self.hash.update(part)
        self.file.write(part)


def _opened(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", 0)


def _sync_and_close(file: Any) -> None:
    os.fsync(file.fileno())
    file.close()
