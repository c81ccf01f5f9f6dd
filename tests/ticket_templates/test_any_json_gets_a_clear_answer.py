"""Whatever a script sends is read or refused with its place; nothing breaks."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Refused
from app.ticket_templates.checks import Facts, problems
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.showing import display
from app.ticket_templates.values import PREFIX, read
from app.web.forms import Submitted

NOON, BERLIN = datetime(2026, 11, 23, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")
TEXT = st.text(max_size=12) | st.sampled_from(
    ["2026-12-31", "1e9", "\x00", "\ud800", "a", "١٢", "-0", "(?=a)", "today", "EUR"]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANY_JSON = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
FIELD = st.fixed_dictionaries(
    {"key": st.sampled_from(["a", "b", "c"]), "type": st.sampled_from([str(kind) for kind in FieldType])},
    optional={name: ANY_JSON for name in FieldDefinition.__dataclass_fields__ if name not in {"key", "type"}},
)
WHOLE = st.fixed_dictionaries(
    {"key": st.just("x"), "name": st.just("X")},
    optional={"fields": st.lists(FIELD, max_size=3) | ANY_JSON, "usable_by": ANY_JSON, "prefix": ANY_JSON},
)
ONE_OF_EACH = FormDefinition.from_json(
    {
        "key": "x", "name": "X",
        "fields": [
            {"key": str(kind), "type": str(kind), "currencies": ["EUR"], "options": [{"key": "a"}, {"key": "b"}]}
            for kind in FieldType
            if kind not in {FieldType.TICKET, FieldType.TABLE, FieldType.HEADING}
        ],
    }
)  # fmt: skip
KEYS = [one.key for one in ONE_OF_EACH.fields]


@settings(max_examples=200, deadline=None)
@given(ANY_JSON | WHOLE)
def test_a_definition_is_read_or_refused(json: Any) -> None:
    try:
        form = FormDefinition.from_json(json)
    except Refused:
        return
    assert FormDefinition.from_json(form.to_json()) == form
    assert all(problem.sentence for problem in problems(form, Facts()))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS) | TEXT, ANY_JSON, max_size=4))
def test_answers_as_json_are_stored_or_refused(answers: dict[str, Any]) -> None:
    reading = read(ONE_OF_EACH, answers, now=NOON, zone=BERLIN)
    assert all(f"{PREFIX}{key[:80]}" in reading.errors for key in answers if key not in KEYS)
    assert read(ONE_OF_EACH, reading.values, now=NOON, zone=BERLIN).values == reading.values
    display(ONE_OF_EACH, reading.values)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), st.lists(TEXT, min_size=1, max_size=3), max_size=6))
def test_answers_as_typed_are_stored_or_refused(typed: dict[str, list[str]]) -> None:
    sent = Submitted({f"{PREFIX}{key}": texts for key, texts in typed.items()})
    reading = read(ONE_OF_EACH, sent, now=NOON, zone=BERLIN)
    assert read(ONE_OF_EACH, reading.values, now=NOON, zone=BERLIN).errors == {}


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=4))
def test_whatever_is_stored_can_be_shown(stored: dict[str, Any]) -> None:
    display(ONE_OF_EACH, stored, with_empty=True)
