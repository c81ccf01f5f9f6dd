"""Everybody's own page: settings, password, sessions, tokens (product.md, section 5; promises.md, S1, S2, A2, A5)."""

import re
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import tokens
from app.accounts.models import AccessToken, BrowserSession, User
from app.accounts.recognise import hashed
from app.activity.models import AuditEntry
from app.clock import utc_now
from app.seeds.cast import PASSWORD
from tests.cast import SECRET, Browser

NEW = "violet harbour lamp"
SETTINGS = {"locale": "en", "time_zone": "Asia/Taipei", "theme": "dark", "density": "compact"}


async def kinds(session: AsyncSession) -> list[str]:
    return list((await session.execute(select(AuditEntry.event_type).order_by(AuditEntry.id))).scalars())


async def another_session_of(browser: Browser, session: AsyncSession, secret: str) -> BrowserSession:
    later = utc_now() + timedelta(hours=1)
    row = BrowserSession(token_sha256=hashed(secret), user_id=browser.id, expires_at=later, agent="Firefox/140 Linux")
    session.add(row)
    await session.commit()
    return row


async def test_everybody_has_a_page_and_it_is_their_own(hana: Browser, otto: Browser) -> None:
    assert "Quality Engineer" in (await hana.get("/me")).text
    page = (await otto.get("/me")).text
    assert "Otto Brandt" in page
    assert "Hana Sato" not in page


async def test_settings_are_kept_and_the_rest_is_not_to_be_set_here(hana: Browser, session: AsyncSession) -> None:
    answer = await hana.post("/me/settings", **SETTINGS, name="Queen", title="CEO", manager_id="1", email="x@x.example")
    assert answer.status_code == 303
    kept = await session.get(User, hana.id, populate_existing=True)
    assert kept is not None
    assert (kept.time_zone, kept.theme, kept.density, kept.single_keys) == ("Asia/Taipei", "dark", "compact", False)
    assert (kept.name, kept.title, kept.email) == ("Hana Sato", "Quality Engineer", "hana@aldermoor.example")
    page = (await hana.get("/me")).text
    assert 'data-theme="dark"' in page
    assert 'data-density="compact"' in page
    assert 'data-single-keys="off"' in page


@pytest.mark.parametrize(("field", "value"), [("locale", "xx"), ("time_zone", "Mars/Base"), ("theme", "pink")])
async def test_a_setting_that_does_not_exist_is_refused(field: str, value: str, hana: Browser) -> None:
    answer = await hana.post("/me/settings", **(SETTINGS | {field: value}))
    assert answer.status_code == 422
    assert "Choose one of the options." in answer.text


async def test_one_click_changes_the_looks(hana: Browser) -> None:
    assert (await hana.post("/me/display", theme="light", htmx=True)).status_code == 204
    back = await hana.post("/me/display", density="comfortable", back="/tickets")
    assert (back.status_code, back.headers["location"]) == (303, "/tickets")
    away = await hana.post("/me/display", single_keys="off", back="//evil.example")
    assert away.headers["location"] == "/"


async def test_a_new_password_takes_the_current_one_and_cuts_everything_else_off(
    hana: Browser, session: AsyncSession
) -> None:
    await another_session_of(hana, session, "elsewhere")
    answer = await hana.post("/me/password", current=PASSWORD, password=NEW, again=NEW)
    assert answer.status_code == 303
    assert (await hana.get("/me")).status_code == 303, "the session before has ended too"
    elsewhere = await hana.client.get("/me", headers={"cookie": "countersign=elsewhere"})
    assert elsewhere.status_code == 303
    assert (await hana.api("GET", "/me")).status_code == 401
    cookie = re.search(r"countersign=([^;]+)", answer.headers.get_list("set-cookie")[-1])
    cookie = cookie or re.search(r"countersign=([^;]+)", answer.headers["set-cookie"])
    assert cookie is not None
    hana.session_token = cookie[1]
    assert (await hana.get("/me")).status_code == 200
    assert await kinds(session) == ["password_set"]


async def test_a_password_is_not_changed_with_a_wrong_current_one(hana: Browser, session: AsyncSession) -> None:
    answer = await hana.post("/me/password", current="not it at all", password=NEW, again=NEW)
    assert answer.status_code == 422
    assert "This is not your password." in answer.text
    assert (await hana.get("/me")).status_code == 200
    for _ in range(8):
        answer = await hana.post("/me/password", current="not it at all", password=NEW, again=NEW)
    assert "Too many attempts" in answer.text


@pytest.mark.parametrize(
    ("typed", "again", "sentence"),
    [
        ("short", "short", "A password has 10 to 200 characters."),
        ("qwertyuiop12", "qwertyuiop12", "too easy to guess"),
        ("hanasato2026", "hanasato2026", "too easy to guess"),
        (NEW, NEW + "x", "The two are not the same."),
        ("", "", "Fill this in."),
    ],
)
async def test_a_password_that_will_not_do_is_refused_at_its_field(
    typed: str, again: str, sentence: str, hana: Browser
) -> None:
    answer = await hana.post("/me/password", current=PASSWORD, password=typed, again=again)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert PASSWORD not in answer.text


