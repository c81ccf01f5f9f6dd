"""The life of the embedded PostgreSQL: started by the first who needs it, stopped by the last who leaves."""

import logging
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.config import APP_ROLE
from app.db.embedded import processes
from app.db.embedded.account import account, check_reach
from app.db.embedded.binaries import Binaries, find_binaries
from app.db.embedded.cluster import (
    DATABASE,
    OWNER_ROLE,
    READER_ROLE,
    SUPERUSER,
    Cluster,
    environment,
)
from app.db.embedded.errors import DatabaseWillNotStart
from app.db.embedded.locks import UsersLock, exclusively
from app.db.embedded.options import options, socket_folder

ORPHANS_MAY_TAKE = 15.0
STOPPING_MAY_TAKE = 60.0
TELL_AFTER = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connections:
    """`*_url` are SQLAlchemy's, for asyncpg; `dsn` gives what `asyncpg.connect` takes."""

    sockets: Path

    @property
    def owner_url(self) -> str:
        return self.url(OWNER_ROLE)

    @property
    def app_url(self) -> str:
        return self.url(APP_ROLE)

    @property
    def reader_url(self) -> str:
        return self.url(READER_ROLE)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql+asyncpg{self._address(role, database)}"

    def dsn(self, role: str = SUPERUSER, database: str = DATABASE) -> str:
        return f"postgresql{self._address(role, database)}"

    def _address(self, role: str, database: str) -> str:
        return f"://{role}@/{database}?host={quote(str(self.sockets))}"


_OUTLIVING: list[subprocess.Popen[bytes]] = []


class EmbeddedPostgres:
    """`durable=False` is for tests only: fast, and gone with the machine."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.home = Path(data_dir).absolute() / "postgres"
        self.cluster = Cluster(self.home / "data")
        self.durable = durable
        self._users = UsersLock(self.home / "users.lock")
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Connections:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Connections:
        if not sys.platform.startswith("linux"):
            raise DatabaseWillNotStart("The embedded PostgreSQL runs on Linux only: set DATABASE_URL to a server.")
        self._make_home()
        with exclusively(self.home / "start.lock"):
            self._users.share()
            try:
                return self._running()
            except BaseException:
                self._users.release()
                raise

    def stop(self) -> bool:
        """True if we were the last and the server is down; somebody else's use keeps it up."""
        if not self.home.exists():
            return True
        with exclusively(self.home / "start.lock"):
            try:
                if not self._users.is_mine_alone():
                    self._leave_it_to_the_others()
                    return False
                self._shut_down()
                return True
            finally:
                self._users.release()

    def _leave_it_to_the_others(self) -> None:
        """It outlives us on purpose; Python would warn of a child that nobody waits for."""
        if self._child is not None:
            _OUTLIVING.append(self._child)
            self._child = None

    def is_running(self) -> bool:
        self._reap()
        return processes.postmaster_of(self.cluster.data) is not None

    def revive(self) -> None:
        """After the postmaster was killed, or gave up on a full disk: the service returns by itself."""
        with exclusively(self.home / "start.lock"):
            self._running()

    def _make_home(self) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            account().own(self.home)
        except OSError as error:
            raise DatabaseWillNotStart(f"DATA_DIR {self.home.parent} cannot be used: {error}.") from error

    def _running(self) -> Connections:
        binaries = find_binaries(self.cluster.major)
        sockets = socket_folder(self.cluster.data, account())
        if self.cluster.major is None:
            self.cluster.make(binaries, account(), durable=self.durable)
        self._wait_for_orphans()
        if not self.is_running():
            self._clear_away_the_dead(sockets)
            self._launch(binaries, sockets)
        self._wait_until_ready()
        return Connections(sockets)

    def _wait_for_orphans(self) -> None:
        """Backends outlive a killed postmaster for a moment; while one lives, nothing may start."""
        if left := processes.wait_until_settled(self.cluster.data, seconds=ORPHANS_MAY_TAKE):
            named = ", ".join(str(pid) for pid in sorted(left))
            raise DatabaseWillNotStart(f"Processes of an earlier database still use {self.cluster.data}: {named}.")

    def _clear_away_the_dead(self, sockets: Path) -> None:
        """Under the start lock, after the orphans are gone."""
        processes.remove_reused_pid_file(self.cluster.data)
        for rest in sockets.glob(".s.PGSQL.*"):
            rest.unlink(missing_ok=True)

    def _launch(self, binaries: Binaries, sockets: Path) -> None:
        """In a session of its own, so that Ctrl-C reaches us and not the database."""
        runs_as, logs = account(), self.home / "log"
        logs.mkdir(mode=0o700, exist_ok=True)
        runs_as.own(logs)
        check_reach(self.cluster.data, runs_as)
        self._bury()
        told = options(sockets=sockets, logs=logs, durable=self.durable)
        with (logs / "start.log").open("wb") as output:
            self._child = subprocess.Popen(
                [
                    *runs_as.prefix,
                    binaries.postgres,
                    "-D",
                    str(self.cluster.data),
                    *told,
                ],
                user=runs_as.uid,
                group=runs_as.gid,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment(),
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        """However long it takes while it lives: a crash recovery must never be cut short."""
        began, told = time.monotonic(), False
        while not (processes.is_ready(self.cluster.data) and self.is_running()):
            if self._child is not None and self._child.poll() is not None:
                raise DatabaseWillNotStart(f"PostgreSQL did not start: {self._last_words()}")
            if self._child is None and not self.is_running():
                raise DatabaseWillNotStart("PostgreSQL went away while it was starting. Start again.")
            if not told and time.monotonic() - began > TELL_AFTER:
                log.warning("PostgreSQL is recovering after a crash; this can take some minutes.")
                told = True
            time.sleep(0.01)

    def _last_words(self) -> str:
        logs = sorted((self.home / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        lines = [line for path in logs[-2:] for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "HINT" in line] or lines
        return f"{' '.join(telling[-2:])} (more in {self.home / 'log'})"

    def _shut_down(self) -> None:
        """Fast: sessions are ended, what was committed is on disk."""
        pid = processes.postmaster_of(self.cluster.data)
        if pid is not None:
            processes.send(pid, signal.SIGINT)
        if processes.wait_until_gone(self.cluster.data, seconds=STOPPING_MAY_TAKE) and pid is not None:
            processes.send(pid, signal.SIGQUIT)
            processes.wait_until_gone(self.cluster.data, seconds=ORPHANS_MAY_TAKE)
        self._bury()

    def _bury(self) -> None:
        """One whose lock file is gone is about to end: not waited for, it would stay a zombie."""
        if self._child is not None:
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(ORPHANS_MAY_TAKE)
        self._reap()

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None
