"""Administrators shape the house by script; everybody else reads what api.md lets them read (api.md, Configuration)."""

from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.approvals.api import ApprovalTemplateShape
from app.ticket_templates.api import FieldShape, OptionShape, TicketTemplateShape
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, Option
from tests.cast import Browser, Company
from tests.story import CAMERAS

FORM = {
    "key": "desk", "name": "A desk", "prefix": "DSK",
    "fields": [{"key": "height", "label": "Height", "type": "number", "required": True}],
}  # fmt: skip
STEP = {"key": "boss", "name": "Boss", "mode": "any", "approvers": [{"source": "manager", "level": 1}]}
FLOW = {"key": "short", "name": "Short", "stages": [{"steps": [STEP]}]}
RULE = {"name": "Tell the requester", "events": ["approval_completed"], "recipients": ["creator"]}
HOURS = {"key": "berlin", "name": "Berlin", "zone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]]}}
WRITES = [
    ("POST", "/labels", {"name": "a", "color": "#112233"}), ("POST", "/categories", {"name": "a"}),
    ("POST", "/roles", {"name": "a"}), ("POST", "/users", {"name": "a", "email": "a@example.com"}),
    ("POST", "/ticket-templates", FORM), ("POST", "/approval-templates", FLOW), ("POST", "/notification-rules", RULE),
    ("POST", "/calendars", HOURS), ("POST", "/approval-matrices", {"key": "cost-centres", "name": "Cost centres"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[path for _, path, _ in WRITES])
async def test_only_administrators_write(
    company: Company, hana: Browser, otto: Browser, ada: Browser, method: str, path: str, body: Any
) -> None:
    for who in (hana, otto):
        assert (await who.api(method, path, body)).status_code == 403
    made = await ada.api(method, path, body, idempotency_key="k")
    assert made.status_code == 201, made.text
    assert (await ada.api(method, path, body, idempotency_key="k")).content == made.content
    where = made.headers["location"].removeprefix("/api/v1")
    suffix = "?version=draft" if "templates" in path else ""
    assert (await ada.api("GET", where + suffix)).json()["name"] == body["name"]
    unknown = await ada.api(method, path, {**body, "is_admin": True})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["is_admin"])


FOR_ADMINISTRATORS = [
    "/approval-templates", "/notification-rules", "/approval-templates/capital-purchase", "/calendars",
    "/approval-matrices",
]  # fmt: skip


@pytest.mark.parametrize("path", FOR_ADMINISTRATORS)
async def test_flows_and_rules_are_read_by_administrators(
    company: Company, hana: Browser, ada: Browser, path: str
) -> None:
    assert (await hana.api("GET", path)).status_code == 403
    assert (await ada.api("GET", path)).status_code == 200


async def test_everybody_reads_labels_and_categories_and_of_people_and_roles_the_names(
    company: Company, hana: Browser, ada: Browser
) -> None:
    for path in ("/labels", "/categories"):
        items = (await hana.api("GET", path)).json()["items"]
        assert (await hana.api("GET", f"{path}/{items[0]['id']}")).json() == items[0]
    for path in ("/users", "/roles"):
        items = (await hana.api("GET", path)).json()["items"]
        assert all(set(one) == {"id", "name"} for one in items)
        assert set((await hana.api("GET", f"{path}/{items[0]['id']}")).json()) == {"id", "name"}
    assert (await hana.api("GET", "/users?q=aldermoor.example")).json()["items"] == [], "addresses are not found either"
    assert len((await ada.api("GET", "/users?q=aldermoor.example")).json()["items"]) > 5
    assert (await hana.api("GET", "/users?state=all")).status_code == 422


async def test_people_page_by_name(company: Company, hana: Browser) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = (await hana.api("GET", f"/users?limit=5{cursor and '&cursor=' + cursor}")).json()
        seen += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(seen, key=str.lower)
    assert hana.user.name in seen


async def test_a_person_is_added_changed_and_deactivated(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser
) -> None:
    new = {
        "name": "Vera Lund",
        "email": "Vera@Example.com",
        "manager_id": hana.id,
        "password": "four unrelated green words",
    }
    made = (await ada.api("POST", "/users", new)).json()
    assert (made["email"], made["manager"]["id"], made["active"], made["roles"]) == (
        "vera@example.com",
        hana.id,
        True,
        [],
    )
    url = f"/users/{made['id']}"
    changed = await ada.api("PATCH", url, {"title": "Buyer", "manager_id": None})
    assert (changed.json()["title"], changed.json()["manager"], changed.json()["name"]) == ("Buyer", None, "Vera Lund")
    for wrong in (
        {"email": "nobody"},
        {"locale": "xx"},
        {"time_zone": "Mars"},
        {"password": "short"},
        {"manager_id": 999_999},
    ):
        assert (await ada.api("PATCH", url, wrong)).status_code == 422, wrong
    role = company.cast.roles["Finance"].id
    assert (await ada.api("PUT", f"/roles/{role}/members/{made['id']}")).status_code == 204
    assert made["id"] in [one["id"] for one in (await ada.api("GET", f"/roles/{role}")).json()["members"]]
    assert (await ada.api("DELETE", f"/roles/{role}/members/{made['id']}")).status_code == 204
    assert (await ada.api("DELETE", url)).status_code == 204
    assert (await ada.api("DELETE", url)).status_code == 409
    assert (await ada.api("PATCH", url, {"active": True})).json()["active"] is True
    assert (await session.get_one(User, made["id"], populate_existing=True)).deactivated_at is None


async def test_nobody_raises_their_own_rights(company: Company, ada: Browser) -> None:
    finance = company.cast.roles["Finance"].id
    assert (await ada.api("PUT", f"/roles/{finance}/members/{ada.id}")).status_code == 403
    assert (await ada.api("DELETE", f"/users/{ada.id}")).status_code == 403


async def test_labels_categories_and_roles_are_changed_and_archived(
    company: Company, ada: Browser, hana: Browser
) -> None:
    for path, change in (
        ("/labels", {"color": "#abcdef"}),
        ("/categories", {"icon": "truck"}),
        ("/roles", {"capacity": 7}),
    ):
        made = (await ada.api("POST", path, {"name": "Short-lived"})).json()
        url = f"{path}/{made['id']}"
        [(field, value)] = change.items()
        assert (await ada.api("PATCH", url, change)).json()[field] == value
        assert (await hana.api("PATCH", url, change)).status_code == 403
        assert (await ada.api("DELETE", url)).status_code == 204
        assert (await ada.api("GET", url)).json()["archived"] is True
        assert (await ada.api("PATCH", url, {"archived": False})).json()["archived"] is False
        assert (await ada.api("POST", path, {"name": "Short-lived"})).status_code == 422, "taken"


async def test_a_ticket_template_is_drafted_checked_published_and_archived(
    company: Company, ada: Browser, hana: Browser
) -> None:
    assert (await ada.api("POST", "/ticket-templates", FORM)).status_code == 201
    url = "/ticket-templates/desk"
    assert (await hana.api("GET", url)).status_code == 404, "not published yet"
    assert (await hana.api("GET", f"{url}?version=draft")).status_code == 404
    assert (await ada.api("GET", f"{url}/check")).json() == {"problems": []}
    assert (await ada.api("POST", f"{url}/publication")).json()["number"] == 1
    assert (await hana.api("GET", url)).json()["fields"][0]["key"] == "height"
    assert (await hana.api("GET", f"{url}?version=draft")).status_code == 403
    assert (await ada.api("POST", f"{url}/publication")).status_code == 409, "no draft"
    broken = await ada.api("PATCH", url, {"approval_template": "no-such-flow"})
    assert broken.json()["fields"] == (await hana.api("GET", url)).json()["fields"], "the rest stays"
    problems = (await ada.api("GET", f"{url}/check")).json()["problems"]
    assert [one["path"] for one in problems] == ["approval_template"]
    assert (await ada.api("POST", f"{url}/publication")).status_code == 422
    assert [one["status"] for one in (await ada.api("GET", f"{url}/versions")).json()["items"]] == [
        "draft",
        "published",
    ]
    assert (await ada.api("PATCH", url, {"key": "other"})).status_code == 422
    assert (await ada.api("DELETE", url)).status_code == 204
    assert (await hana.api("GET", url)).status_code == 404
    assert "desk" not in [one["key"] for one in (await hana.api("GET", "/ticket-templates")).json()["items"]]
    assert "desk" in [one["key"] for one in (await ada.api("GET", "/ticket-templates?archived=true")).json()["items"]]


async def test_an_approval_template_goes_the_same_way_and_is_read_strictly(company: Company, ada: Browser) -> None:
    assert (await ada.api("POST", "/approval-templates", FLOW)).status_code == 201
    url = "/approval-templates/short"
    for wrong in (
        {"stages": [{"steps": [{**STEP, "colour": 1}]}]}, {"stages": [{"steps": [{**STEP, "mode": "some"}]}]},
        {"stages": [{"steps": [{**STEP, "approvers": [{"source": "nobody"}]}]}]}, {"stages": "none"}, {"max_rounds": 0},
    ):  # fmt: skip
        assert (await ada.api("PATCH", url, wrong)).status_code == 422, wrong
    assert (await ada.api("PATCH", url, {"name": "Shorter"})).json()["stages"][0]["steps"][0]["key"] == "boss"
    assert (await ada.api("POST", f"{url}/publication")).json()["status"] == "published"
    live = (await ada.api("GET", url)).json()
    assert live["name"] == "Shorter"
    msgspec.convert(live, ApprovalTemplateShape)


async def test_a_flow_is_tried_out_before_anybody_asks(
    company: Company, ada: Browser, hana: Browser, daniel: Browser
) -> None:
    body = {"template": "purchase-request", "requester_id": hana.id, "fields": CAMERAS}
    url = "/approval-templates/capital-purchase/simulation"
    assert (await hana.api("POST", url, body)).status_code == 403
    steps = (await ada.api("POST", url, body)).json()["steps"]
    assert [one["id"] for one in steps[0]["approvers"]] == [daniel.id]
    assert "5,000" in steps[1]["why"]
    assert steps[3]["skipped"] is True
    assert (await ada.api("POST", url, {**body, "template": "none-such"})).status_code == 422
    assert (await ada.api("POST", "/approval-templates/none-such/simulation", body)).status_code == 404


async def test_a_notification_rule_is_changed_in_part_and_archived(company: Company, ada: Browser) -> None:
    made = (await ada.api("POST", "/notification-rules", {**RULE, "key": "told"})).json()
    url = f"/notification-rules/{made['key']}"
    changed = (await ada.api("PATCH", url, {"enabled": False, "user_ids": [ada.id]})).json()
    assert (changed["enabled"], changed["user_ids"], changed["events"]) == (False, [ada.id], RULE["events"])
    assert (await ada.api("PATCH", url, {"events": ["nothing_like_it"]})).status_code == 422
    assert (await ada.api("DELETE", url)).status_code == 204
    assert (await ada.api("GET", url)).json()["archived"] is True
    assert (await ada.api("PATCH", url, {"archived": False})).json()["archived"] is False


def test_the_shapes_are_those_that_the_services_read() -> None:
    """Two descriptions of one thing: the OpenAPI file's and the reader's own."""
    pairs: list[tuple[Any, Any]] = [
        (TicketTemplateShape, FormDefinition),
        (FieldShape, FieldDefinition),
        (OptionShape, Option),
    ]
    for shape, own in pairs:
        assert set(shape.__struct_fields__) == set(own.__dataclass_fields__)


async def test_every_published_definition_has_the_shape_that_the_file_tells(company: Company, ada: Browser) -> None:
    for path, shape in (("/ticket-templates", TicketTemplateShape), ("/approval-templates", ApprovalTemplateShape)):
        for row in (await ada.api("GET", path)).json()["items"]:
            msgspec.convert((await ada.api("GET", f"{path}/{row['key']}")).json(), shape)
