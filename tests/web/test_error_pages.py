"""What somebody sees who may not, or where nothing is (promises.md, L1, A1)."""

import pytest

from tests.cast import Browser


async def test_hidden_and_missing_are_the_same_page(otto: Browser) -> None:
    one, other = await otto.get("/nothing/here"), await otto.get("/me/tokens/999/revocation")
    assert one.status_code == other.status_code == 404
    assert one.text == other.text
    assert "ask them or an administrator for access" in one.text
    assert 'href="/"' in one.text


async def test_the_page_needs_no_sign_in_and_names_nobody(otto: Browser) -> None:
    signed_in = (await otto.get("/static/no-such-file.css")).text
    anonymous = await otto.client.get("/static/no-such-file.css")
    assert anonymous.status_code == 404
    assert anonymous.text == signed_in
    assert "Otto" not in signed_in


async def test_what_is_not_allowed_says_so(otto: Browser) -> None:
    answer = await otto.get("/admin/users")
    assert answer.status_code == 403
    assert "Only an administrator can do this." in answer.text


@pytest.mark.parametrize("path", ["/admin/users", "/admin/labels", "/admin/categories/1", "/me", "/me/tokens"])
async def test_without_sign_in_there_is_only_the_sign_in_page(path: str, otto: Browser) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        answer = await otto.client.request(method, path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
