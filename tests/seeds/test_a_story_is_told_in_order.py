"""The demo's tickets: whatever day it is today, nothing is decided before it was asked."""

from datetime import timedelta

from app.clock import utc_now
from app.seeds.stories import stories
from app.seeds.teller import after, moment_of


def test_no_act_is_told_before_the_one_that_led_to_it() -> None:
    for story in stories():
        last = None
        for act in story.acts:
            moment = after(last, moment_of(act.days, act.clock))
            assert last is None or last <= moment <= utc_now(), (story.title, act)
            last = moment


def test_an_act_of_the_weekend_comes_after_that_of_the_friday() -> None:
    friday = utc_now() - timedelta(days=3)
    assert after(friday, friday - timedelta(minutes=30)) > friday
    assert after(None, friday) == friday
    assert after(friday, friday + timedelta(days=1)) == friday + timedelta(days=1)
