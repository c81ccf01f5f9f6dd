"""Without sign-in nothing but a short list answers, whatever the spelling or method."""

import httpx
import pytest

from tests.cast import Browser


@pytest.mark.parametrize(
    "path", ["/", "/tickets", "/nothing/here", "/sign-in/", "/SIGN-IN", "/tickets/static/x", "/admin/users"]
)
async def test_a_stranger_is_sent_to_sign_in_from_every_page_there_is_or_is_not(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_no_method_gets_a_stranger_further(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/me/display")).status_code == 303


async def test_a_script_without_a_token_gets_401_for_every_api_path(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/me", "/api/v1/nothing", "/api"):
        answer = await client.get(path)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_without_the_sessions_token_is_refused(hana: Browser) -> None:
    assert (await hana.post("/me/display", csrf=False, theme="dark")).status_code == 403
    assert (await hana.post("/me/display", theme="dark")).status_code == 303
    assert (await hana.actor()).theme == "dark"
