"""Plain words take no parser: what they become is what the parser would make of them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.web import markdown

WORDS = st.text(alphabet="aZé1 .,;:!?'-*[]()@#\n_請購", max_size=40)


@given(text=WORDS | st.text(max_size=20))
@example(text="Delivery is confirmed for Thursday, the crane is booked.")
@example(text="a 1. b")
@example(text="www.example.com")
@example(text="請購 3 台")
@example(text="ｆｕｌｌ")
def test_it_is_the_same_as_through_the_parser(text: str) -> None:
    quick = markdown._rendered(text, (), ())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(markdown, "_WORDS", NOTHING)
        assert quick == markdown._rendered(text, (), ())


class _Nothing:
    def fullmatch(self, _text: str) -> None:
        return None


NOTHING = _Nothing()
