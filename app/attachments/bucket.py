"""Files in a bucket; imported only where `STORAGE_URL` names one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.store import S3Store

from app.attachments.storage import CHUNK, KEY

AT_ONCE = 4
"""Transfers to the bucket; each holds one part of 5 MiB in memory, and the bytes wait on disk."""
PART = 5 * 1024 * 1024


def bucket_at(url: str) -> S3Store:
    """`s3://bucket/prefix?endpoint=https://…&region=…`; keys come from the usual AWS variables."""
    parts = urlsplit(url)
    options: dict[str, Any] = {name: value for name, value in parse_qsl(parts.query) if name in {"endpoint", "region"}}
    return S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **options)


class Bucket:
    def __init__(self, store: Any, *, arriving: Path) -> None:
        self.store, self.arriving = store, arriving
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def take(self, arrived: Path, key: str) -> None:
        async with self._turns:
            await obstore.put_async(self.store, key, arrived, chunk_size=PART, max_concurrency=1)
        await asyncio.to_thread(arrived.unlink, missing_ok=True)

    async def copy(self, key: str, to: str) -> None:
        async with self._turns:
            await obstore.copy_async(self.store, key, to)

    async def read(self, key: str, *, start: int, length: int) -> AsyncIterator[bytes]:
        while length > 0:
            size = min(PART, length)
            part = bytes(await obstore.get_range_async(self.store, key, start=start, length=size))
            start, length = start + size, length - size
            for offset in range(0, len(part), CHUNK):
                yield part[offset : offset + CHUNK]

    async def listed(self) -> AsyncIterator[tuple[str, datetime]]:
        async for listed in obstore.list(self.store):
            for one in listed:
                if KEY.fullmatch(one["path"]):
                    yield one["path"], one["last_modified"]

    async def remove(self, key: str) -> None:
        try:
            await obstore.delete_async(self.store, key)
        except FileNotFoundError:
            return
