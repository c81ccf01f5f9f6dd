"""What a person reads about an event: names in bold, words for codes, nothing that could run."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.kinds import EventKind
from app.activity.narrative import Names, collect_ids, quoted, tell
from app.activity.vocabulary import status_word, word
from app.catalogue.models import Label
from app.catalogue.names import names_for
from app.tickets import events
from tests.cast import Cast


@dataclass
class Named:
    name: str


NAMES = Names(
    people={1: Named("Hana Sato"), 2: Named("<script>alert(1)</script>"), 3: Named("Omar Haddad")},
    roles={5: "Finance"},
    labels={7: "urgent {actor}"},
    categories={9: "IT & more"},
)
WATCHED = EventKind("example_watched", "{actor} told {who} about {amount}", "eye", people=("who",), quote="reason")


def test_a_sentence_names_people_in_bold() -> None:
    assert tell(events.STATUS_CHANGE, {"old": "open", "new": "in_progress"}, NAMES, actor=1) == (
        "<b>Hana Sato</b> moved this from Open to In progress"
    )


def test_several_people_are_listed() -> None:
    told = tell(WATCHED, {"who": [1, 3], "amount": {"amount": "38400.00", "currency": "EUR"}}, NAMES, actor=1)
    assert told == "<b>Hana Sato</b> told <b>Hana Sato</b>, <b>Omar Haddad</b> about €38,400.00"


def test_a_name_cannot_bring_markup() -> None:
    told = tell(events.TITLE_CHANGE, {"old": "<img src=x>", "new": "{actor}"}, NAMES, actor=2)
    assert "<script" not in told
    assert "<img" not in told
    assert "“{actor}”" in told


def test_a_label_with_braces_is_only_a_label() -> None:
    assert tell(events.LABEL_ADD, {"label": 7}, NAMES, actor=1) == (
        "<b>Hana Sato</b> added the label <b>urgent {actor}</b>"
    )


def test_an_alternative_sentence_is_told_where_its_fact_is_set() -> None:
    assert tell(events.PERMISSION_GRANT, {"role": 5, "user": None}, NAMES, actor=1) == (
        "<b>Hana Sato</b> opened this to <b>Finance</b>"
    )
    assert tell(events.DUE_DATE_CHANGE, {"removed": True}, NAMES, actor=1).endswith("removed the due date")


def test_a_time_is_told_as_a_day() -> None:
    told = tell(events.DUE_DATE_CHANGE, {"new": "2026-12-18T16:00:00+00:00", "removed": False}, NAMES, actor=1)
    assert told.endswith("set the due date to Fri 18 Dec 2026")


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({}, "nothing about nothing"),
        ({"who": [], "amount": True}, "nothing about yes"),
        ({"who": 99}, "<b>Somebody</b> about nothing"),
    ],
)
def test_missing_facts_leave_a_sentence(facts: dict[str, Any], end: str) -> None:
    assert tell(WATCHED, facts, NAMES, actor=1).endswith(end)


def test_an_unknown_kind_is_told_by_its_code() -> None:
    assert tell("from_tomorrow", {"x": 1}, NAMES, actor=1) == "<b>Hana Sato</b>: from_tomorrow"
    assert quoted("from_tomorrow", {"reason": "x"}) == ""


def test_somebodys_words_are_kept_apart() -> None:
    assert quoted(WATCHED, {"reason": "too late"}) == "too late"
    assert quoted(WATCHED, {"reason": None}) == ""


def test_words_stand_for_codes() -> None:
    assert (word("waiting_approval"), word("urgent"), word("of_tomorrow")) == (
        "Waiting approval",
        "Urgent",
        "of_tomorrow",
    )
    assert status_word("draft", "returned") == "Sent back"
    assert status_word("draft", None) == "Draft"


def test_all_ids_of_a_page_are_collected_at_once() -> None:
    rows = [
        SimpleNamespace(event_type="label_add", event_details={"label": 7}, created_by=1),
        SimpleNamespace(event_type="assignee_change", event_details={"to": 3, "role": 5, "old": True}, created_by=2),
        SimpleNamespace(event_type="category_add", event_details={"category": 9}, created_by=1),
        SimpleNamespace(event_type=None, event_details=None, created_by=4),
        SimpleNamespace(event_type="from_tomorrow", event_details={"who": 12}, created_by=4),
    ]
    ids = collect_ids(rows)
    assert (ids.people, ids.roles, ids.labels, ids.categories) == ({1, 2, 3, 4}, {5}, {7}, {9})


async def test_names_are_looked_up_by_id(session: AsyncSession, cast: Cast) -> None:
    label = Label(name="Legal hold", created_by=1, updated_by=1)
    session.add(label)
    await session.flush()
    hana, finance = cast["hana"].id, cast.roles["Finance"].id
    row = SimpleNamespace(event_type="permission_grant", event_details={"role": finance}, created_by=hana)
    tagged = SimpleNamespace(event_type="label_add", event_details={"label": label.id}, created_by=hana)
    names = await names_for(session, collect_ids([row, tagged]))
    assert tell("permission_grant", row.event_details, names, actor=hana) == (
        "<b>Hana Sato</b> opened this to <b>Finance</b>"
    )
    assert tell("label_add", tagged.event_details, names, actor=hana).endswith("<b>Legal hold</b>")
