"""Receipts of a ticket's votes, to keep or to check elsewhere; and the keys to check them with."""

from typing import Any

from litestar import Controller, Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from app.approvals.receipts import KeyRing
from app.tickets.approving.receipts import receipts_of
from app.tickets.desk import Desk
from app.tickets.views import note_view
from app.web import params
from app.web.guards import PUBLIC, SIGNED_IN, access
from app.web.transaction import Db, Who

_NONE_YET = "# No receipt yet: a decision is signed once it cannot be taken back any more.\n"


class Receipts(Controller):
    path = "/tickets/{ticket_no:str}/receipts"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, db: Db, actor: Who, ticket_no: FromPath[str]) -> Response[str]:
        """One compact JWT a line: what `countersign audit verify-receipt` reads."""
        ticket = await Desk(db, actor).find(params.ticket_no(ticket_no))
        await note_view(db, actor, ticket)
        text = "".join(f"{token}\n" for token in await receipts_of(db, ticket)) or _NONE_YET
        name = f'attachment; filename="{ticket.ticket_no}-receipts.txt"'
        return Response(text, media_type="text/plain", headers={"content-disposition": name})


class KeySet(Controller):
    path = "/.well-known/jwks.json"
    opt = access(PUBLIC)

    @get()
    async def show(self, state: State) -> Response[dict[str, Any]]:
        folder = state.settings.signing_keys
        keys = KeyRing(folder).published() if any(folder.glob("*.pem")) else {"keys": []}
        return Response(keys, media_type="application/jwk-set+json")
