"""A piece of a page is drawn again only when anything that it shows, or whoever reads it, is different."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM, acting_as
from app.clock import telling_of, utc_now
from app.web import drawn as drawing
from app.web.drawn import drawn
from tests.cast import Browser, Company
from tests.story import ask

Pen = Callable[[], str]


@pytest.fixture
def pen() -> Iterator[Pen]:
    """Draws another number each time."""
    numbers = iter(range(10_000))
    drawing._drawn.clear()
    with acting_as(SYSTEM), telling_of(utc_now().replace(second=10)):
        yield lambda: f"<b>{next(numbers)}</b>"
    drawing._drawn.clear()


def test_the_same_is_drawn_once(pen: Pen) -> None:
    assert drawn(("row", 1), pen) == drawn(("row", 1), pen)
    assert drawn(("row", 1), pen) != drawn(("row", 2), pen)


def test_each_language_and_time_zone_has_its_own(pen: Pen) -> None:
    here = drawn("row", pen)
    for reader in (replace(SYSTEM, locale="zh-Hant"), replace(SYSTEM, time_zone="Asia/Taipei")):
        with acting_as(reader):
            assert drawn("row", pen) != here


def test_the_next_minute_it_is_drawn_anew(pen: Pen) -> None:
    before = drawn("row", pen)
    with telling_of(utc_now() + timedelta(minutes=1)):
        assert drawn("row", pen) != before


def test_what_tells_nothing_as_of_now_lasts(pen: Pen) -> None:
    before = drawn("row", pen, lasts=True)
    assert drawn("row", pen) != before, "and is no other's"
    with telling_of(utc_now() + timedelta(days=1)):
        assert drawn("row", pen, lasts=True) == before


def test_no_more_is_kept_than_there_is_room_for(pen: Pen) -> None:
    oldest = drawn(0, pen)
    for number in range(1, drawing.MOST + 1):
        drawn(number, pen)
    assert len(drawing._drawn) == drawing.MOST
    assert drawn(0, pen) != oldest


def test_what_is_left_blank_is_filled_in_each_time_and_escaped(pen: Pen) -> None:
    def block(name: str) -> Markup:
        return Markup("{}, {}").format(name, Markup(pen()))

    assert drawn("greeting", block, name="Ada") == "Ada, <b>0</b>"
    assert drawn("greeting", block, name="<Max>") == "&lt;Max&gt;, <b>0</b>"


def test_a_blank_in_a_blank_is_filled_in_too_and_nobodys_text_is_one(pen: Pen) -> None:
    def outer(token: str, path: str) -> str:
        return drawn("inner", lambda inside: Markup("({})").format(inside), inside=token) + path

    assert drawn("outer", outer, token="1", path="/x") == "(1)/x"
    assert drawn("outer", outer, token="2", path="\0token\0") == "(2)\0token\0"


async def test_a_list_shows_at_once_what_has_changed(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, title="Twelve chairs")
    assert "Twelve chairs" in (await ada.get("/tickets")).text
    ticket.title = "Thirteen chairs"
    company.cast["hana"].name = "Hana Sato-Weber"
    await session.commit()
    shown = (await ada.get("/tickets")).text
    assert "Thirteen chairs" in shown
    assert "Twelve chairs" not in shown
    assert "Hana Sato-Weber" in shown
