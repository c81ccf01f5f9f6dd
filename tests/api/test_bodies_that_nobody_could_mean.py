"""Strange input gets a clear answer and no 500: shapes, signs, depths, ids (promises.md, X1 to X5; traps 14 to 16)."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import Refused
from app.web.json_body import Malformed, parse
from tests.cast import Browser, Company
from tests.story import ask

DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"   ", 400), (b"{", 400), (b"nonsense", 400), (b'{"title": "\xff"}', 400), (DEEP, 400),
        (b'{"title": ' + DEEP + b"}", 400), (b'{"title": NaN}', 400), (b'{"title": Infinity}', 400),
        (b'{"title": 1e999}', 400), (b'{"title": "a", "title": "b"}', 400), (b'{"title": ' + b"9" * 5000 + b"}", 400),
        (b'{"title": "a\\u0000b"}', 422), (b'{"title": "a\\ud800b"}', 422),
        (b'{"title": "a", "fields": {"\\u0000": 1}}', 422),
        (b"[]", 422), (b"null", 422), (b'"text"', 422), (b'{"title": 5}', 422), (b'{"title": "a", "colour": 1}', 422),
        (b'{"title": "a", "due_at": "2026-02-30T00:00:00Z"}', 422), (b'{"title": "a", "due_at": "2026-02-03"}', 422),
        (b'{"title": "a", "due_at": "9999-12-31T23:59:59Z"}', 422), (b'{"title": "a", "requester_id": -1}', 422),
        (b'{"title": "a", "requester_id": 99999999999999999999}', 422), (b'{"title": "a", "requester_id": true}', 422),
        (b'{"title": "a", "label_ids": [9223372036854775808]}', 422), (b'{"title": "a", "priority": "huge"}', 422),
        (b'{"title": "\\u202eevil"}', 422),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_a_body_gets_a_clear_refusal(company: Company, hana: Browser, body: bytes, status: int) -> None:
    headers = {"authorization": f"Bearer {hana.bearer}", "content-type": "application/json"}
    answer = await hana.client.post("/api/v1/tickets", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def test_a_body_of_another_kind_or_too_large_is_refused(company: Company, hana: Browser) -> None:
    headers = {"authorization": f"Bearer {hana.bearer}"}
    form = await hana.client.post("/api/v1/tickets", data={"title": "a"}, headers=headers)
    assert form.status_code == 415
    large = b'{"title": "' + b"a" * 2_100_000 + b'"}'
    answer = await hana.client.post(
        "/api/v1/tickets", content=large, headers=headers | {"content-type": "application/json"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "row_id", ["99999999999999999999", "-1", "+1", "0", "01", "１", "1_0", "1.0", "9223372036854775808", "%00", "a"]
)
async def test_an_id_has_one_spelling_and_anything_else_is_nothing(company: Company, ada: Browser, row_id: str) -> None:
    for path in (f"/labels/{row_id}", f"/users/{row_id}", f"/roles/{row_id}", f"/categories/{row_id}"):
        assert (await ada.api("GET", path)).status_code == 404, path
    assert (await ada.api("DELETE", f"/approvals/{row_id}/decision")).status_code == 404


@pytest.mark.parametrize(
    "number", ["pur-1001", "PUR-01", "PUR-１", "PUR-99999999999999999999", "PUR", "%00", "PUR-1001%20"]
)
async def test_a_ticket_number_has_one_spelling(company: Company, hana: Browser, number: str) -> None:
    assert (await hana.api("GET", f"/tickets/{number}")).status_code == 404


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 129, "a\x7f"])
async def test_an_idempotency_key_is_short_and_visible(company: Company, hana: Browser, key: str) -> None:
    headers = [(b"authorization", f"Bearer {hana.bearer}".encode()), (b"idempotency-key", key.encode("utf-8"))]
    answer = await hana.client.post("/api/v1/tickets", json={"title": "a"}, headers=headers)
    assert answer.status_code == 422


def test_sixty_four_levels_are_read_and_one_more_is_not() -> None:
    parse(b"[" * 64 + b"]" * 64)
    with pytest.raises(Malformed):
        parse(b"[" * 65 + b"]" * 65)


def test_brackets_inside_texts_are_no_levels() -> None:
    assert parse(b'["' + b"[" * 200 + b'\\""]') == ["[" * 200 + '"']


def test_a_pair_of_surrogates_is_one_sign_and_half_a_pair_is_none() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "\U0001f600"
    with pytest.raises(Refused):
        parse(b'"\\ude00"')


@pytest.mark.parametrize("path", ["/tickets", "/users", "/approvals/pending", "/tickets/{no}/notes"])
async def test_a_broken_cursor_is_refused_and_starts_no_list_again(
    session: AsyncSession, company: Company, hana: Browser, path: str
) -> None:
    ticket = await ask(session, hana)
    await session.commit()
    path = path.format(no=ticket.ticket_no)
    for cursor in ("zzz", "%00", "W10x", "5", "x" * 3000):
        answer = await hana.api("GET", f"{path}?cursor={cursor}")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["cursor"]), cursor
    assert (await hana.api("GET", f"{path}?cursor=")).status_code == 200


@pytest.mark.parametrize("name", ["status", "priority", "assignee", "category", "sort"])
async def test_a_filter_without_its_value_is_refused_and_finds_not_everything(
    company: Company, hana: Browser, name: str
) -> None:
    for value in ("", "%00", "%201", "1%20"):
        answer = await hana.api("GET", f"/tickets/count?{name}={value}" if name != "sort" else f"/tickets?sort={value}")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [name]), value
