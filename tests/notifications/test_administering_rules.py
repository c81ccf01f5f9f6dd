"""Rules are added, changed, switched and archived by administrators, each on the record."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import AuditEntry
from app.notifications.models import NotificationRule
from app.notifications.ready_rules import READY_RULES, add_ready_rules
from app.notifications.rule_repository import find_rule
from app.notifications.service import Rules
from app.ticket_templates.models import TicketTemplate
from tests.cast import Browser, Cast, Company
from tests.clicking import clicked

URL = "/admin/notification-rules"
NEW = {
    "name": "Large purchase heads-up", "events": ["approval_step_started", "comment"], "recipients": ["approvers"],
    "enabled": "true",
}  # fmt: skip
OVER = {"v": 1, "all": [{"field": "amount", "op": "ge", "value": {"amount": "25000.00", "currency": "EUR"}}]}


async def rule_named(session: AsyncSession, name: str) -> NotificationRule:
    return (await session.execute(select(NotificationRule).filter_by(name=name))).scalar_one()


async def record(session: AsyncSession, rule: NotificationRule) -> list[str]:
    query = select(AuditEntry.event_type).filter_by(subject_type="notification_rules", subject_id=rule.id)
    return list((await session.execute(query.order_by(AuditEntry.seq))).scalars())


async def test_the_five_ready_rules_are_listed_as_sentences(
    session: AsyncSession, ada: Browser, rules: dict[str, NotificationRule]
) -> None:
    assert set(rules) == set(READY_RULES)
    page = (await ada.get(URL)).text
    assert (
        "When somebody comments on any ticket, tell the requester, the assignee and those who have to decide." in page
    )
    assert "Approval requested" in page
    assert await add_ready_rules(Rules(session, await ada.actor())) == []


async def test_a_rule_is_added_and_reads_as_a_sentence(
    session: AsyncSession, ada: Browser, company: Company, cast: Cast
) -> None:
    purchase = (await session.execute(select(TicketTemplate).filter_by(key="purchase-request"))).scalar_one()
    typed: dict[str, Any] = {**NEW, "user_ids": str(cast["ingrid"].id), "role_ids": str(cast.roles["Legal"].id)}
    typed |= {"template_ids": str(purchase.id), **clicked("condition", OVER)}
    answer = await ada.submit(URL, typed)
    assert (answer.status_code, answer.headers["location"]) == (303, URL)
    rule = await rule_named(session, "Large purchase heads-up")
    assert rule.key == "large-purchase-heads-up"
    page = (await ada.get(URL)).text
    assert (
        "When an approval step starts or somebody comments on Purchase request and Amount is at least €25,000.00,"
        " tell those who have to decide, Ingrid Solberg and Legal."
    ) in page
    assert await record(session, rule) == ["rule_added"]
    shown = (await ada.get(f"{URL}/{rule.id}")).text
    assert "Ingrid Solberg" in shown


async def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(ada: Browser) -> None:
    nothing = clicked("condition", {"v": 1, "all": [{"field": "", "op": "empty"}]})
    answer = await ada.submit(URL, {"name": "", "enabled": "true", **nothing})
    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert 'href="#f-condition.1.field"' in answer.text
    empty = await ada.submit(URL, {"name": "Nothing chosen"})
    assert "Choose at least one event." in empty.text
    assert "Say who is told" in empty.text
    assert 'value="Nothing chosen"' in empty.text


@pytest.mark.parametrize(
    "condition",
    [
        {"v": 1, "all": [{"field": "amout", "op": "ge", "value": "1"}]},
        {"v": 1, "all": [{"field": "assignee", "op": "eq", "value": {"ref": "me"}}]},
        {"a": "\0"},
    ],
)
async def test_a_condition_that_says_nothing_is_refused(ada: Browser, condition: Any) -> None:
    answer = await ada.submit(URL, {**NEW, **clicked("condition", condition)})
    assert answer.status_code == 422


async def test_unknown_events_people_and_forms_are_refused(ada: Browser, cast: Cast) -> None:
    for wrong in (
        {"events": "restricted_viewed"},
        {"recipients": "everybody"},
        {"user_ids": "987654321"},
        {"user_ids": "1"},
        {"role_ids": "99999999999999999999"},
        {"template_ids": "987654321"},
    ):
        assert (await ada.submit(URL, {**NEW, **wrong})).status_code == 422


async def test_a_rule_is_changed_and_its_event_tells_the_whole(
    session: AsyncSession, ada: Browser, rules: dict[str, NotificationRule], cast: Cast
) -> None:
    rule = rules["comments"]
    typed = {"name": "Talk", "events": "comment", "recipients": "creator", "user_ids": str(cast["nora"].id)}
    assert (await ada.submit(f"{URL}/{rule.id}", typed)).status_code == 303
    found = await find_rule(session, rule.id)
    assert found
    await session.refresh(found.rule)
    assert (found.rule.name, found.rule.recipients, found.user_ids) == ("Talk", ["creator"], [cast["nora"].id])
    assert not found.rule.enabled
    assert await record(session, rule) == ["rule_added", "rule_changed"]
    assert (await ada.submit(f"{URL}/{rule.id}", typed)).status_code == 303
    assert await record(session, rule) == ["rule_added", "rule_changed"]


async def test_a_rule_is_switched_off_archived_and_restored(
    session: AsyncSession, ada: Browser, rules: dict[str, NotificationRule]
) -> None:
    rule = rules["comments"]
    await ada.post(f"{URL}/{rule.id}/activation", enabled="false")
    assert "Switch on Comments" in (await ada.get(URL)).text
    await ada.post(f"{URL}/{rule.id}/activation", enabled="true")
    assert (await ada.post(f"{URL}/{rule.id}/archival")).status_code == 303
    assert "Comments" not in (await ada.get(URL)).text
    assert "Restore Comments" in (await ada.get(f"{URL}?show=archived")).text
    assert (await ada.submit(f"{URL}/{rule.id}", dict(NEW))).status_code == 409
    assert (await ada.get(f"{URL}/{rule.id}")).status_code == 200
    await ada.post(f"{URL}/{rule.id}/restoration")
    assert (await ada.post(f"{URL}/{rule.id}/restoration")).status_code == 409
    assert await record(session, rule) == [
        "rule_added", "rule_switched_off", "rule_switched_on", "rule_archived", "rule_restored",
    ]  # fmt: skip


async def test_two_rules_of_one_name_have_keys_of_their_own(session: AsyncSession, ada: Browser) -> None:
    for _ in range(2):
        await ada.submit(URL, {**NEW, "name": "請 confirm!"})
    keys = (await session.execute(select(NotificationRule.key).order_by(NotificationRule.id))).scalars().all()
    assert keys == ["confirm", "confirm-2"]


async def test_nobody_else_sees_or_shapes_the_rules(maya: Browser, daniel: Browser, otto: Browser) -> None:
    for who in (maya, daniel, otto):
        for path in ("", "/new", "/1"):
            assert (await who.get(URL + path)).status_code == 403
        for path in ("", "/1", "/1/activation", "/1/archival", "/1/restoration"):
            assert (await who.submit(URL + path, dict(NEW))).status_code == 403


async def test_a_rule_that_never_was_is_not_there(ada: Browser) -> None:
    for number in ("987654321", "0", "-1", "１", "99999999999999999999"):
        assert (await ada.get(f"{URL}/{number}")).status_code == 404
        assert (await ada.post(f"{URL}/{number}/archival")).status_code == 404
