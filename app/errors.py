"""Errors whose message is the sentence their reader will see."""

from typing import Any


class DomainError(Exception):
    """`status_code` is what a page or the API answers with; `extra` goes into the API's problem document."""

    status_code = 400

    def __init__(self, sentence: str, **extra: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.extra = extra


class NotFound(DomainError):
    """Unknown, deleted and hidden are one answer."""

    status_code = 404

    def __init__(self) -> None:
        super().__init__("There is nothing here, or nothing that you may see.")


class TicketNotFound(NotFound):
    """Of the ticket in the address itself: its page offers to ask for access, which what hangs on a ticket does not."""


class NotAllowed(DomainError):
    status_code = 403


class NotPossible(DomainError):
    """The state does not allow it (any more); `extra["possible"]` may say what does work."""

    status_code = 409


class Stale(DomainError):
    """Somebody else changed it first."""

    status_code = 412


class Refused(DomainError):
    """What was submitted is wrong; `errors` maps a field's name to its sentence."""

    status_code = 422

    def __init__(self, sentence: str, errors: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(sentence, **extra)
        self.errors = errors or {}

    @classmethod
    def at(cls, field: str, sentence: str) -> "Refused":
        """One field is wrong, and the sentence says why."""
        return cls(sentence, {field: sentence})


class TooMany(DomainError):
    status_code = 429


class Unavailable(DomainError):
    status_code = 503
