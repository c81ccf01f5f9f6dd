"""Who is acting, through which channel, and what their roles let them do."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SYSTEM_ID = 1
"""The row in `users` that timers, jobs and the seal act as. Nobody signs in as it."""


class Channel(StrEnum):
    WEB = "web"
    API = "api"
    JOB = "job"
    CLI = "cli"
    EMAIL = "email"
    """By a link from an e-mail, signed in."""


class Capability(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Read from the database at each request: rights hold from the next request on."""

    id: int
    name: str
    email: str = ""
    title: str = ""
    role_ids: frozenset[int] = frozenset()
    capabilities: frozenset[str] = frozenset()
    locale: str = "en"
    time_zone: str = "UTC"
    theme: str = ""
    density: str = ""
    single_keys: bool = True
    channel: Channel = Channel.WEB
    token_id: int | None = None
    request_id: str = ""
    address: str = ""
    signed_in_at: datetime | None = None
    """When they last proved who they are to this browser session or token; None where nothing says so."""
    master_data: str = ""
    """The mark of people and roles when this was read (app/db/master_data.py)."""
    principal_ids: frozenset[int] = field(default_factory=frozenset)
    """Whom they are proxy for now (approvals.md, rule 8); never themselves."""

    @property
    def is_admin(self) -> bool:
        return Capability.ADMIN in self.capabilities

    @property
    def is_manager(self) -> bool:
        return Capability.MANAGER in self.capabilities

    @property
    def is_auditor(self) -> bool:
        return Capability.AUDITOR in self.capabilities

    @property
    def rights(self) -> "Actor":
        """This person with nothing but what decides what they see: the key for statements that are built once."""
        return Actor(self.id, "", role_ids=self.role_ids, capabilities=self.capabilities,
                     principal_ids=self.principal_ids)  # fmt: skip

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def hue(self) -> int:
        return hue_of(self.id)

    @property
    def is_system(self) -> bool:
        return self.id == SYSTEM_ID


def initials_of(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def hue_of(person_id: int) -> int:
    """1 to 8: the avatar's colour."""
    return person_id % 8 + 1


SYSTEM = Actor(id=SYSTEM_ID, name="Countersign", channel=Channel.JOB)

_current: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current_actor() -> Actor:
    """For audit columns and events only; decisions take the actor as an argument."""
    return _current.get()


def become(actor: Actor) -> None:
    """For the door, once it knows who is there; inside `acting_as`, which undoes it."""
    _current.set(actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)
