"""What each command does; the settings are read here and nowhere below."""

import asyncio
import getpass
import json
import os
import sys
from argparse import Namespace

from app.config import Reading, Settings
from app.errors import DomainError


def serve(chosen: Namespace) -> None:
    from app.cli.serving import serve

    serve(Settings.from_env(os.environ), migrate=not chosen.no_migrate)


def demo(chosen: Namespace) -> None:
    from app.cli.serving import serve

    serve(Settings.from_env(os.environ, demo=True), migrate=True)


def worker(chosen: Namespace) -> None:
    from app.cli.serving import work

    work(Settings.from_env(os.environ))


def migrate(chosen: Namespace) -> None:
    from app.cli.database import connected, upgrade

    with connected(Settings.from_env(os.environ, secret_needed=False)) as (settings, _):
        upgrade(settings)
    print("The database has the shape of this version.")


def doctor(chosen: Namespace) -> int:
    from app.cli.database import connected
    from app.db.doctor import as_json, as_text, examine, examine_without_database
    from app.errors import DomainError

    reading = Reading(os.environ, demo=_is_a_demo())
    settings = reading.settings()
    try:
        with connected(settings) as (found, _):
            checks = asyncio.run(examine(found, reading.problems))
    except DomainError as error:
        checks = examine_without_database(settings, [*reading.problems, error.sentence])
    print(as_json(checks) if chosen.json else as_text(checks))
    return 0 if all(check.ok for check in checks) else 1


def create_admin(chosen: Namespace) -> None:
    from app.accounts.commands import create_admin
    from app.cli.database import connected
    from app.notifications.commands import bring_ready_rules

    password = _password()
    with connected(_settings()) as (settings, _):
        asyncio.run(create_admin(settings, chosen.email, chosen.name, password))
        asyncio.run(bring_ready_rules(settings))
    print(f"{chosen.email} can sign in and administer.")


def create_token(chosen: Namespace) -> None:
    from app.accounts.commands import create_token
    from app.cli.database import connected

    with connected(_settings()) as (settings, _):
        print(asyncio.run(create_token(settings, chosen.email, chosen.name, chosen.days)))


def routes(chosen: Namespace) -> None:
    from app.cli.routes import access_table

    table = access_table()
    if chosen.json:
        print(json.dumps(table, indent=1))
    else:
        print("\n".join(f"{row['method']:7} {row['access']:10} {row['path']}" for row in table))


def verify_receipt(chosen: Namespace) -> int:
    """On any machine: the file, the published keys, and nothing else. What shows nothing is no proof."""
    from pathlib import Path

    from app.approvals.receipts import KeyRing, ReceiptIsFalse, read_key_set, receipts_in, verify

    folder = Settings.from_env(os.environ, secret_needed=False).signing_keys
    try:
        keys = read_key_set(Path(chosen.keys)) if chosen.keys else KeyRing(folder).published()
        receipts = receipts_in(Path(chosen.file).read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError) as error:
        raise DomainError(f"this cannot be read: {error}") from error
    if not receipts:
        raise DomainError(f"there is no receipt in {chosen.file}")
    false = 0
    for number, receipt in enumerate(receipts, 1):
        try:
            print(json.dumps({"receipt": number, "genuine": True, **verify(receipt, keys)}))
        except ReceiptIsFalse as error:
            false += 1
            print(json.dumps({"receipt": number, "genuine": False, "why": error.sentence}))
    return 1 if false else 0


def rotate_keys(chosen: Namespace) -> None:
    from app.approvals.receipts import make_key
    from app.clock import utc_now

    made = make_key(Settings.from_env(os.environ, secret_needed=False).signing_keys, utc_now())
    print(f"{made} signs receipts from the next start on.")


def _settings() -> Settings:
    return Settings.from_env(os.environ, demo=_is_a_demo())


def _is_a_demo() -> bool:
    """A DATA_DIR that “countersign demo” made keeps its own secret; whoever gives one means a real installation."""
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE"):
        return False
    return (Reading(os.environ, demo=False).data_dir() / "secret.key").is_file()


def _password() -> str:
    """Never an argument: every user of the machine can read those."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
