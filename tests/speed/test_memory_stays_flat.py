"""Many large files at once, and a file of a hundred thousand tickets, cost the server little memory (F1, R5)."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from app.config import Settings
from benchmarks.memory import export, uploads
from benchmarks.seeding import seed_database
from benchmarks.server import SECRET, throw_away_database

pytestmark = pytest.mark.nightly
SIZE = 100_000
LITTLE = 64_000_000


def test_a_hundred_files_of_the_largest_size_at_once_grow_memory_by_little() -> None:
    assert uploads(files=100, megabytes=25).growth.by < LITTLE


def test_a_file_of_a_hundred_thousand_tickets_is_made_and_fetched_at_flat_memory(tmp_path: Path) -> None:
    with throw_away_database(SIZE, tmp_path) as (_, connections):
        settings = Settings(
            secret_key=SECRET, database_url=connections.app_url, database_owner_url=connections.owner_url
        )
        company = asyncio.run(seed_database(settings, connections.dsn(), SIZE))
    (tmp_path / f"company-{SIZE}.json").write_text(json.dumps(asdict(company)), encoding="utf-8")
    made = export(tmp_path, SIZE)
    assert made.told["rows"] > SIZE // 2
    assert made.growth.by < LITTLE
