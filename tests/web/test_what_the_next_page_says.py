"""What was done is said on the page that follows, and not again on the one after it."""

from tests.cast import Browser, Company

SENT = {"locale": "en", "time_zone": "Europe/Zurich", "theme": "", "density": "", "single_keys": "on"}
SAID = "Your settings were saved."


async def test_it_is_said_once(company: Company, hana: Browser) -> None:
    answer = await hana.post("/me/settings", **SENT)
    assert answer.status_code == 303
    kept = answer.headers["set-cookie"].partition(";")[0]
    page = await hana.client.get("/", headers={"cookie": f"countersign={hana.session_token}; {kept}"})
    assert SAID in page.text
    assert page.headers["set-cookie"].startswith("said=")
    assert "Max-Age=0" in page.headers["set-cookie"], "and with that it is gone"


async def test_a_page_that_has_nothing_to_say_sets_no_cookie(company: Company, hana: Browser) -> None:
    page = await hana.get("/")
    assert SAID not in page.text
    assert "set-cookie" not in page.headers
