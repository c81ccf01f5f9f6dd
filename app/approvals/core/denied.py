"""A refusal is an answer: a code for programs, a sentence for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


def N_(message: str) -> str:  # noqa: N802
    """Marks a message for the catalogue; the web layer translates it and fills in people's names by their ids."""
    return message


class DenialKind(StrEnum):
    FORBIDDEN = "forbidden"
    """For want of right: 403, and a security event."""
    CONFLICT = "conflict"
    """Not possible in this state (any more): 409."""
    INVALID = "invalid"
    """What was sent is incomplete: 422."""


@dataclass(frozen=True, slots=True)
class Denied:
    """`message` has `%(name)s` places for `params`; a param called user, actor or holder is a person's id."""

    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    kind: DenialKind = DenialKind.CONFLICT


def forbidden(code: str, message: str, **params: Any) -> Denied:
    return Denied(code, message, params, DenialKind.FORBIDDEN)


def conflict(code: str, message: str, **params: Any) -> Denied:
    return Denied(code, message, params)


def invalid(code: str, message: str, **params: Any) -> Denied:
    return Denied(code, message, params, DenialKind.INVALID)
