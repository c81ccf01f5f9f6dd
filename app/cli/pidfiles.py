"""`DATA_DIR/run/web.pid` and `worker.pid`, for whoever watches the processes; PostgreSQL has its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from app.config import ConfigurationError, Settings


@contextmanager
def pid_file(settings: Settings, part: str, *, wanted: bool = True) -> Iterator[None]:
    if not wanted:
        yield
        return
    path = settings.data_dir / "run" / f"{part}.pid"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{os.getpid()}\n", encoding="ascii")
    except OSError as error:
        raise ConfigurationError(f"DATA_DIR {settings.data_dir} cannot be written: {error}.") from error
    try:
        yield
    finally:
        if path.read_text(encoding="ascii").strip() == str(os.getpid()):
            path.unlink()
