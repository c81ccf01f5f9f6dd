"""What the environment decides, read once, with every problem reported at the same time."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import DomainError

PACKAGE = Path(__file__).resolve().parent
APP_ROLE = "countersign_app"
"""Reads and writes rows; owns nothing and cannot touch audit rows."""
SHORTEST_SECRET = 32
FEWEST_DIFFERENT_CHARACTERS = 12
WELL_KNOWN_SECRETS = (
    "changeme",
    "change-me",
    "secret",
    "password",
    "example",
    "default",
)
SMALLEST_POOL = 2
HIGHEST_PORT = 65535


class ConfigurationError(DomainError):
    """One sentence per problem, so that they can be mended in one go."""

    status_code = 500

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    secret_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    database_url: str | None = field(default=None, repr=False)
    """None: the embedded PostgreSQL in `data_dir`."""
    database_owner_url: str | None = field(default=None, repr=False)
    data_dir: Path = Path("var")
    signing_keys: Path = Path("var/keys")
    storage_url: str = ""
    smtp_url: str = field(default="", repr=False)
    webhook_allow: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    company: str = "Countersign"
    demo: bool = False
    pool_size: int = 10
    pool_overflow: int = 10
    run_worker: bool = True
    """Whether `serve` works off jobs too, or leaves them to `countersign worker`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, demo: bool = False, secret_needed: bool = True) -> "Settings":
        reading = Reading(environ, demo=demo, secret_needed=secret_needed)
        settings = reading.settings()
        if reading.problems:
            raise ConfigurationError(*reading.problems)
        return settings

    @property
    def owner_url(self) -> str | None:
        """Where only `DATABASE_URL` is given it is taken for the owner's."""
        return self.database_owner_url or self.database_url

    @property
    def app_role(self) -> str | None:
        """What web and worker become on connecting, unless they signed in as it."""
        signed_in_as = urlsplit(self.database_url or "").username
        return None if signed_in_as == APP_ROLE else APP_ROLE

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")

    def connected_to(self, *, app_url: str, owner_url: str) -> "Settings":
        return replace(self, database_url=app_url, database_owner_url=owner_url)


