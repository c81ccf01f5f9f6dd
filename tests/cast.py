"""Everyone knows the cast: each of them is a fixture that can browse."""

import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.accounts import tokens
from app.accounts.models import AccessToken, BrowserSession, Role, User, UserRole
from app.accounts.recognise import Recogniser, hashed
from app.actor import SYSTEM_ID, Actor
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.catalogue.models import Category, Label
from app.clock import utc_now
from app.config import Settings
from app.db.session import Database
from app.main import create_app
from app.publishing.service import fingerprint
from app.seeds.cast import GROUPS, PASSWORD, PEOPLE
from app.seeds.flows import flows
from app.seeds.forms import CATEGORIES, LABELS, forms
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.web.security import csrf_token
from tests.database import WorkersDatabase

SECRET = "a secret for tests only, long enough to be accepted as one"


@dataclass
class Cast:
    """People and roles of the Aldermoor Group, as rows."""

    people: dict[str, User]
    roles: dict[str, Role]

    def __getitem__(self, key: str) -> User:
        return self.people[key]


@dataclass
class Browser:
    """One person at one browser: knows its cookie, adds the CSRF token, follows nothing by itself."""

    client: httpx.AsyncClient
    user: User
    session_token: str
    recogniser: Recogniser
    bearer: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def csrf(self) -> str:
        return csrf_token(SECRET, self.session_token)

    async def actor(self) -> Actor:
        """As the product sees this person now."""
        actor = await self.recogniser.by_session(self.session_token)
        assert actor is not None, f"{self.user.name} is not signed in"
        return actor

    async def get(self, url: str, *, htmx: bool = False, **params: Any) -> httpx.Response:
        return await self.client.get(url, params=params or None, headers=self._headers(htmx))

    async def post(self, url: str, *, htmx: bool = False, csrf: bool = True, **form: Any) -> httpx.Response:
        data = {name: value for name, value in form.items() if value is not None}
        if csrf:
            data["_csrf"] = self.csrf
        return await self.client.post(url, data=data, headers=self._headers(htmx))

    async def submit(
        self, url: str, form: dict[str, Any], *files: tuple[str, str, bytes], htmx: bool = False
    ) -> httpx.Response:
        """For field names that are no Python names: `fields.amount`. Files by input, name and bytes."""
        nothing_chosen = [("file", "", b"")] if "/with-files" in url or "files?" in url else []
        parts = [(name, (file, content, "image/png")) for name, file, content in files or nothing_chosen] or None
        data = {"_csrf": "", **form} | {"_csrf": self.csrf}  # the first part, and one's own
        return await self.client.post(url, data=data, files=parts, headers=self._headers(htmx))

    async def upload(
        self, url: str, *files: tuple[str, bytes], htmx: bool = False, csrf: bool = True, **form: str
    ) -> httpx.Response:
        """As a form with files is sent without a script: the token is its first part."""
        data = ({"_csrf": self.csrf} if csrf else {}) | form
        parts = [("file", (name, content, "text/html")) for name, content in files]
        return await self.client.post(url, data=data, files=parts, headers=self._headers(htmx))

    async def api_upload(self, path: str, name: str, content: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(
            f"/api/v1{path}", files={"file": (name, content)},
            headers={"authorization": f"Bearer {self.bearer}", **named},
        )  # fmt: skip

    async def api(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(
            method, f"/api/v1{path}", json=body, headers={"authorization": f"Bearer {self.bearer}", **named}
        )

    def _headers(self, htmx: bool) -> dict[str, str]:
        own = {"cookie": f"countersign={self.session_token}", **self.headers}
        return own | ({"hx-request": "true", "hx-request-type": "partial"} if htmx else {})


@lru_cache
def _password_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


async def hire(session: AsyncSession) -> Cast:
    """The whole cast as rows, quickly: seeds do the same through the services."""
    people = {
        person.key: User(
            name=person.name, title=person.title, email=person.email, locale=person.locale, time_zone=person.time_zone,
            password_hash=_password_hash(), created_by=SYSTEM_ID, updated_by=SYSTEM_ID,
        )
        for person in PEOPLE
    }  # fmt: skip
    roles = {
        group.name: Role(
            name=group.name, description=group.description, capabilities=list(group.capabilities),
            capacity=group.capacity,
            created_by=SYSTEM_ID, updated_by=SYSTEM_ID,
        )
        for group in GROUPS
    }  # fmt: skip
    session.add_all([*people.values(), *roles.values()])
    await session.flush()
    for person in PEOPLE:
        if person.manager:
            people[person.key].manager_id = people[person.manager].id
        for role in person.roles:
            member = UserRole(user_id=people[person.key].id, role_id=roles[role].id)
            member.created_by = member.updated_by = SYSTEM_ID
            session.add(member)
    await session.flush()
    return Cast(people, roles)


def settings_for(url: str) -> Settings:
    return Settings(
        secret_key=SECRET, database_url=url, public_url="http://test", company="Aldermoor Group", demo=True,
        data_dir=Path(tempfile.gettempdir()) / f"countersign-tests-{os.getpid()}",
    )  # fmt: skip


@pytest.fixture(scope="session")
async def served(database: WorkersDatabase) -> AsyncIterator[Litestar]:
    """The product, on a database that each test joins."""
    settings = settings_for(database.app_url)
    app = create_app(settings, database=Database(database.app_url))
    async with app.lifespan():
        yield app


@pytest.fixture
async def app(served: Litestar, connection: AsyncConnection) -> Litestar:
    served.state.database.join(connection)
    return served


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def recall(session: AsyncSession) -> Cast:
    """Those who are already hired."""
    people = {user.email: user for user in (await session.execute(select(User))).scalars()}
    roles = {role.name: role for role in (await session.execute(select(Role))).scalars()}
    return Cast(
        {person.key: people[person.email] for person in PEOPLE}, {group.name: roles[group.name] for group in GROUPS}
    )


@pytest.fixture
async def cast(request: pytest.FixtureRequest, session: AsyncSession) -> Cast:
    """With their company they are already there (see `connection`)."""
    if "company" in request.fixturenames:
        return await recall(session)
    cast = await hire(session)
    await session.commit()
    return cast


async def at_a_browser(session: AsyncSession, client: httpx.AsyncClient, app: Litestar, user: User) -> Browser:
    now, token, jti = utc_now(), f"token-of-{user.email}", f"jti-of-{user.email}"
    later = now + timedelta(hours=1)
    session.add(BrowserSession(token_sha256=hashed(token), user_id=user.id, seen_at=now, expires_at=later))
    session.add(
        AccessToken(jti=jti, user_id=user.id, name="test", expires_at=later, created_by=user.id, updated_by=user.id)
    )
    await session.commit()
    bearer = tokens.sign(SECRET, user_id=user.id, jti=jti, now=now, expires_at=later)
    return Browser(client, user, token, Recogniser(app.state.database, SECRET), bearer)


def _browsing(key: str) -> Any:
    @pytest.fixture(name=key)
    async def person(session: AsyncSession, client: httpx.AsyncClient, app: Litestar, cast: Cast) -> Browser:
        return await at_a_browser(session, client, app, cast[key])

    return person


hana, daniel, maya, tomas, ruth = map(_browsing, ("hana", "daniel", "maya", "tomas", "ruth"))
aisha, ingrid, jonas, lucas, elena = map(_browsing, ("aisha", "ingrid", "jonas", "lucas", "elena"))
omar, ada, nora, otto = map(_browsing, ("omar", "ada", "nora", "otto"))


@dataclass
class Company:
    """The cast with everything they work with: categories, labels, forms and flows, published."""

    cast: Cast
    categories: dict[str, Category]
    labels: dict[str, Label]


async def furnish(session: AsyncSession, cast: Cast) -> Company:
    categories = {name: Category(name=name, icon=icon, position=n) for n, (name, icon) in enumerate(CATEGORIES)}
    labels = {name: Label(name=name, color=color, position=n) for n, (name, color) in enumerate(LABELS)}
    session.add_all([*categories.values(), *labels.values()])
    await session.flush()
    roles = {name: role.id for name, role in cast.roles.items()}
    people = {key: user.id for key, user in cast.people.items()}
    now = utc_now()
    for definition in flows(roles, people):
        flow = ApprovalTemplate(key=definition["key"], name=definition["name"])
        session.add(flow)
        await session.flush()
        session.add(_published(ApprovalTemplateVersion, flow.id, definition, now))
    for definition in forms(roles, {name: category.id for name, category in categories.items()}):
        plain = FormDefinition.from_json(definition).to_json()
        shown = {name: plain[name] for name in ("key", "name", "description", "icon", "prefix")}
        template = TicketTemplate(**shown)
        session.add(template)
        await session.flush()
        session.add(_published(TicketTemplateVersion, template.id, plain, now))
    await session.commit()
    return Company(cast, categories, labels)


def _published(model: Any, template_id: int, definition: dict[str, Any], now: datetime) -> Any:
    return model(
        template_id=template_id, number=1, status="published", definition=definition, sha256=fingerprint(definition),
        published_at=now, published_by=SYSTEM_ID,
    )  # fmt: skip


@pytest.fixture
async def company(session: AsyncSession, cast: Cast) -> Company:
    categories = (await session.execute(select(Category))).scalars()
    labels = (await session.execute(select(Label))).scalars()
    return Company(cast, {one.name: one for one in categories}, {one.name: one for one in labels})
