"""What a person types and what a script sends become the same stored values, with every error at once."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.values import Reading, default_values, read, readable, references, watched
from app.web.forms import Submitted

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
GOODS = {"v": 1, "all": [{"field": "what", "op": "eq", "value": "goods"}]}
OVER_1000 = {"v": 1, "all": [{"field": "amount", "op": "gt", "value": {"amount": "1000.00", "currency": "EUR"}}]}


def form_of(*fields: dict[str, Any]) -> FormDefinition:
    return FormDefinition.from_json(
        {"key": "purchase-request", "name": "Purchase", "prefix": "PUR", "fields": list(fields)}
    )


def field(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "label": key.capitalize(), "type": kind, **more}


WHAT = field(
    "what", "choice", required=True, options=[{"key": "goods", "label": "Goods"}, {"key": "soft", "label": "Software"}]
)
AMOUNT = field("amount", "money", required=True, currencies=["EUR", "JPY"], min="1")
REASON = field("reason", "long_text", visible_when=GOODS, required_when=OVER_1000)
PURCHASE = form_of(WHAT, AMOUNT, REASON)


def money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def typed(form: FormDefinition, answers: dict[str, str | list[str]], **how: Any) -> Reading:
    listed = {f"fields.{name}": value if isinstance(value, list) else [value] for name, value in answers.items()}
    drawn = {"drawn": how.pop("drawn")} if "drawn" in how else {}
    return read(form, Submitted(listed | drawn), now=NOON, zone=BERLIN, **how)


def sent(form: FormDefinition, answers: dict[str, Any], **how: Any) -> Reading:
    return read(form, answers, now=NOON, zone=BERLIN, **how)


@pytest.mark.parametrize(
    ("kind", "more", "text", "json_value", "stored"),
    [
        ("text", {}, "  two   words ", "two words", "two words"),
        ("long_text", {}, "one\r\ntwo", "one\ntwo", "one\ntwo"),
        ("number", {}, "1,250.50", "1250.5", "1250.5"),
        ("number", {}, "-0.0", "0", "0"),
        ("money", {"currencies": ["EUR"]}, "38,400", money("38400", "EUR"), money("38400.00", "EUR")),
        ("money", {"currencies": ["JPY"]}, "500", money("500", "JPY"), money("500", "JPY")),
        ("date", {}, "2026-12-18", "2026-12-18", "2026-12-18"),
        ("datetime", {}, "2026-12-18T17:00", "2026-12-18T17:00:00+01:00", "2026-12-18T16:00:00Z"),
        ("boolean", {}, "true", True, True),
        ("choice", {"options": [{"key": "a", "label": "A"}]}, "a", "a", "a"),
        ("user", {}, "12", 12, 12),
        ("role", {}, "3", 3, 3),
    ],
)  # fmt: skip
def test_a_person_and_a_script_say_the_same(
    kind: str, more: dict[str, Any], text: str, json_value: Any, stored: Any
) -> None:
    form = form_of(field("answer", kind, **more))
    assert typed(form, {"answer": text}).values == {"answer": stored}
    assert sent(form, {"answer": json_value}).values == {"answer": stored}


def test_several_choices_are_stored_in_the_forms_order() -> None:
    form = form_of(field("kinds", "choices", options=[{"key": key, "label": key} for key in "abc"]))
    assert typed(form, {"kinds": ["c", "a", "c"]}).values == {"kinds": ["a", "c"]}
    assert sent(form, {"kinds": ["c", "a"]}).values == {"kinds": ["a", "c"]}


@pytest.mark.parametrize(
    ("kind", "more", "text"),
    [
        ("number", {}, "twelve"),
        ("number", {}, "１２"),
        ("number", {}, "1e400"),
        ("money", {"currencies": ["EUR"]}, "1.005"),
        ("money", {"currencies": ["EUR"]}, "12.500"),
        ("money", {"currencies": ["JPY"]}, "12.500"),
        ("date", {}, "31.12.2026"),
        ("date", {}, "0001-01-01"),
        ("datetime", {}, "yesterday"),
        ("choice", {"options": [{"key": "a", "label": "A"}]}, "b"),
        ("user", {}, "99999999999999999999"),
        ("user", {}, "-1"),
        ("text", {}, "a\x00b"),
        ("text", {}, "a\u202eb"),
        ("text", {"pattern": "[A-Z]{2}-[0-9]+"}, "CC-44x"),
        ("text", {"min": 3}, "ab"),
        ("text", {"max": 3}, "abcd"),
        ("number", {"min": "10", "max": "20"}, "9.99"),
        ("date", {"min": "today"}, "2026-11-22"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(kind: str, more: dict[str, Any], text: str) -> None:
    reading = typed(form_of(field("answer", kind, **more)), {"answer": text})
    assert list(reading.errors) == ["fields.answer"]
    assert reading.values == {}


@pytest.mark.parametrize(
    ("kind", "more", "value"),
    [
        ("text", {}, 12),
        ("text", {}, ["a"]),
        ("number", {}, True),
        ("number", {}, float("nan")),
        ("number", {}, {}),
        ("money", {"currencies": ["EUR"]}, {"amount": "1", "currency": "USD"}),
        ("money", {"currencies": ["EUR"]}, {"amount": "1", "currency": ["EUR"]}),
        ("money", {"currencies": ["EUR"]}, "1"),
        ("datetime", {}, "2026-12-18T17:00:00"),
        ("boolean", {}, "true"),
        ("choices", {"options": [{"key": "a", "label": "A"}]}, [["a"]]),
        ("user", {}, True),
        ("user", {}, 10**30),
        ("role", {}, "3"),
    ],
)
def test_json_of_the_wrong_shape_is_refused(kind: str, more: dict[str, Any], value: Any) -> None:
    assert list(sent(form_of(field("answer", kind, **more)), {"answer": value}).errors) == ["fields.answer"]


def test_all_errors_come_at_once() -> None:
    reading = typed(PURCHASE, {"what": "", "amount": "much"})
    assert set(reading.errors) == {"fields.what", "fields.amount"}


def test_a_field_the_form_does_not_have_is_refused() -> None:
    assert sent(
        PURCHASE, {"what": "soft", "amount": {"amount": "5", "currency": "EUR"}, "iban": "DE"}
    ).errors.keys() == {"fields.iban"}


def test_a_hidden_field_is_neither_required_nor_stored() -> None:
    reading = typed(PURCHASE, {"what": "soft", "amount": "38,400.00", "reason": "typed before"})
    assert reading.errors == {}
    assert "reason" not in reading.values
    assert reading.visible == {"what", "amount"}


def test_a_field_is_required_when_its_condition_holds() -> None:
    assert typed(PURCHASE, {"what": "goods", "amount": "38,400.00"}).errors == {"fields.reason": "Fill this in."}
    assert typed(PURCHASE, {"what": "goods", "amount": "999.99"}).errors == {}


def test_what_depends_on_a_hidden_field_is_hidden_too() -> None:
    third = field("third", "text", visible_when={"v": 1, "all": [{"field": "reason", "op": "eq", "value": "x"}]})
    reading = typed(form_of(WHAT, AMOUNT, REASON, third), {"what": "soft", "amount": "5", "reason": "x", "third": "y"})
    assert set(reading.values) == {"what", "amount"}


def test_a_question_that_was_not_on_the_page_is_asked_before_it_is_passed_over() -> None:
    answers: dict[str, str | list[str]] = {"what": "goods", "amount": "5"}
    assert "new here" in typed(PURCHASE, answers, drawn=["what", "amount"]).errors["fields.reason"]
    assert typed(PURCHASE, answers, drawn=["what", "amount", "reason"]).errors == {}


def test_nothing_typed_is_lost_while_the_answer_it_depends_on_is_wrong() -> None:
    reading = typed(
        PURCHASE, {"what": "nonsense", "amount": "5", "reason": "because"}, drawn=["what", "amount", "reason"]
    )
    assert "reason" in reading.visible


def test_a_draft_may_miss_answers_but_not_hold_wrong_ones() -> None:
    assert typed(PURCHASE, {}, lenient=True).errors == {}
    assert typed(PURCHASE, {"amount": "much"}, lenient=True).errors.keys() == {"fields.amount"}


def test_a_yes_or_no_that_must_be_answered_is_not_answered_by_silence() -> None:
    asked, box = form_of(field("data", "boolean", required=True)), form_of(field("data", "boolean"))
    assert typed(asked, {}).errors == {"fields.data": "Choose yes or no."}
    assert typed(asked, {"data": "false"}).values == {"data": False}
    assert typed(box, {}).values == {"data": False}


def test_an_absent_key_keeps_what_was_there_and_null_clears_it() -> None:
    form, before = form_of(field("a", "text"), field("b", "text")), {"a": "one", "b": "two"}
    assert sent(form, {"b": None}, before=before).values == {"a": "one"}


def test_a_field_that_is_not_mine_to_change_keeps_its_value() -> None:
    form = form_of(field("a", "text"), field("salary", "text", required=True, readable_by=[7]))
    reading = typed(form, {"a": "new", "salary": "1"}, before={"a": "old", "salary": "secret"}, only={"a"})
    assert reading.values == {"a": "new", "salary": "secret"}
    assert sent(form, {"salary": "1"}, before={"salary": "secret"}, only={"a"}).errors.keys() == {"fields.salary"}


def test_an_archived_option_stays_where_it_was_and_is_not_picked_anew() -> None:
    form = form_of(
        field("kind", "choice", options=[{"key": "a", "label": "A"}, {"key": "old", "label": "Old", "archived": True}])
    )
    assert typed(form, {"kind": "old"}).errors.keys() == {"fields.kind"}
    assert typed(form, {"kind": "old"}, before={"kind": "old"}).errors == {}


def test_every_answer_is_watched_unless_it_is_free_and_nothing_reads_it() -> None:
    form = form_of(
        field("amount", "money", currencies=["EUR"]),
        field("note", "text", approval_relevant=False),
        field("code", "text", approval_relevant=False),
        field("account", "text", locked=True),
        field("about", "heading"),
    )
    assert watched(form, read_by_flow={"code"}) == {"amount", "code", "account"}


def test_a_field_with_readers_is_read_by_them_and_by_whoever_answered_it() -> None:
    form = form_of(field("a", "text"), field("salary", "number", readable_by=[7]))
    assert readable(form, role_ids={3}) == {"a"}
    assert readable(form, role_ids={3, 7}) == {"a", "salary"}
    assert readable(form, role_ids=(), own=True) == {"a", "salary"}


def test_defaults_and_references_are_told() -> None:
    form = form_of(field("boss", "user", default=4), field("team", "role"), field("n", "number", default="3"))
    assert default_values(form) == {"boss": 4, "n": "3"}
    assert references(form, {"boss": 4, "team": 9}) == ({4}, {9})