async def test_a_token_is_shown_once_works_and_can_be_revoked(hana: Browser, session: AsyncSession) -> None:
    answer = await hana.post("/me/tokens", name="nightly export", days="30")
    assert answer.status_code == 200
    shown = re.search(r'id="new-token">([^<]+)<', answer.text)
    assert shown is not None
    hana.bearer = shown[1]
    assert (await hana.api("GET", "/nothing-here")).status_code == 404, "recognised"
    page = (await hana.get("/me")).text
    assert "nightly export" in page
    assert shown[1] not in page
    row = (await session.execute(select(AccessToken).filter_by(name="nightly export"))).scalar_one()
    assert timedelta(days=29) < row.expires_at - utc_now() < timedelta(days=31)
    assert shown[1] not in str(row.__dict__)
    assert (await hana.post(f"/me/tokens/{row.id}/revocation")).status_code == 303
    assert (await hana.api("GET", "/nothing-here")).status_code == 401
    assert await kinds(session) == ["token_created", "token_revoked"]
    assert (await hana.post(f"/me/tokens/{row.id}/revocation")).status_code == 404


@pytest.mark.parametrize("days", ["0", "366", "-1", "1.5", "", "１", "99999999999999999999"])
async def test_a_token_lives_from_1_to_365_days(days: str, hana: Browser, session: AsyncSession) -> None:
    before = (await session.execute(select(func.count()).select_from(AccessToken))).scalar_one()
    assert (await hana.post("/me/tokens", name="long", days=days)).status_code == 422
    assert (await session.execute(select(func.count()).select_from(AccessToken))).scalar_one() == before


async def test_nobody_touches_the_sessions_and_tokens_of_others(
    hana: Browser, otto: Browser, ada: Browser, session: AsyncSession
) -> None:
    mine = (await session.execute(select(BrowserSession).filter_by(user_id=hana.id))).scalar_one()
    token = (await session.execute(select(AccessToken).filter_by(user_id=hana.id))).scalar_one()
    for other in (otto, ada):
        assert (await other.post(f"/me/sessions/{mine.id}/end")).status_code == 404
        assert (await other.post(f"/me/tokens/{token.id}/revocation")).status_code == 404
    assert (await hana.get("/me")).status_code == 200


async def test_one_signs_out_one_browser_or_all_others(hana: Browser, session: AsyncSession) -> None:
    first = await another_session_of(hana, session, "first")
    await another_session_of(hana, session, "second")
    assert "Firefox, Linux" in (await hana.get("/me")).text
    assert (await hana.post(f"/me/sessions/{first.id}/end")).status_code == 303
    assert (await hana.client.get("/me", headers={"cookie": "countersign=first"})).status_code == 303
    assert (await hana.client.get("/me", headers={"cookie": "countersign=second"})).status_code == 200
    assert (await hana.post("/me/sessions/end-of-others")).status_code == 303
    assert (await hana.client.get("/me", headers={"cookie": "countersign=second"})).status_code == 303
    assert (await hana.get("/me")).status_code == 200
    assert await kinds(session) == ["sessions_ended", "sessions_ended"]


def forged(**changes: object) -> str:
    claims = {
        "sub": "7", "iss": tokens.ISSUER, "aud": tokens.AUDIENCE, "jti": "x", "iat": utc_now(),
        "exp": utc_now() + timedelta(hours=1),
    }  # fmt: skip
    headers = {"typ": changes.pop("typ", tokens.TYPE)}
    key, algorithm = str(changes.pop("key", SECRET)), str(changes.pop("algorithm", "HS256"))
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def test_a_token_of_ours_is_read() -> None:
    assert tokens.read(SECRET, forged()) == tokens.Known(7, "x")


@pytest.mark.parametrize(
    "token",
    [
        forged(iss="somebody else"), forged(aud="another-api"), forged(exp=utc_now() - timedelta(seconds=61)),
        forged(iat=utc_now() + timedelta(days=1)), forged(key="another secret that is long enough, too"),
        forged(algorithm="HS384"), forged(algorithm="none", key=""), forged(typ="JWT"), forged(typ="dpop+jwt"),
        forged(jti=None), forged(sub=None), forged(exp=None), forged(iat=None), forged(aud=None), forged(iss=None),
        forged(sub="７"), forged(sub="-7"), forged(sub="9" * 40), forged(jti="a\0b"), forged(jti="é"),
        "nonsense", "", "a.b.c", "x" * 3000,
    ],
)  # fmt: skip
def test_a_token_that_is_not_ours_is_nobody(token: str) -> None:
    assert tokens.read(SECRET, token) is None


async def test_a_cookie_is_no_bearer_token_and_a_bearer_token_no_cookie(hana: Browser) -> None:
    as_bearer = await hana.client.get("/api/v1/me", headers={"authorization": f"Bearer {hana.session_token}"})
    as_cookie = await hana.client.get("/me", headers={"cookie": f"countersign={hana.bearer}"})
    assert (as_bearer.status_code, as_cookie.status_code) == (401, 303)