class Reading:
    """Goes through the environment once and collects what is wrong with it."""

    def __init__(self, environ: Mapping[str, str], *, demo: bool, secret_needed: bool = True) -> None:
        self.environ = environ
        self.demo = demo
        self.secret_needed = secret_needed
        self.problems: list[str] = []

    def settings(self) -> Settings:
        port = self.number("PORT", 8000, lowest=0, highest=HIGHEST_PORT)
        data_dir = self.data_dir()
        return Settings(
            host=self.text("HOST", "127.0.0.1"),
            port=port,
            public_url=self.public_url(port),
            database_url=self.database_url("DATABASE_URL"),
            database_owner_url=self.database_url("DATABASE_OWNER_URL"),
            data_dir=data_dir,
            signing_keys=Path(self.text("SIGNING_KEYS", str(data_dir / "keys"))).absolute(),
            secret_key=self.secret(data_dir),
            storage_url=self.url("STORAGE_URL", ("file", "s3")),
            smtp_url=self.url("SMTP_URL", ("smtp", "smtps", "smtp+starttls")),
            webhook_allow=self.addresses("WEBHOOK_ALLOW"),
            trusted_proxies=self.networks("TRUSTED_PROXIES"),
            company=self.text("COMPANY", "Aldermoor Group" if self.demo else "Countersign"),
            demo=self.demo,
            pool_size=self.number("POOL_SIZE", 10, lowest=SMALLEST_POOL, highest=500),
            pool_overflow=self.number("POOL_OVERFLOW", 10, lowest=0, highest=500),
            run_worker=self.yes_or_no("RUN_WORKER", default=True),
        )

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        written = self.text(name, str(default))
        if written.isascii() and written.isdecimal() and lowest <= int(written) <= highest:
            return int(written)
        self.problems.append(f"{name} must be a whole number from {lowest} to {highest}, not “{written}”.")
        return default

    def yes_or_no(self, name: str, *, default: bool) -> bool:
        written = self.text(name, "yes" if default else "no").lower()
        if written not in ("yes", "no"):
            self.problems.append(f"{name} must be yes or no, not “{written}”.")
        return written == "yes"

    def data_dir(self) -> Path:
        if written := self.text("DATA_DIR"):
            return Path(written).expanduser().absolute()
        here = Path("var").absolute()
        if _can_be_written(here):
            return here
        shared = self.text("XDG_DATA_HOME") or str(Path(self.text("HOME", "/tmp")) / ".local/share")
        return Path(shared) / "countersign"

    def public_url(self, port: int) -> str:
        written = self.text("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
        parts = urlsplit(written)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            self.problems.append(f"PUBLIC_URL must look like https://tickets.example.org, not “{written}”.")
        return written

    def database_url(self, name: str) -> str | None:
        written = self.text(name)
        if not written:
            if name == "DATABASE_URL" and self.text("DATABASE_OWNER_URL"):
                self.problems.append("DATABASE_OWNER_URL needs DATABASE_URL beside it.")
            return None
        scheme, separator, rest = written.partition("://")
        if not separator or scheme not in (
            "postgres",
            "postgresql",
            "postgresql+asyncpg",
        ):
            self.problems.append(f"{name} must begin with postgresql:// (PostgreSQL is the only database).")
        return f"postgresql+asyncpg://{rest}"

    def url(self, name: str, schemes: tuple[str, ...]) -> str:
        written = self.text(name)
        if written and urlsplit(written).scheme not in schemes:
            self.problems.append(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        return written

    def listed(self, name: str) -> tuple[str, ...]:
        return tuple(entry for entry in self.text(name).replace(",", " ").split() if entry)

    def addresses(self, name: str) -> tuple[str, ...]:
        listed = self.listed(name)
        for entry in listed:
            host, _, port = entry.rpartition(":")
            if not host or not port.isdecimal():
                self.problems.append(f"{name} lists host:port pairs; “{entry}” is none.")
        return listed

    def networks(self, name: str) -> tuple[str, ...]:
        listed = self.listed(name)
        for entry in listed:
            try:
                ip_network(entry)
            except ValueError:
                self.problems.append(f"{name} lists addresses or networks such as 10.0.0.0/8; “{entry}” is none.")
        return listed

    def secret(self, data_dir: Path) -> str:
        written, path = self.text("SECRET_KEY"), self.text("SECRET_KEY_FILE")
        if written and path:
            self.problems.append("Give SECRET_KEY or SECRET_KEY_FILE, not both.")
        if path:
            written = self.secret_in(Path(path))
        elif not written and self.demo:
            written = self.demo_secret(data_dir)
        if self.secret_needed and (written or not path) and (weakness := weakness_of(written)):
            self.problems.append(weakness)
        return written

    def secret_in(self, path: Path) -> str:
        try:
            written = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"SECRET_KEY_FILE {path} cannot be read: {error}.")
            return ""
        if not written:
            self.problems.append(f"SECRET_KEY_FILE {path} is empty.")
        return written

    def demo_secret(self, data_dir: Path) -> str:
        """Made once and kept, so that nobody is signed out by a restart."""
        path = data_dir / "secret.key"
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _write_privately(path, secrets.token_urlsafe(48))
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            self.problems.append(f"DATA_DIR {data_dir} cannot be written: {error}.")
            return secrets.token_urlsafe(48)


def weakness_of(secret: str) -> str | None:
    """The sentence that says why this secret will not do, or None."""
    advice = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    if not secret:
        return f"SECRET_KEY (or SECRET_KEY_FILE) is missing. {advice}"
    if len(secret) < SHORTEST_SECRET:
        return f"SECRET_KEY is too short: {len(secret)} characters, and {SHORTEST_SECRET} is the least. {advice}"
    if len(set(secret)) < FEWEST_DIFFERENT_CHARACTERS or any(word in secret.lower() for word in WELL_KNOWN_SECRETS):
        return f"SECRET_KEY is easy to guess. {advice}"
    return None


def resource(path: str) -> Path:
    """A folder or file of `templates/`, `static/` or `migrations/`, in a checkout and in an installed wheel."""
    installed = PACKAGE / "_resources" / path
    return installed if installed.exists() else PACKAGE.parent / path


def _can_be_written(folder: Path) -> bool:
    """By trying: root is told that it may write everywhere."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _write_privately(path: Path, text: str) -> None:
    """Readable by its owner from the first moment; whoever comes second keeps the first one's."""
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with open(
        os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
        "w",
        encoding="utf-8",
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
