"""What an operator types, with real processes where it matters."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.cli import main
from app.cli.web import ANSWERS_MAY_TAKE
from app.db.embedded import EmbeddedPostgres, processes
from tests.database import WorkersDatabase

SECRET = "Zk3nq8vT1yWc6Xj0Rb5Ld9Pf2Hs7Mg4A-ue"
PATIENCE = 120


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    EmbeddedPostgres(tmp_path).stop()


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY_FILE", "PUBLIC_URL", "PORT", "RUN_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Running:
    """A `countersign serve` that answers; what it says goes to a file, since a pipe that nobody reads would stop it."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(r"is at (http://\S+)", output.read_text())):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.05)
        self.url = found.group(1)

    def ready(self) -> int:
        return httpx.get(f"{self.url}/ready", timeout=20).status_code

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(home: Path) -> Iterator[Running]:
    output = home / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"], env=os.environ | {"PORT": "0"}, stdout=file, stderr=file
        )
    try:
        yield Running(process, output)
    finally:
        process.kill()
        process.wait()


def database_processes(home: Path) -> set[int]:
    return processes.serving(EmbeddedPostgres(home).cluster.data)


def test_ctrl_c_stops_web_worker_and_database_though_a_client_is_connected(home: Path) -> None:
    with serving(home) as server:
        assert server.ready() == 200
        assert (home / "run" / "web.pid").read_text() == (home / "run" / "worker.pid").read_text()
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET /live HTTP/1.1\r\n")
            assert server.end(signal.SIGINT) == 0
    assert ANSWERS_MAY_TAKE <= 5, "whoever is still connected then is cut off"
    assert database_processes(home) == set()
    assert list((home / "run").iterdir()) == []


def test_after_kill_9_a_restart_has_everything_and_a_killed_database_comes_back(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(home) as server:
        monkeypatch.setattr("app.cli.commands._password", lambda: "correct horse battery staple")
        assert main(["admin", "create", "--email", "ada@aldermoor.example", "--name", "Ada Kovac"]) == 0
        server.end(signal.SIGKILL)
    assert database_processes(home) != set()
    with serving(home) as server:
        assert main(["token", "create", "--email", "ada@aldermoor.example", "--name", "script"]) == 0
        assert capsys.readouterr().out.splitlines()[-1].count(".") == 2
        os.kill(processes.postmaster_of(EmbeddedPostgres(home).cluster.data) or 0, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while server.ready() != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert server.ready() == 200
        assert server.end(signal.SIGTERM) == 0
    assert database_processes(home) == set()


def test_every_route_has_an_access_class(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["routes", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert {"method": "GET", "path": "/live", "access": "public"} in table
    assert {row["access"] for row in table} <= {"public", "signed_in", "manager", "admin", "api", "api_admin"}
    assert all(set(row) == {"method", "path", "access"} for row in table)


def test_a_weak_secret_refuses_to_start(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "changeme")
    assert main(["serve"]) == 1
    assert "SECRET_KEY is too short" in capsys.readouterr().err


def test_a_taken_port_is_told_before_anything_is_started(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        assert main(["serve"]) == 1
    assert "Set PORT to another" in capsys.readouterr().err
    assert not (home / "postgres").exists()


def test_a_database_that_is_not_there_is_told_without_its_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.database.SERVER_MAY_TAKE", 0)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/tickets")
    assert main(["migrate"]) == 1
    told = capsys.readouterr().err
    assert "The database 127.0.0.1/tickets cannot be used" in told
    assert "hunter2" not in told


def test_migrate_can_be_run_again(
    database: WorkersDatabase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    monkeypatch.delenv("SECRET_KEY")
    assert main(["migrate"]) == 0
    assert "has the shape of this version" in capsys.readouterr().out


def test_the_doctor_tells_safe_from_unsafe(
    database: WorkersDatabase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    assert main(["doctor", "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert not checks["fsync"]["ok"]
    assert "lose or damage" in checks["fsync"]["sentence"]
    for name in ("postgresql version", "data_checksums", "schema", "role", "secret", "disk"):
        assert checks[name]["ok"], checks[name]["sentence"]
    assert "countersign_app, which owns nothing" in checks["role"]["sentence"]


def test_the_doctor_examines_what_it_can_when_the_database_is_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.database.SERVER_MAY_TAKE", 0)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@127.0.0.1:1/tickets")
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "cannot be used" in told
    assert "The secret is long and random enough." in told
