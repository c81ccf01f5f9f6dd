"""Signing in and out (promises.md, S2 to S9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import sign_in
from app.accounts.models import BrowserSession, SignInFailure, User
from app.accounts.recognise import hashed
from app.activity.models import AuditEntry
from app.seeds.cast import PASSWORD, PEOPLE
from app.web.security import csrf_token, safe_next
from tests.cast import SECRET, Browser, Cast

WRONG = "E-mail or password is wrong."


async def try_to_sign_in(client: httpx.AsyncClient, email: str, password: str, **more: Any) -> httpx.Response:
    return await client.post("/sign-in", data={"email": email, "password": password, **more})


async def test_the_right_password_opens_a_session_of_its_own(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await try_to_sign_in(client, "hana@aldermoor.example", PASSWORD, next="/me?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me?x=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await client.get("/me")).status_code == 200


async def test_the_page_works_without_javascript_and_keeps_where_one_wanted_to_go(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    turned_away = await client.get("/tickets?q=42")
    page = await client.get(turned_away.headers["location"])
    assert page.status_code == 200
    assert '<form class="stack lg" method="post" action="/sign-in"' in page.text
    assert page.text.count('name="next" value="/tickets?q=42"') == 2


@pytest.mark.parametrize(
    ("email", "password"),
    [("hana@aldermoor.example", "not it at all"), ("nobody@aldermoor.example", PASSWORD), ("n\0", PASSWORD)],
)
async def test_the_answer_never_says_which_half_was_wrong(
    email: str, password: str, client: httpx.AsyncClient, cast: Cast
) -> None:
    answer = await try_to_sign_in(client, email, password)
    assert answer.status_code in {401, 422}
    assert WRONG in answer.text or "cannot be stored" in answer.text
    assert 'id="f-password-error"' in answer.text or 'id="f-email-error"' in answer.text
    assert password not in answer.text
    assert "set-cookie" not in answer.headers


async def test_known_and_unknown_accounts_are_answered_alike(client: httpx.AsyncClient, cast: Cast) -> None:
    known = await try_to_sign_in(client, "hana@aldermoor.example", "not it at all")
    unknown = await try_to_sign_in(client, "xxxx@aldermoor.example", "not it at all")
    assert known.text.replace('name="email" value="hana@', 'name="email" value="xxxx@') == unknown.text
    assert known.status_code == unknown.status_code == 401


async def test_both_kinds_of_failure_are_on_the_record_and_name_no_actor(
    client: httpx.AsyncClient, cast: Cast, session: AsyncSession
) -> None:
    await try_to_sign_in(client, "hana@aldermoor.example", "not it at all")
    await try_to_sign_in(client, "xxxx@aldermoor.example", "not it at all")
    entries = (await session.execute(select(AuditEntry).order_by(AuditEntry.id))).scalars().all()
    assert [(e.event_type, e.created_by) for e in entries] == [("sign_in_failed", 1), ("sign_in_unknown", 1)]
    assert "xxxx" not in str([entry.event_details for entry in entries])


async def test_after_eight_wrong_passwords_even_the_right_one_has_to_wait(
    client: httpx.AsyncClient, cast: Cast, session: AsyncSession
) -> None:
    for _ in range(8):
        assert (await try_to_sign_in(client, "hana@aldermoor.example", "not it at all")).status_code == 401
    throttled = await try_to_sign_in(client, "hana@aldermoor.example", PASSWORD)
    assert throttled.status_code == 429
    assert "Too many attempts from here." in throttled.text
    assert (await try_to_sign_in(client, "maya@aldermoor.example", PASSWORD)).status_code == 303


async def test_a_stranger_elsewhere_locks_nobody_out(
    client: httpx.AsyncClient, cast: Cast, session: AsyncSession
) -> None:
    for _ in range(8):
        await try_to_sign_in(client, "hana@aldermoor.example", "not it at all")
    await session.execute(update(SignInFailure).values(address="203.0.113.9"))
    await session.commit()
    assert (await try_to_sign_in(client, "hana@aldermoor.example", PASSWORD)).status_code == 303


async def test_one_address_cannot_try_many_accounts(
    client: httpx.AsyncClient, cast: Cast, session: AsyncSession
) -> None:
    session.add_all(
        SignInFailure(account_sha256=bytes([n]) * 32, address="127.0.0.1") for n in range(sign_in.PER_ADDRESS)
    )
    await session.commit()
    assert (await try_to_sign_in(client, "hana@aldermoor.example", PASSWORD)).status_code == 429


async def test_a_planted_session_id_is_never_adopted(
    client: httpx.AsyncClient, cast: Cast, session: AsyncSession
) -> None:
    client.cookies.set("countersign", "planted-by-somebody", domain="test")
    typed = {"email": "hana@aldermoor.example", "password": PASSWORD}
    answer = await client.post("/sign-in", data=typed, headers={"cookie": "countersign=planted-by-somebody"})
    assert answer.status_code == 303
    assert "planted-by-somebody" not in answer.headers["set-cookie"]
    known = (await session.execute(select(BrowserSession.token_sha256))).scalars().all()
    assert hashed("planted-by-somebody") not in known
    planted = await client.get("/me", headers={"cookie": "countersign=planted-by-somebody"})
    assert planted.status_code == 303


async def test_signing_in_again_ends_the_session_before(hana: Browser) -> None:
    answer = await hana.post("/sign-in", email="hana@aldermoor.example", password=PASSWORD)
    assert answer.status_code == 303
    assert (await hana.get("/me")).status_code == 303


async def test_signing_out_ends_the_session_for_good(hana: Browser, session: AsyncSession) -> None:
    answer = await hana.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert (await hana.get("/me")).status_code == 303
    kinds = (await session.execute(select(AuditEntry.event_type))).scalars().all()
    assert kinds == ["signed_out"]


async def test_a_session_is_over_when_its_time_is(hana: Browser, session: AsyncSession) -> None:
    await session.execute(update(BrowserSession).values(expires_at=hana.user.created_at - timedelta(days=1)))
    await session.commit()
    assert (await hana.get("/me")).status_code == 303


async def test_the_cast_signs_in_with_one_click_and_nobody_else_does(
    client: httpx.AsyncClient, cast: Cast, session: AsyncSession
) -> None:
    page = (await client.get("/sign-in")).text
    assert page.count('name="persona"') == len(PEOPLE)
    assert "Quality Engineer" in page
    session.add(User(name="Eve", email="eve@elsewhere.example"))
    await session.commit()
    assert (await client.post("/sign-in", data={"persona": "eve@elsewhere.example"})).status_code == 422
    answer = await client.post("/sign-in", data={"persona": "otto@aldermoor.example", "next": "/tickets"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/tickets")


async def test_outside_demo_mode_a_persona_is_nobody(client: httpx.AsyncClient, cast: Cast, app: Any) -> None:
    app.state.settings = replace(app.state.settings, demo=False)
    try:
        answer = await client.post("/sign-in", data={"persona": "otto@aldermoor.example"})
        page = await client.get("/sign-in")
    finally:
        app.state.settings = replace(app.state.settings, demo=True)
    assert answer.status_code == 422
    assert "persona" not in page.text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:evil.example",
        "///evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "\t//evil.example",
        " //evil.example", "evil.example", "@evil.example", "", "/a\r\nset-cookie: x=1", "/" + "a" * 3000,
        "／／evil.example", "data:text/html,x", "/\x00",
    ],
)  # fmt: skip
async def test_next_stays_on_this_origin_for_all_spellings(target: str, client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await try_to_sign_in(client, "hana@aldermoor.example", PASSWORD, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_next_may_hold_any_writing(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await try_to_sign_in(client, "hana@aldermoor.example", PASSWORD, next="/tickets?q=採購&x=a%20b")
    assert answer.headers["location"] == "/tickets?q=%E6%8E%A1%E8%B3%BC&x=a%20b"
    assert safe_next("/／／evil.example").startswith("/%EF%BC%8F")


async def test_a_signed_in_person_is_sent_on(hana: Browser) -> None:
    answer = await hana.get("/sign-in", next="//evil.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_a_form_from_another_site_is_refused_even_before_sign_in(client: httpx.AsyncClient, cast: Cast) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        data = {"email": "hana@aldermoor.example", "password": PASSWORD}
        assert (await client.post("/sign-in", data=data, headers=headers)).status_code == 403


async def test_an_unsafe_request_needs_the_token_of_this_session(hana: Browser, maya: Browser) -> None:
    assert (await hana.post("/me/settings", csrf=False)).status_code == 403
    planted = await hana.client.post(
        "/me/settings", data={"_csrf": csrf_token(SECRET, maya.session_token)}, headers=hana._headers(False)
    )
    assert planted.status_code == 403
    assert (await hana.post("/me/settings", csrf=False, _csrf="")).status_code == 403
    assert (await hana.post("/sign-out", csrf=False)).status_code == 403
    assert (await hana.get("/me")).status_code == 200


async def test_a_csrf_token_sent_as_a_file_is_refused_calmly(hana: Browser) -> None:
    answer = await hana.client.post("/sign-out", files={"_csrf": ("x.txt", b"x")}, headers=hana._headers(False))
    assert answer.status_code == 403


async def test_reading_never_changes_anything(hana: Browser, ada: Browser, session: AsyncSession) -> None:
    for path in ("/sign-out", "/me/password", "/me/tokens", f"/admin/users/{hana.id}/reactivation"):
        assert (await ada.get(path)).status_code == 404
    assert (await session.execute(select(AuditEntry.id))).first() is None


async def test_an_enormous_password_costs_nothing(client: httpx.AsyncClient, cast: Cast) -> None:
    assert (await try_to_sign_in(client, "hana@aldermoor.example", "x" * 10_000_000)).status_code == 413
    assert (await try_to_sign_in(client, "hana@aldermoor.example", "x" * 1_000_000)).status_code == 401


async def test_anonymous_pages_hold_no_rest_of_a_session(client: httpx.AsyncClient, cast: Cast) -> None:
    page = await client.get("/sign-in")
    assert page.headers["cache-control"] == "no-store"
    assert "<script>" not in page.text
    assert " style=" not in page.text
