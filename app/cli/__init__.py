"""`countersign`: everything an operator does from a shell. Imports are late, so that `--help` is quick."""

import signal
import sys
from collections.abc import Sequence
from typing import Any

from app.errors import DomainError


def main(arguments: Sequence[str] | None = None) -> int:
    from app.cli.arguments import parser

    chosen = parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return int(chosen.act(chosen) or 0)
    except DomainError as error:
        print(f"countersign: {error.sentence}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _leave(*_: Any) -> None:
    """As an exception, so that the database is stopped on the way out."""
    sys.exit(0)
