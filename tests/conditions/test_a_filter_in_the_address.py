"""The same tree, short enough for a page's address, readable and editable by hand."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.conditions import All, Condition, from_url, to_url
from tests.conditions.company import FIELDS, checked, leaf, money
from tests.conditions.test_answering_a_condition import conditions


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("dept:in:it,hr", leaf("dept", "in", ["it", "hr"])),
        ("amount:ge:5000.00EUR", leaf("amount", "ge", money("5000.00"))),
        ("title:contains:'pay, now; it''s'", leaf("title", "contains", "pay, now; it's")),
        ("urgent:eq:yes", leaf("urgent", "eq", True)),
        ("owner:eq:@me", leaf("owner", "eq", {"ref": "me"})),
        ("owner:in:3,@requester", leaf("owner", "in", [3, {"ref": "requester"}])),
        ("teams:has_any:@my_roles", leaf("teams", "has_any", {"ref": "my_roles"})),
        ("due:lt:today-30d", leaf("due", "lt", {"rel": "today", "days": -30})),
        ("delivery:ge:now 4h", leaf("delivery", "ge", {"rel": "now", "hours": 4})),
        ("start:le:~due", {"field": "start", "op": "le", "other": "due"}),
        ("not(dept:empty)", {"not": leaf("dept", "empty")}),
        ("any(dept:eq:it;labels:has:4)", {"any": [leaf("dept", "eq", "it"), leaf("labels", "has", 4)]}),
        ("some(lines;pieces:gt:5)", {"some": {"field": "lines", "where": leaf("pieces", "gt", 5)}}),
    ],
)
def test_a_chip_reads_as_a_person_would_write_it(text: str, tree: Any) -> None:
    found = from_url([text], FIELDS)
    assert not found.problems
    assert found.condition == All((checked(tree),))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amout:ge:5EUR", "unknown field 'amout'; did you mean 'amount'?"),
        ("dept:gt:it", "operator 'gt' does not apply to a choice field"),
        ("amount:ge:5000", "'5000' is not an amount with its currency"),
        ("owner:eq:hana", "'hana' is not an id"),
        ("title:contains:pay,now", "'contains' takes one value; put a text with a comma in '…'"),
        ("title:contains:'pay", "can't be read from ''pay' on"),
        ("dept:in:", "something is missing"),
        ("dept", "can't be read from 'dept' on"),
        ("", "something is missing"),
        ("not(" * 500, "a condition is at most 8 levels deep"),
        ("dept:eq:" + "x" * 9000, "the filter is too long"),
    ],
)
def test_what_can_not_be_read_is_a_red_chip_and_ignored(text: str, told: str) -> None:
    found = from_url(["urgent:eq:yes", text], FIELDS)
    assert [problem.message for problem in found.problems] == [told]
    assert [chip.condition is None for chip in found.chips] == [False, True]
    assert found.condition == All((checked(leaf("urgent", "eq", True)),))


@given(condition=conditions)
@settings(deadline=None)
def test_what_is_written_into_the_address_is_read_back(condition: Condition) -> None:
    written = to_url(condition)
    expected = condition if isinstance(condition, All) else All((condition,))
    found = from_url(written, FIELDS)
    if sum(map(len, written)) <= 8000:
        assert not found.problems
        assert found.condition == expected


@given(texts=st.lists(st.text(alphabet="any(ot);:',~@dept amount lines 5EUR-+\0\n") | st.text(), max_size=60))
@settings(deadline=None)
def test_no_address_is_an_error(texts: list[str]) -> None:
    found = from_url(texts, FIELDS)
    assert all((chip.condition is None) == bool(chip.problems) for chip in found.chips)
    assert all(problem.message for problem in found.problems)
