"""How files come in and go out, for pages and API alike: who may, first; then bytes; then, under the lock, the rows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request, Response

from app.actor import Actor
from app.attachments.kinds import INLINE
from app.attachments.limits import MEGABYTE, Limits
from app.attachments.models import StoredFile
from app.attachments.receiving import Arrival, Receiving
from app.tickets.files import Files, Kept
from app.tickets.models import Ticket
from app.web.door import visit_of
from app.web.files import Sendable, send
from app.web.guards import insist_on_token

AnyRequest = Request[Any, Any, Any]
LARGEST_BODY = 260 * MEGABYTE
Insist = Callable[[Files, Ticket], Any]


async def insist_first(request: AnyRequest, actor: Actor, ticket_no: str, insist: Insist) -> None:
    """In a short transaction of its own: nobody holds a connection while their bytes trickle in."""
    async with request.app.state.database.session() as session:
        desk = Files(session, actor)
        refused = insist(desk, await desk.find(ticket_no))
        if isinstance(refused, Awaitable):
            await refused


@asynccontextmanager
async def received(
    request: AnyRequest, limits: Limits | None = None, *, inputs: Collection[str] | None = None
) -> AsyncIterator[tuple[Arrival, Callable[[], Awaitable[Kept]]]]:
    """The form's words and files; the latter are kept on demand, and let go where the rest is refused.

    Those that have arrived take turns: what was sent for a minute is not lost because many wait for a connection.
    `inputs`: a form with much else in it, whose files are chosen in these.
    """
    storage, visit = request.app.state.storage, visit_of(request)
    is_known = visit.api or "x-csrf-token" in visit.headers

    def accept(arrival: Arrival) -> None:
        if not is_known:
            insist_on_token(request, arrival.word("_csrf"))

    given = limits or request.app.state.limits
    receiving = Receiving(storage, given, accept, patient=inputs is not None, inputs=inputs)
    arrival = await receiving.receive(request.headers.get("content-type", ""), request.stream())
    kept: list[Any] = []

    async def keep() -> Kept:
        kept.extend(await arrival.keep(storage))
        return kept

    try:
        async with request.app.state.turns:
            yield arrival, keep
    except Exception:
        await let_go(request, kept)
        raise
    finally:
        arrival.forget()


async def let_go(request: AnyRequest, kept: Kept) -> None:
    """No row names them and none will."""
    for key, _one in kept:
        await request.app.state.storage.remove(key)


def sent(request: AnyRequest, file: StoredFile) -> Response[Any]:
    key, storage = file.storage_path, request.app.state.storage
    return send(
        request,
        Sendable(
            file.file_name, file.mime_type, file.size, file.sha256, file.mime_type in INLINE,
            lambda start, length: storage.read(key, start=start, length=length),
        ),
    )  # fmt: skip
