"""Every route has an access class, the OpenAPI file has every call, and nobody answers strangers (promises.md, A1)."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.cli.routes import access_table
from app.web.guards import CLASSES
from app.web.openapi import document
from tests.cast import Browser, Company

OPEN = {"/sign-in", "/live", "/ready", "/favicon.ico", "/api/v1/auth/token", "/.well-known/jwks.json"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
SPELLINGS = ("{}", "{}/", "/{}", "{}?login", "{}/login", "{}%2F", "{}/../sign-in", "{};a=b")


def filled(path: str) -> str:
    parts = [
        part if not part.startswith("{") else {"{ticket_no}": "PUR-1001", "{key}": "a-key"}.get(part, "1")
        for part in path.split("/")
    ]
    return "/".join(parts)


def test_every_route_has_an_access_class() -> None:
    rows = access_table()
    assert {row["access"] for row in rows} <= set(CLASSES)
    assert all(
        (row["access"] in {"api", "api_admin"}) == row["path"].startswith("/api/v1/")
        for row in rows
        if row["access"] != "public"
    )


async def test_the_openapi_file_has_every_call_of_the_api_and_no_other(served: Litestar) -> None:
    told = {
        (method.upper(), f"/api/v1{path}")
        for path, calls in document(served.routes)["paths"].items()
        for method in calls
    }
    known = {(row["method"], row["path"]) for row in access_table() if row["path"].startswith("/api/v1/")}
    assert told == {(method, path) for method, path in known if method != "HEAD"}


def test_every_call_says_what_it_takes_gives_and_refuses(served: Litestar) -> None:
    whole = document(served.routes)
    names = [call["operationId"] for calls in whole["paths"].values() for call in calls.values()]
    assert len(names) == len(set(names))
    for path, calls in whole["paths"].items():
        for method, call in calls.items():
            status = next(iter(call["responses"]))
            assert status == "204" or "content" in call["responses"][status], (method, path)
            assert "422" in call["responses"], (method, path)
            if method == "patch":
                assert "requestBody" in call, path
    for name in _references(whole):
        section, key = name.removeprefix("#/components/").split("/")
        assert key in whole["components"][section], name


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in part.values()))
    return set().union(*(_references(value) for value in part)) if isinstance(part, list) else set()


async def test_without_sign_in_nothing_but_the_short_list_answers(client: httpx.AsyncClient) -> None:
    """Every route, in every method and in spellings that others have let through."""
    paths = sorted({row["path"] for row in access_table()} - OPEN)
    for path in paths:
        if path.startswith("/static"):
            continue
        for method in METHODS:
            spellings = SPELLINGS if method in {"GET", "POST"} else SPELLINGS[:1]
            for spelling in spellings:
                url = "http://test" + spelling.format(filled(path)).replace("/../", "/%2e%2e/")
                answer = await client.request(method, url)
                assert answer.status_code in {401, 303}, (method, url, answer.status_code)
                assert answer.status_code == 401 or answer.headers["location"].startswith("/sign-in")


async def test_administrators_calls_are_refused_to_everybody_else(company: Company, otto: Browser) -> None:
    for row in access_table():
        if row["access"] == "api_admin":
            answer = await otto.api(
                row["method"], filled(row["path"]).removeprefix("/api/v1"), {} if row["method"] != "GET" else None
            )
            assert answer.status_code in {403, 404}, row


async def test_a_method_that_a_path_has_not_says_which_it_has(company: Company, hana: Browser) -> None:
    answer = await hana.api("DELETE", "/me")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert (await hana.api("GET", "/no-such-thing")).status_code == 404


async def test_the_reader_shows_every_call_without_a_script(company: Company, hana: Browser) -> None:
    page = await hana.get("/api/docs")
    assert page.status_code == 200
    file = (await hana.get("/api/docs/openapi.json")).json()
    assert (await hana.api("GET", "/openapi.json")).json() == file
    for path, calls in file["paths"].items():
        assert path in page.text
        assert all(f'id="{call["operationId"]}"' in page.text for call in calls.values())
    assert "http://" not in page.text.replace("http://test", "").replace("http://www.w3.org", "")


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/tickets/PUR-1/notes", "/api/nothing"])
async def test_scripts_are_told_that_a_token_is_missing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
