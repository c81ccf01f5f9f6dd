"""What a worker does: jobs by name, things that happen every so often, and loops that run as long as it does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.db.session import Database

JobHandler = Callable[[Database, Mapping[str, Any]], Awaitable[None]]
PeriodicHandler = Callable[[Database], Awaitable[None]]
Loop = Callable[[Database, asyncio.Event], Awaitable[None]]
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True)
class Periodic:
    name: str
    seconds: int
    handler: PeriodicHandler


JOBS: dict[str, JobHandler] = {}
PERIODIC: dict[str, Periodic] = {}
LOOPS: dict[str, Loop] = {}


def job(name: str) -> Callable[[Handler], Handler]:
    """`@job("approvals.directory_changed")` on `async def (database, payload)`.

    A job may run twice (its worker died, its connection broke): the handler looks at the state before it acts.
    """
    return _registered(JOBS, name)


def periodic(seconds: int, *, name: str | None = None) -> Callable[[Handler], Handler]:
    """On `async def (database)`: once every so many seconds, whichever of the workers gets to it."""

    def register(handler: Handler) -> Handler:
        known_as = name or f"{handler.__module__}.{handler.__qualname__}"
        _put(PERIODIC, known_as, Periodic(known_as, seconds, handler))
        return handler

    return register


def loop(name: str) -> Callable[[Handler], Handler]:
    """On `async def (database, stop)`: runs in every worker until `stop`, and again when it fails."""
    return _registered(LOOPS, name)


def _registered(registry: dict[str, Any], name: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _put(registry, name, handler)
        return handler

    return register


def _put(registry: dict[str, Any], name: str, what: Any) -> None:
    if registry.setdefault(name, what) is not what:
        raise ValueError(f"{name} is registered twice")
