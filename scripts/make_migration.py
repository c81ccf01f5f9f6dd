"""Writes a migration from what the models say now: `make migration m="tickets have labels"`."""

import sys
import tempfile
from pathlib import Path

from app.db.embedded import EmbeddedPostgres
from app.db.migrations import revision, upgrade


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "pg", durable=False) as connections:
        upgrade(connections.owner_url)
        revision(connections.owner_url, sys.argv[1])


if __name__ == "__main__":
    main()
