"""A bearer token says who calls; what is not exactly ours is nobody (promises.md, S1 and S2)."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import tokens
from app.accounts.models import AccessToken, User
from app.activity.models import AuditEntry
from app.clock import utc_now
from app.seeds.cast import PASSWORD
from tests.cast import SECRET, Browser, Cast


async def me(who: Browser, bearer: str, scheme: str = "Bearer") -> int:
    answer = await who.client.get("/api/v1/me", headers={"authorization": f"{scheme} {bearer}"})
    return answer.status_code


async def test_a_password_gives_a_token_for_an_hour_and_the_record_tells(session: AsyncSession, hana: Browser) -> None:
    body = {"email": hana.user.email, "password": PASSWORD}
    answer = await hana.client.post("/api/v1/auth/token", json=body)
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert await me(hana, given["access_token"]) == 200
    query = select(AuditEntry.event_type, AuditEntry.created_by, AuditEntry.channel).filter_by(
        event_type="token_created"
    )
    assert (await session.execute(query)).all() == [("token_created", hana.id, "api")]


async def test_a_wrong_password_and_an_unknown_address_are_one_answer(hana: Browser) -> None:
    wrong = await hana.client.post("/api/v1/auth/token", json={"email": hana.user.email, "password": "not this one"})
    nobody = await hana.client.post(
        "/api/v1/auth/token", json={"email": "nobody@example.com", "password": "not this one"}
    )
    assert (wrong.status_code, wrong.content) == (401, nobody.content)


async def test_guessing_is_slowed_down(hana: Browser) -> None:
    body = {"email": hana.user.email, "password": "not this one"}
    statuses = [(await hana.client.post("/api/v1/auth/token", json=body)).status_code for _ in range(9)]
    assert statuses == [401] * 8 + [429]


async def test_oneself_is_told_with_roles_and_capabilities(cast: Cast, daniel: Browser, ada: Browser) -> None:
    told = (await daniel.api("GET", "/me")).json()
    assert (told["id"], told["name"], told["email"]) == (daniel.id, daniel.user.name, daniel.user.email)
    assert {"id", "name"} == set(told["roles"][0])
    assert "admin" in (await ada.api("GET", "/me")).json()["capabilities"]


def forged(who: Browser, *, key: str = SECRET, algorithm: str = "HS256", typ: str = tokens.TYPE, **claims: Any) -> str:
    now = utc_now()
    whole = {
        "sub": str(who.id), "iat": now, "exp": now + timedelta(hours=1), "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE, "jti": f"jti-of-{who.user.email}", **claims,
    }  # fmt: skip
    present = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(present, key, algorithm=algorithm, headers={"typ": typ})


async def test_a_token_like_ours_opens(hana: Browser) -> None:
    assert await me(hana, forged(hana)) == 200
    assert await me(hana, forged(hana), scheme="bearer") == 200


@pytest.mark.parametrize(
    "made",
    [
        {"aud": "countersign-web"}, {"iss": "somebody"}, {"typ": "JWT"},
        {"key": "another secret, quite as long as ours is"},
        {"exp": utc_now() - timedelta(minutes=5)}, {"iat": utc_now() + timedelta(days=1)}, {"algorithm": "HS512"},
        {"jti": "never-given"}, {"sub": "1"}, {"sub": "１"}, {"sub": "9" * 30}, {"jti": None},
        {"exp": None}, {"aud": None},
        {"key": "", "algorithm": "none"},
    ],
    ids=lambda made: ",".join(f"{name}={value}" if isinstance(value, str) else name for name, value in made.items()),
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_token_that_is_not_quite_ours_is_nobodys(hana: Browser, made: dict[str, Any]) -> None:
    assert await me(hana, forged(hana, **made)) == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Foo {token}", "Bearer {token} x", "Bearer a.b.c"]
)
async def test_what_is_no_bearer_header_is_nobody(hana: Browser, header: str) -> None:
    sent = header.replace("{token}", hana.bearer)
    answer = await hana.client.get("/api/v1/me", headers={"authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_token_and_a_deactivated_person_are_out_at_once(
    session: AsyncSession, hana: Browser, otto: Browser
) -> None:
    row = (await session.execute(select(AccessToken).filter_by(user_id=hana.id))).scalar_one()
    row.revoked_at = utc_now()
    (await session.get_one(User, otto.id)).deactivated_at = utc_now()
    await session.commit()
    assert (await hana.api("GET", "/me")).status_code == 401
    assert (await otto.api("GET", "/me")).status_code == 401


async def test_the_browsers_session_opens_no_api_and_the_token_no_page(hana: Browser) -> None:
    for path in ("/api/v1/me", "http://test//api/v1/me", "/api/v1//me"):
        answer = await hana.get(path)
        assert answer.status_code == 401, path
    page = await hana.client.get("/tickets", headers={"authorization": f"Bearer {hana.bearer}"})
    assert page.status_code == 303
    assert (await hana.get("/api/docs/openapi.json")).status_code == 200
