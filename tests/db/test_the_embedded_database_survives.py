"""Promise D9: whatever happened to the last one, the next start loses nothing and says what is the matter."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.db.embedded import Connections, DatabaseWillNotStart, EmbeddedPostgres, processes
from tests.database import in_a_thread


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A long path on purpose: a socket in it would be too long to bind."""
    folder = tmp_path / "a-folder-with-a-rather-long-name-as-continuous-integration-likes-them"
    yield folder
    EmbeddedPostgres(folder, durable=False).stop()


def query(connections: Connections, statement: str, role: str = "countersign_owner") -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(connections.dsn(role))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return in_a_thread(ask())


def postmaster(server: EmbeddedPostgres) -> int:
    pid = processes.postmaster_of(server.cluster.data)
    assert pid is not None
    return pid


def another_process(home: Path, *, durable: bool = False) -> subprocess.Popen[str]:
    script = (
        "import sys; from pathlib import Path; from app.db.embedded import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(home)!r}), durable={durable}); server.start()\n"
        f"print('started', flush=True); sys.stdin.readline(); server.stop()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def say_goodbye(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=60)


def test_data_is_there_after_a_stop_and_a_start(home: Path) -> None:
    with EmbeddedPostgres(home) as connections:
        query(connections, "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(home) as connections:
        assert query(connections, "SELECT answer FROM kept") == 42


def test_after_app_and_postmaster_were_killed_the_next_start_has_all_the_data(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server as connections:
        query(connections, "CREATE TABLE kept (answer int)")
    killed = another_process(home, durable=True)
    assert killed.stdout is not None
    killed.stdout.readline()
    query(connections, "INSERT INTO kept VALUES (42)")
    os.kill(postmaster(server), signal.SIGKILL)
    killed.kill()
    killed.communicate()
    with server as connections:
        assert query(connections, "SELECT answer FROM kept") == 42


def test_a_running_app_revives_a_killed_postmaster(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    connections = server.start()
    os.kill(postmaster(server), signal.SIGKILL)
    while server.is_running():
        time.sleep(0.01)
    server.revive()
    assert query(connections, "SELECT 1") == 1
    server.stop()


def test_it_runs_with_every_safety_on_and_without_a_network(home: Path) -> None:
    with EmbeddedPostgres(home) as connections:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert query(connections, f"SHOW {setting}") == "on"
        assert query(connections, "SHOW listen_addresses", role="postgres") == ""
        assert query(connections, "SELECT datlocprovider::text FROM pg_database LIMIT 1") == "b"


def test_a_file_in_the_data_directory_cannot_turn_safety_off(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with server:
        pass
    with (server.cluster.data / "postgresql.auto.conf").open("a") as file:
        file.write("fsync = off\n")
    with server as connections:
        assert query(connections, "SHOW fsync") == "on"


def test_the_app_is_no_superuser_and_owns_nothing(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as connections:
        assert query(connections, "SHOW is_superuser", role="countersign_app") == "off"
        assert query(connections, "SHOW is_superuser", role="countersign_owner") == "off"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(connections, "CREATE TABLE public.mine (id int)", role="countersign_app")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            query(connections, "CREATE TABLE public.mine (id int)", role="countersign_reader")


def test_a_pid_file_that_names_somebody_elses_process_is_no_obstacle(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    with server:
        lines = (server.cluster.data / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getppid())
    (server.cluster.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with server as connections:
        assert query(connections, "SELECT 1") == 1


def test_a_pid_file_that_names_a_dead_process_is_no_obstacle(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    with server:
        lines = (server.cluster.data / "postmaster.pid").read_text().splitlines()
    dead = subprocess.Popen(["true"])
    dead.wait()
    lines[0] = str(dead.pid)
    (server.cluster.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    with server as connections:
        assert query(connections, "SELECT 1") == 1


def test_four_that_race_to_be_first_share_one_server(home: Path) -> None:
    racers = [another_process(home) for _ in range(4)]
    assert [racer.stdout.readline().strip() for racer in racers if racer.stdout] == ["started"] * 4
    one = postmaster(EmbeddedPostgres(home, durable=False))
    for racer in racers[:3]:
        say_goodbye(racer)
    assert postmaster(EmbeddedPostgres(home, durable=False)) == one
    say_goodbye(racers[3])
    assert processes.serving(EmbeddedPostgres(home).cluster.data) == set()


def test_a_killed_app_leaves_a_server_that_the_next_one_adopts_and_stops(home: Path) -> None:
    killed = another_process(home)
    assert killed.stdout is not None
    killed.stdout.readline()
    server = EmbeddedPostgres(home, durable=False)
    one = postmaster(server)
    killed.kill()
    killed.communicate()
    query(server.start(), "SELECT 1")
    assert postmaster(server) == one
    assert server.stop() is True
    assert processes.serving(server.cluster.data) == set()


def test_a_first_start_that_was_cut_off_begins_again(home: Path) -> None:
    unfinished = home / "postgres" / "data.init"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home, durable=False) as connections:
        assert query(connections, "SELECT 1") == 1
    assert not unfinished.exists()


def test_data_of_another_major_version_is_refused_and_untouched(home: Path) -> None:
    version = home / "postgres" / "data" / "PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("9\n")
    with pytest.raises(DatabaseWillNotStart, match=r"written by PostgreSQL 9.*Nothing was changed"):
        EmbeddedPostgres(home).start()
    assert [path.name for path in version.parent.iterdir()] == ["PG_VERSION"]


def test_a_folder_with_something_else_in_it_is_refused_and_untouched(home: Path) -> None:
    precious = home / "postgres" / "data" / "precious.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    with pytest.raises(DatabaseWillNotStart, match="no PostgreSQL cluster"):
        EmbeddedPostgres(home).start()
    assert precious.read_text() == "mine"


def test_a_missing_installation_of_postgresql_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_PG_BIN", str(home))
    with pytest.raises(DatabaseWillNotStart, match="COUNTERSIGN_PG_BIN"):
        EmbeddedPostgres(home).start()


def test_no_folder_is_opened_to_others(home: Path) -> None:
    """Even as root, below a home that nobody else may enter."""
    home.mkdir(mode=0o700)
    with EmbeddedPostgres(home, durable=False) as connections:
        assert home.stat().st_mode & 0o777 == 0o700
        assert (home / "postgres").stat().st_mode & 0o077 == 0
        assert connections.sockets.stat().st_mode & 0o077 == 0


def test_a_socket_folder_that_somebody_else_prepared_is_refused(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as connections:
        sockets = connections.sockets
    sockets.chmod(0o777)
    with pytest.raises(DatabaseWillNotStart, match="not ours alone"):
        EmbeddedPostgres(home, durable=False).start()
    sockets.chmod(0o700)


async def test_it_can_be_started_while_a_loop_runs(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    connections = await asyncio.to_thread(server.start)
    connection = await asyncpg.connect(connections.dsn())
    await connection.close()
    await asyncio.to_thread(server.stop)
