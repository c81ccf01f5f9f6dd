"""Who works in the seeded database: the demo company with its forms and flows, and two hundred people more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from app.accounts.recognise import hashed
from app.config import Settings
from app.db.session import Database
from app.seeds.cast import DOMAIN
from app.seeds.demo import seed
from app.seeds.stories import buy
from app.seeds.teller import Act, Story, Teller
from app.web.security import csrf_token

STAFF = 200
VIEWERS = ("hana", "daniel", "jonas", "ada", "lucas")


@dataclass(frozen=True, slots=True)
class Company:
    people: Mapping[str, int]
    staff: Sequence[int]
    roles: Mapping[str, int]
    forms: Mapping[str, Sequence[int]]
    """By key: the form's id and that of its published version."""
    categories: Sequence[int]
    labels: Sequence[int]
    waiting: int
    """The ticket that the services brought to the first step of its approval: others are copied from it."""
    approved: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """One signed-in browser."""

    id: int
    token: str
    csrf: str


async def found(settings: Settings, connection: asyncpg.Connection) -> Company:
    await seed(settings)
    await connection.execute(_MORE_PEOPLE, STAFF)
    waiting, approved = await _tell_prototypes(settings)
    return Company(
        people=await _by_key(connection),
        staff=[
            row["id"] for row in await connection.fetch("SELECT id FROM users WHERE email LIKE 'staff%' ORDER BY id")
        ],
        roles={row["name"]: row["id"] for row in await connection.fetch("SELECT id, name FROM roles")},
        forms={row["key"]: (row["id"], row["version"]) for row in await connection.fetch(_FORMS)},
        categories=[row["id"] for row in await connection.fetch("SELECT id FROM categories ORDER BY id")],
        labels=[row["id"] for row in await connection.fetch("SELECT id FROM labels ORDER BY id")],
        waiting=await connection.fetchval("SELECT id FROM tickets WHERE ticket_no = $1", waiting),
        approved=await connection.fetchval("SELECT id FROM tickets WHERE ticket_no = $1", approved),
    )


_MORE_PEOPLE = """
    INSERT INTO users (name, email, title, manager_id, created_at, created_by, updated_at, updated_by)
    SELECT 'Staff Member ' || n, 'staff' || n || '@aldermoor.example', 'Operations', daniel.id, now(), 1, now(), 1
    FROM generate_series(1, $1) n, (SELECT id FROM users WHERE email = 'daniel@aldermoor.example') daniel
"""
_FORMS = """
    SELECT t.key, t.id, v.id AS version FROM ticket_templates t
    JOIN ticket_template_versions v ON v.template_id = t.id AND v.status = 'published'
"""


async def _by_key(connection: asyncpg.Connection) -> dict[str, int]:
    rows = await connection.fetch("SELECT id, email FROM users WHERE email LIKE $1", f"%@{DOMAIN}")
    return {row["email"].split("@")[0]: row["id"] for row in rows}


async def _tell_prototypes(settings: Settings) -> tuple[str, str]:
    """Numbers of a request that waits for the line manager, and of one that everybody approved."""
    database = Database(settings.database_url or "", role=settings.app_role, pool_size=2, max_overflow=2)
    teller = Teller(database, {})
    answers: dict[str, Any] = buy("38400.00", "Nordtherm Imaging Oy")
    votes = [Act(1, f"1{hour}:00", who, "approve") for hour, who in enumerate(("daniel", "tomas", "maya"))]
    try:
        return (
            await teller.tell(
                Story("purchase-request", "hana", "Waits", answers, (Act(1, "09:00", "hana", "submit"),))
            ),
            await teller.tell(
                Story("purchase-request", "hana", "Approved", answers, (Act(1, "09:00", "hana", "submit"), *votes))
            ),
        )
    finally:
        await database.close()


async def sign_in(connection: asyncpg.Connection, company: Company, secret: str) -> dict[str, Visitor]:
    visitors = await sign_in_each(connection, [company.people[key] for key in VIEWERS], secret)
    return {key: visitors[company.people[key]] for key in VIEWERS}


async def sign_in_each(connection: asyncpg.Connection, people: Sequence[int], secret: str) -> dict[int, Visitor]:
    """Sessions as signing in would leave them."""
    visitors = {}
    for person in people:
        token = f"benchmark-session-of-{person}"
        await connection.execute(
            "INSERT INTO sessions (token_sha256, user_id, created_at, seen_at, expires_at)"
            " VALUES ($1, $2, now(), now(), now() + $3)"
            " ON CONFLICT (token_sha256) DO UPDATE SET seen_at = now(), expires_at = now() + $3",
            hashed(token), person, timedelta(days=1),
        )  # fmt: skip
        visitors[person] = Visitor(person, token, csrf_token(secret, token))
    return visitors
