"""One request, one transaction: it commits after the page has rendered and before it is sent."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.db.master_data import begin_under
from app.db.session import Database
from app.web.door import visit_of

Db = NamedDependency[SkipValidation[AsyncSession]]
"""A handler's `db: Db` is this request's session."""
Who = NamedDependency[SkipValidation[Actor]]
"""A handler's `actor: Who` is whoever is signed in."""


async def provide_db(request: Request[Any, Any, Any], state: State, actor: Who) -> AsyncIterator[AsyncSession]:
    """Return keeps, raise undoes. The cleanup runs after rendering, so a commit that fails is a failure.

    It takes `actor` so that it comes after it: side by side, Litestar starts a task for each of the two.
    """
    database: Database = state.database
    visit = visit_of(request)
    async with database.session() as session:
        visit.session = session
        if visit.method == "GET" and visit.actor is not None:
            begin_under(session, visit.actor.master_data)
        try:
            yield session
        except BaseException:
            await session.rollback()
            raise
        finally:
            visit.session = None
        await session.commit()


async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Guards have turned away whoever is nobody."""
    actor: Actor = request.scope["user"]
    return actor
