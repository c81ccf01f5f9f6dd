"""Each test has a folder of its own for files."""

from pathlib import Path

import pytest
from litestar import Litestar

from app.attachments.limits import Limits
from app.attachments.storage import Disk


@pytest.fixture
def storage(app: Litestar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The app's, for this test."""
    disk = Disk(tmp_path / "files")
    monkeypatch.setitem(app.state._state, "storage", disk)
    monkeypatch.setitem(app.state._state, "limits", Limits(left_on_disk=0))
    return disk


def blobs(storage: Disk) -> list[Path]:
    """Everything that is on the disk, arriving or arrived."""
    return [path for path in storage.folder.rglob("*") if path.is_file()]
