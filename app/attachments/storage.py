"""Where the bytes are: a folder, or a bucket behind `STORAGE_URL`. A key names bytes that never change."""

import asyncio
import os
import re
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from app.config import Settings

CHUNK = 128 * 1024
KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


class Storage(Protocol):
    arriving: Path
    """A folder on this machine for files that are still being received."""

    async def take(self, arrived: Path, key: str) -> None:
        """Moves a whole, synced file in; when this returns its bytes survive a crash."""

    async def copy(self, key: str, to: str) -> None:
        """The same bytes under another key, which outlive those under the first; nothing of them is in memory."""

    def read(self, key: str, *, start: int, length: int) -> AsyncIterator[bytes]: ...

    def listed(self) -> AsyncIterator[tuple[str, datetime]]:
        """With the moment each was written."""

    async def remove(self, key: str) -> None:
        """Gone already is fine."""


def new_key() -> str:
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def storage_for(settings: Settings) -> Storage:
    url = urlsplit(settings.storage_url)
    if url.scheme == "s3":
        from app.attachments.bucket import Bucket, bucket_at

        return Bucket(bucket_at(settings.storage_url), arriving=settings.data_dir / "arriving")
    return Disk(Path(unquote(url.path)) if url.scheme == "file" else settings.data_dir / "files")


_in_use: list[Storage] = []


def use(storage: Storage) -> None:
    """This process's: the sweep runs without a request that would bring one."""
    _in_use[:] = [storage]


def storage_in_use() -> Storage | None:
    return _in_use[0] if _in_use else None


class Disk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.arriving = folder, folder / "arriving"

    async def take(self, arrived: Path, key: str) -> None:
        await asyncio.to_thread(self._take, arrived, self.folder / key)

    def _take(self, arrived: Path, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.rename(place)
        _sync_folder(place.parent)
        _sync_folder(self.folder)

    async def copy(self, key: str, to: str) -> None:
        await asyncio.to_thread(self._copy, self.folder / key, self.folder / to)

    def _copy(self, place: Path, other: Path) -> None:
        """Stored once, under two names. Both are new to the sweep, which takes away what is old and named by no row."""
        other.parent.mkdir(parents=True, exist_ok=True)
        os.utime(place)
        try:
            os.link(place, other)
        except OSError:  # a file system that has no links
            self._copy_bytes(place, other)
        _sync_folder(other.parent)
        _sync_folder(self.folder)

    def _copy_bytes(self, place: Path, other: Path) -> None:
        self.arriving.mkdir(parents=True, exist_ok=True)
        arrived = self.arriving / uuid.uuid4().hex
        try:
            shutil.copyfile(place, arrived)
            with arrived.open("rb") as file:
                os.fsync(file.fileno())
            arrived.rename(other)
        finally:
            arrived.unlink(missing_ok=True)

    async def read(self, key: str, *, start: int, length: int) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread(open, self.folder / key, "rb", 0)
        try:
            await asyncio.to_thread(file.seek, start)
            while length > 0 and (part := await asyncio.to_thread(file.read, min(CHUNK, length))):
                length -= len(part)
                yield part
        finally:
            file.close()

    async def listed(self) -> AsyncIterator[tuple[str, datetime]]:
        for found in await asyncio.to_thread(lambda: list(self._listed())):
            yield found

    def _listed(self) -> Iterator[tuple[str, datetime]]:
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            key = f"{path.parent.name}/{path.name}"
            if KEY.fullmatch(key):
                yield key, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    async def remove(self, key: str) -> None:
        await asyncio.to_thread((self.folder / key).unlink, missing_ok=True)


def forget_arriving(storage: Any, *, older_than: float) -> int:
    """What a killed process left half received."""
    gone = 0
    for path in storage.arriving.glob("*"):
        if time.time() - path.stat().st_mtime > older_than:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
