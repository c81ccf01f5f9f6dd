"""Working hours and approval matrices by script: the same rules as on their pages, and no change is overwritten."""

from typing import Any

from tests.cast import Browser, Company

BERLIN: dict[str, Any] = {
    "key": "berlin", "name": "Berlin", "zone": "Europe/Berlin",
    "hours": {"mon": [["09:00", "12:00"], ["13:00", "24:00"]], "fri": [["09:00", "15:00"]]},
    "holidays": ["2026-12-25", "2026-01-01"],
}  # fmt: skip


async def test_a_calendar_is_added_read_changed_and_archived(company: Company, ada: Browser, hana: Browser) -> None:
    made = await ada.api("POST", "/calendars", BERLIN)
    assert made.status_code == 201, made.text
    whole = {**BERLIN, "holidays": ["2026-01-01", "2026-12-25"], "is_default": False, "archived": False}
    assert made.json() == whole
    url, seen = "/calendars/berlin", made.headers["etag"]
    assert (await ada.api("GET", url)).headers["etag"] == seen
    changed = await ada.api("PATCH", url, {"name": "Berlin office", "holidays": []}, if_match=seen)
    assert changed.json() == {**whole, "name": "Berlin office", "holidays": []}
    assert (await ada.api("PATCH", url, {"name": "Mine"}, if_match=seen)).status_code == 412
    assert (await ada.api("DELETE", url, if_match=seen)).status_code == 412
    assert (await hana.api("PATCH", url, {"name": "Mine"})).status_code == 403
    assert (await ada.api("DELETE", url, if_match=changed.headers["etag"])).status_code == 204
    assert (await ada.api("DELETE", url)).status_code == 409
    assert (await ada.api("PATCH", url, {"archived": False})).json()["archived"] is False
    assert "berlin" in [one["key"] for one in (await ada.api("GET", "/calendars")).json()["items"]]


async def test_what_is_no_working_time_is_refused_where_it_stands(company: Company, ada: Browser) -> None:
    for wrong, where in (
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"hours": {"mon": [["12:00", "09:00"]]}}, "hours.mon"),
        ({"hours": {"mon": [["9", "17"]]}}, "hours[...][0][0]"),
        ({"hours": {}}, "mon"),
        ({"holidays": ["Christmas"]}, "holidays[0]"),
        ({"key": "Not a key"}, "key"),
    ):
        refused = await ada.api("POST", "/calendars", {**BERLIN, **wrong})
        assert refused.status_code == 422, wrong
        assert list(refused.json()["errors"]) == [where], wrong
    assert (await ada.api("POST", "/calendars", BERLIN)).status_code == 201
    assert (await ada.api("POST", "/calendars", BERLIN)).json()["errors"] == {"key": "Another calendar has this key."}


async def test_a_matrix_gets_rows_for_people_and_roles(company: Company, ada: Browser, ruth: Browser) -> None:
    made = await ada.api("POST", "/approval-matrices", {"key": "cost-centres", "name": "Cost centres"})
    assert (made.status_code, made.json()["rows"]) == (201, [])
    url, finance = "/approval-matrices/cost-centres", company.cast.roles["Finance"].id
    row = await ada.api("POST", f"{url}/rows", {"value": "cc_4410", "user_id": ruth.id}, idempotency_key="row")
    assert (row.status_code, row.json()["user"]["name"], row.json()["role"]) == (201, ruth.user.name, None)
    again = await ada.api("POST", f"{url}/rows", {"value": "cc_4410", "user_id": ruth.id}, idempotency_key="row")
    assert again.content == row.content
    for wrong, where in (
        ({"user_id": ruth.id}, "value"),
        ({}, "user_id"),
        ({"user_id": ruth.id, "role_id": finance}, "user_id"),
        ({"role_id": 999_999}, "role_id"),
    ):
        refused = await ada.api("POST", f"{url}/rows", {"value": "cc_4410", **wrong})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [where]), wrong
    stale = made.headers["etag"]
    body = {"value": "cc_2200", "role_id": finance}
    assert (await ada.api("POST", f"{url}/rows", body, if_match=stale)).status_code == 412
    assert (await ada.api("POST", f"{url}/rows", body)).json()["role"]["id"] == finance
    found = await ada.api("GET", url)
    assert [(one["value"], one["gone"]) for one in found.json()["rows"]] == [("cc_2200", False), ("cc_4410", False)]
    assert (await ada.api("PATCH", url, {"name": "Who pays"}, if_match=found.headers["etag"])).status_code == 200
    assert (await ada.api("DELETE", f"{url}/rows/{row.json()['id']}")).status_code == 204
    assert (await ada.api("DELETE", f"{url}/rows/{row.json()['id']}")).status_code == 404
    [short] = (await ada.api("GET", "/approval-matrices")).json()["items"]
    assert short == {"key": "cost-centres", "name": "Who pays", "rows": 1, "archived": False}
    assert (await ruth.api("POST", f"{url}/rows", body)).status_code == 403
    assert (await ada.api("DELETE", url)).status_code == 204
    assert (await ada.api("PATCH", url, {"archived": False})).json()["archived"] is False
