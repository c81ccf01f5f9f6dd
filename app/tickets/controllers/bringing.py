"""A table that somebody sends, for pages and API alike: received like any file, read, and not kept as one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from app.attachments.limits import MEGABYTE
from app.attachments.receiving import Arrival
from app.errors import Refused
from app.tickets.controllers.uploading import AnyRequest, received
from app.tickets.importing.table import MOST_BYTES, Table, read_table
from app.web.i18n import gettext as _

LARGEST_BODY = MOST_BYTES + MEGABYTE


@asynccontextmanager
async def a_table(request: AnyRequest) -> AsyncIterator[tuple[Arrival, Callable[[], Awaitable[tuple[Table, str]]]]]:
    """The form's words, and the table with its file's name."""
    limits = replace(request.app.state.limits, per_file=MOST_BYTES, files_at_once=1)
    async with received(request, limits) as (arrival, _keep):

        async def read() -> tuple[Table, str]:
            if not arrival.files:
                raise Refused.at("file", _("Choose a file first."))
            [file] = arrival.files
            return await asyncio.to_thread(read_table, file.path), file.file_name

        yield arrival, read
