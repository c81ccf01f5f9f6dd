"""One definition draws the questions of a form and the answers on the ticket."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.config import resource
from app.ticket_templates.asking import People, Question, labels, questions
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.gallery import Gallery, Shelf
from app.ticket_templates.repository import OfferedTemplate
from app.ticket_templates.showing import Names, display
from app.ticket_templates.values import read
from app.web.forms import Submitted
from app.web.templates import environment

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
OPTIONS = [{"key": "goods", "label": "Goods"}, {"key": "old", "label": "Old things", "archived": True}]
GOODS = {"v": 1, "field": "what", "op": "eq", "value": "goods"}
FORM = FormDefinition.from_json(
    {
        "key": "purchase-request", "name": "Purchase", "prefix": "PUR",
        "fields": [
            {"key": "about", "label": "About it", "type": "heading", "help": "Say what you need"},
            {"key": "what", "label": "What", "type": "choice", "required": True, "options": OPTIONS},
            {"key": "amount", "label": "Amount", "type": "money", "currencies": ["EUR", "USD"], "visible_when": GOODS},
            {"key": "reason", "label": "Reason <why>", "type": "long_text"},
            {"key": "start", "label": "Start", "type": "datetime"},
            {"key": "needed", "label": "Needed by", "type": "date"},
            {"key": "data", "label": "Personal data", "type": "boolean", "required": True},
            {"key": "kinds", "label": "Kinds", "type": "choices", "options": OPTIONS},
            {"key": "boss", "label": "Boss", "type": "user"},
            {"key": "team", "label": "Team", "type": "role", "readable_by": [7]},
            {"key": "count", "label": "Count", "type": "number"},
        ],
    }
)  # fmt: skip
ANSWERS = {
    "what": "goods", "amount": {"amount": "38400.00", "currency": "USD"}, "reason": "Worn <out>",
    "start": "2026-12-18T16:00:00Z", "needed": "2026-12-18", "data": False, "kinds": ["goods", "old"],
    "boss": 5, "team": 7, "count": "1250.5",
}  # fmt: skip


@dataclass
class Person:
    name: str
    initials: str = "DO"
    hue: int = 1


def asked(**how: Any) -> dict[str, Question]:
    people = People(users=[(5, "Daniel Okafor")], roles=[(7, "Finance")])
    listed = questions(FORM, how.pop("values", ANSWERS), now=NOON, zone=BERLIN, people=people, **how)
    return {question.key: question for question in listed}


def rendered(template: str, **context: Any) -> str:
    return environment(resource("templates"), resource("static")).get_template(template).render(**context)


def test_every_stored_answer_stands_in_its_control_as_it_would_be_typed() -> None:
    values = {key: (question.control, question.value) for key, question in asked().items()}
    assert values == {
        "about": ("heading", ""), "what": ("select", "goods"), "amount": ("money", "38400.00"),
        "reason": ("textarea", "Worn <out>"), "start": ("datetime", "2026-12-18T17:00"),
        "needed": ("date", "2026-12-18"), "data": ("radio", "false"), "kinds": ("choices", ["goods", "old"]),
        "boss": ("person", "5"), "team": ("select", "7"), "count": ("number", "1250.5"),
    }  # fmt: skip


def test_a_form_that_was_drawn_and_sent_back_gives_the_same_answers() -> None:
    sent: dict[str, list[str]] = {"drawn": []}
    for question in asked().values():
        if question.drawn:
            sent["drawn"].append(question.key)
            sent[question.name] = question.value if isinstance(question.value, list) else [question.value]
            sent[f"{question.name}_currency"] = [question.currency]
    reading = read(FORM, Submitted(sent), now=NOON, zone=BERLIN, before=ANSWERS)
    assert (reading.values, reading.errors) == (ANSWERS, {})


def test_what_is_hidden_is_not_asked_and_what_decides_it_asks_again() -> None:
    shown = asked(values={"what": "old"})
    assert "amount" not in shown
    assert [key for key, question in shown.items() if question.asks_again] == ["what"]


def test_after_a_refusal_what_was_typed_stands_there_with_its_error() -> None:
    typed = Submitted(
        {"fields.what": ["goods"], "fields.amount": ["a lot"], "fields.amount_currency": ["USD"], "drawn": ["amount"]}
    )
    reading = read(FORM, typed, now=NOON, zone=BERLIN)
    shown = asked(values={}, typed=typed, errors=reading.errors, visible=reading.visible)
    assert (shown["amount"].value, shown["amount"].currency) == ("a lot", "USD")
    assert shown["amount"].error.startswith("A number like")
    assert labels(FORM)["fields.amount"] == "Amount"


def test_an_archived_option_is_offered_only_where_it_was_chosen() -> None:
    assert [option.value for option in asked()["kinds"].options] == ["goods", "old"]
    assert [option.value for option in asked()["what"].options] == ["goods"]


def test_who_may_not_read_a_field_is_not_asked_it_and_does_not_see_it() -> None:
    allowed = {"what", "amount"}
    assert set(asked(only=allowed)) == {"about", "what", "amount"}
    assert {row.key for row in display(FORM, ANSWERS, only=allowed)} == allowed


def test_answers_are_shown_in_words() -> None:
    names = Names(people={5: Person("Daniel Okafor")}, roles={7: "Finance"})
    assert {row.key: row.text for row in display(FORM, ANSWERS, names)} == {
        "what": "Goods", "amount": "$38,400.00", "reason": "Worn <out>", "start": "Fri 18 Dec 2026, 16:00",
        "needed": "Fri 18 Dec 2026", "data": "No", "kinds": "Goods, Old things", "boss": "Daniel Okafor",
        "team": "Finance", "count": "1,250.5",
    }  # fmt: skip


@pytest.mark.parametrize("broken", [{"amount": "much"}, {"needed": "soon"}, {"boss": 99}, {"count": []}, {"kinds": 3}])
def test_a_value_that_does_not_fit_any_more_is_shown_and_breaks_nothing(broken: dict[str, Any]) -> None:
    assert len(display(FORM, broken)) == 1


def test_the_page_draws_every_question_with_label_control_and_error() -> None:
    html = rendered(
        "ticket_templates/_fields.html", ask_url="/tickets/new/purchase-request/questions",
        questions=list(asked(errors={"fields.amount": "Too much."}).values()),
    )  # fmt: skip
    for question in asked().values():
        assert question.control == "heading" or f'name="{question.name}"' in html
    assert 'name="fields.amount_currency"' in html
    assert "Too much." in html
    assert "Reason &lt;why&gt;" in html
    assert html.count('hx-post="/tickets/new/purchase-request/questions"') == 1


def test_the_ticket_page_lists_the_answers() -> None:
    html = rendered(
        "ticket_templates/_values.html", rows=display(FORM, ANSWERS, Names(people={5: Person("Daniel Okafor")}))
    )
    assert "<dt>Amount</dt><dd>$38,400.00</dd>" in html
    assert "Daniel Okafor" in html
    assert "Worn &lt;out&gt;" in html


def test_the_gallery_is_drawn_by_category_and_says_when_nothing_matches() -> None:
    travel = OfferedTemplate(1, "travel", "Travel", "Trips", "plane", "TRV", (3,), None)
    full = Gallery((travel,), (Shelf(3, "People", "users", (travel,)),))
    html = rendered("ticket_templates/_gallery.html", gallery=full, words="", url="/tickets/new")
    assert html.count('href="/tickets/new/travel"') == 2
    assert "You use these most" in html
    empty = Gallery((), ())
    assert "No form matches “yacht”" in rendered(
        "ticket_templates/_gallery.html", gallery=empty, words="yacht", url="/"
    )
    assert "There is no form yet" in rendered("ticket_templates/_gallery.html", gallery=empty, words="", url="/")
