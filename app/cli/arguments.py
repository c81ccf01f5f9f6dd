"""The commands and what they take."""

import argparse
from typing import Any

from app.cli import commands


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="countersign", description="Tickets and approvals. Settings come from the environment."
    )
    choices = top.add_subparsers(required=True, metavar="COMMAND")
    _serving(choices)
    _database(choices)
    _people(choices)
    _audit(choices)
    routes = _command(choices, "routes", commands.routes, "list every route with who may use it")
    routes.add_argument("--json", action="store_true", help="as a list of {method, path, access}")
    return top


def _serving(choices: Any) -> None:
    serve = _command(
        choices, "serve", commands.serve, "web and worker, and the embedded PostgreSQL without DATABASE_URL"
    )
    serve.add_argument("--no-migrate", action="store_true", help="leave the database's shape to “countersign migrate”")
    _command(choices, "demo", commands.demo, "the same with the demo company in it, and its people to sign in as")
    _command(choices, "worker", commands.worker, "jobs only, beside “serve” processes with RUN_WORKER=no")


def _database(choices: Any) -> None:
    _command(choices, "migrate", commands.migrate, "bring the database to this version's shape")
    doctor = _command(choices, "doctor", commands.doctor, "look for what is wrong with this installation")
    doctor.add_argument("--json", action="store_true", help="for a script")


def _people(choices: Any) -> None:
    admin = _group(choices, "admin", "administrators")
    create = _command(
        admin, "create", commands.create_admin, "an administrator; the password is asked for, or read from stdin"
    )
    create.add_argument("--email", required=True)
    create.add_argument("--name", required=True)
    token = _group(choices, "token", "API tokens")
    issue = _command(token, "create", commands.create_token, "a bearer token for the API, printed once")
    issue.add_argument("--email", required=True, help="whose rights it has")
    issue.add_argument("--name", default="command line", help="what it is for")
    issue.add_argument("--days", type=int, default=30, help="how long it is good for")


def _audit(choices: Any) -> None:
    audit = _group(choices, "audit", "the record, and what anybody can check of it")
    verify = _command(audit, "verify-receipt", commands.verify_receipt, "check signed receipts; needs no database")
    verify.add_argument("file", help="one receipt a line, as downloaded")
    verify.add_argument("--keys", help="the published keys (jwks.json); otherwise those of this installation")
    keys = _group(choices, "keys", "signing keys")
    _command(
        keys, "rotate", commands.rotate_keys, "a new key that signs from the next start on; older ones still verify"
    )


def _group(choices: Any, name: str, tells: str) -> Any:
    return choices.add_parser(name, help=tells).add_subparsers(required=True, metavar="COMMAND")


def _command(choices: Any, name: str, act: Any, tells: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = choices.add_parser(name, help=tells, description=tells)
    made.set_defaults(act=act)
    return made
