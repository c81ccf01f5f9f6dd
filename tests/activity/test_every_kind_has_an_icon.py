"""An event is told with a sentence and an icon that is there."""

import re

import app.background
import app.main  # noqa: F401  (importing the product declares every kind)
from app.activity.kinds import all_kinds
from app.config import resource


def test_every_kind_of_event_has_an_icon_of_the_sprite() -> None:
    there = set(re.findall(r'id="([^"]+)"', (resource("static") / "icons/sprite.svg").read_text()))
    assert {kind.code: kind.icon for kind in all_kinds() if kind.icon not in there} == {}
