"""Versions and publications in words: who made each, what it changed, what stays on the old one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.web.i18n import gettext as _

Running = Mapping[int | None, Mapping[int, int]]
"""How many run, by template's id and version's number."""


@dataclass(frozen=True, slots=True)
class ToldVersion:
    """A version in the list, and what it changed from the one before it."""

    version: Any
    publisher: Any
    changes: Sequence[str]
    running: int


def publisher_ids(versions: Iterable[Any]) -> list[int]:
    return [version.published_by or version.updated_by for version in versions]


def told_versions(
    versions: Sequence[Any],
    *,
    publishers: Mapping[int, Any],
    changes: Callable[[Any, Any], Sequence[str]],
    running: Mapping[int, int],
) -> list[ToldVersion]:
    """Newest first; `changes(older, newer)` says the difference."""
    told = []
    for newer, older in zip(versions, [*versions[1:], None], strict=True):
        publisher = publishers.get(newer.published_by or newer.updated_by)
        said = changes(older, newer) if older is not None else []
        told.append(ToldVersion(newer, publisher, said, running.get(newer.number, 0)))
    return told


def effect(number: int, running: Mapping[int, int], stays: Callable[[int], str]) -> str:
    """What publishing did, and what it did not touch; `stays(count)` says the latter."""
    live = _("Version %(number)d is live.") % {"number": number}
    staying = sum(count for version, count in running.items() if version != number)
    return f"{live} {stays(staying)}" if staying else live
