"""Pages, dates, money and refusals are in the language of whoever reads them (product.md, section 11)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.actor import SYSTEM, acting_as
from app.clock import telling_of
from app.errors import NotFound
from app.web import formats
from app.web.i18n import gettext, preferred, series
from tests.cast import Browser, Company
from tests.story import ask

CHINESE = "zh_Hant"
READER = replace(SYSTEM, locale=CHINESE, time_zone="Asia/Taipei")
NOON = datetime(2026, 11, 20, 4, 5, 12, tzinfo=UTC)
PAGES = {
    "/": "我的工作", "/tickets": "工單", "/tickets/new": "新增申請", "/approvals": "簽核", "/notifications": "通知",
    "/me": "個人資料", "/views": "檢視",
}  # fmt: skip


async def learns_chinese(session: AsyncSession, who: Browser) -> Browser:
    person = await session.get_one(User, who.id)
    person.locale = CHINESE
    await session.commit()
    return who


@pytest.fixture
async def chinese(session: AsyncSession, company: Company, daniel: Browser) -> Browser:
    return await learns_chinese(session, daniel)


def is_chinese(page: str) -> bool:
    return '<html lang="zh-Hant"' in page


async def test_two_people_read_the_same_pages_each_in_their_language(
    session: AsyncSession, hana: Browser, chinese: Browser
) -> None:
    """One after the other, so that nothing that is kept for one is shown to the other."""
    ticket = await ask(session, hana)
    for path in (*PAGES, f"/tickets/{ticket.ticket_no}"):
        for _round in range(2):
            one, other = await chinese.get(path), await hana.get(path)
            assert (one.status_code, other.status_code) == (200, 200), path
            assert is_chinese(one.text), path
            assert '<html lang="en"' in other.text, path
            assert PAGES.get(path, "待簽核") in one.text, path
            assert PAGES.get(path, "待簽核") not in other.text, path


async def test_a_ticket_is_told_in_the_language_of_whoever_reads_it(
    session: AsyncSession, hana: Browser, chinese: Browser
) -> None:
    ticket = await ask(session, hana)
    page = (await chinese.get(f"/tickets/{ticket.ticket_no}")).text
    assert "送出了此申請" in page or "已送出" in page
    assert "€38,400.00" in page
    assert "submitted this request" in (await hana.get(f"/tickets/{ticket.ticket_no}")).text


async def test_a_refusal_is_told_in_the_language_of_whoever_is_refused(chinese: Browser, otto: Browser) -> None:
    refused = await chinese.api("GET", "/tickets/PUR-9999")
    assert refused.status_code == 404
    with acting_as(READER):
        assert refused.json()["detail"] == gettext(NotFound().sentence)
    assert (await otto.api("GET", "/tickets/PUR-9999")).json()["detail"] == NotFound().sentence
    page = await chinese.get("/nowhere")
    assert page.status_code == 404
    assert is_chinese(page.text)
    assert refused.json()["detail"] in page.text
    wrong = await chinese.api("POST", "/tickets", {"template": "purchase-request", "title": ""})
    assert wrong.status_code == 422
    assert "請" in str(wrong.json())


async def test_one_chooses_ones_language_on_ones_own_page(hana: Browser) -> None:
    assert "繁體中文" in (await hana.get("/me")).text
    chosen = {"time_zone": "Asia/Taipei", "theme": "", "density": ""}
    assert (await hana.post("/me/settings", locale=CHINESE, **chosen)).status_code == 303
    assert is_chinese((await hana.get("/me")).text)
    await hana.post("/me/settings", locale="en", **chosen)
    assert '<html lang="en"' in (await hana.get("/me")).text


async def test_a_script_sets_a_language_that_there_is(hana: Browser, ada: Browser) -> None:
    assert (await ada.api("PATCH", f"/users/{hana.id}", {"locale": CHINESE})).status_code == 200
    assert (await hana.api("GET", "/me")).json()["locale"] == CHINESE
    refused = await ada.api("PATCH", f"/users/{hana.id}", {"locale": "zh_Hans"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == {"locale": "Choose one of the options."}


async def test_who_is_not_signed_in_reads_what_their_browser_asks_for(client: httpx.AsyncClient, hana: Browser) -> None:
    page = await client.get("/sign-in", headers={"accept-language": "zh-TW,zh;q=0.9,en;q=0.8"})
    assert is_chinese(page.text)
    assert "登入" in page.text
    assert "Accept-Language" in page.headers["vary"]
    assert '<html lang="en"' in (await client.get("/sign-in")).text
    hana.headers = {"accept-language": "zh-TW"}
    assert '<html lang="en"' in (await hana.get("/")).text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("*", "en"), ("zh-TW", CHINESE), ("zh-Hant-HK", CHINESE), ("zh", CHINESE), ("zh-CN", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE), ("en-GB,zh-TW;q=0.9", "en"), ("de, zh-TW;q=0.5, en;q=0.9", "en"),
        ("zh-TW;q=0, en;q=0.1", "en"), ("fr-FR", "en"), (";;q=,\N{GRINNING FACE}, zh-TW", CHINESE), ("x" * 4_000, "en"),
    ],
)  # fmt: skip
def test_a_browser_s_wish_is_met_as_far_as_there_is_a_language_for_it(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.fixture
def now() -> Iterator[datetime]:
    with telling_of(NOON):
        yield NOON


MOMENTS = {
    "en": ["Fri 20 Nov 2026", "20 Nov", "Fri 20 Nov 2026, 12:05", "Today", "Mon", "in 2d 3h", "45m ago", "just now"],
    CHINESE: [
        "2026年11月20日 週五", "11月20日", "2026年11月20日 週五 12:05", "今天", "週一",
        "2 天 3 小時後", "45 分鐘前", "剛剛",
    ],
}  # fmt: skip


@pytest.mark.parametrize("locale", MOMENTS)
def test_dates_and_times_are_written_as_the_language_does(now: datetime, locale: str) -> None:
    with acting_as(replace(READER, locale=locale)):
        assert MOMENTS[locale] == [
            formats.day(now), formats.short_day(now), formats.day_and_time(now), formats.heading_day(now),
            formats.due(now + timedelta(days=3)), formats.relative(now + timedelta(days=2, hours=3, minutes=1)),
            formats.relative(now - timedelta(minutes=45, seconds=1)), formats.relative(now),
        ]  # fmt: skip
        assert formats.day(date(2026, 11, 20)) == MOMENTS[locale][0]


NUMBERS = {
    "en": ["€38,400.00", "€38,400", "1,234.5", "1,200", "A, B", "Fri 20 Nov 2026, 12:05:12 CST"],
    CHINESE: ["€38,400.00", "€38,400", "1,234.5", "1,200", "A、B", "2026年11月20日 週五 12:05:12 CST"],
}


@pytest.mark.parametrize("locale", NUMBERS)
def test_numbers_money_and_lists_are_written_as_the_language_does(locale: str) -> None:
    with acting_as(replace(READER, locale=locale)):
        money = {"amount": "38400", "currency": "EUR"}
        assert NUMBERS[locale] == [
            formats.money(money), formats.short_money(money), formats.number(Decimal("1234.5")), formats.whole(1200),
            series(["A", "B"]), formats.exact(NOON),
        ]  # fmt: skip
