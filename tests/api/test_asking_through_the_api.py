"""A script asks, edits, submits and moves tickets, under the same rules as the pages (api.md, Ticket)."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.service import TicketTemplates
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import CAMERAS, ask, decide, draft

NEW = {"template": "purchase-request", "title": "Replace 24 thermal cameras", "fields": CAMERAS}


async def start(who: Browser, **changed: Any) -> dict[str, Any]:
    answer = await who.api("POST", "/tickets", {**NEW, **changed})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def codes_of(session: AsyncSession, ticket_no: str) -> list[str]:
    query = select(TicketNote.event_type).join(Ticket, Ticket.id == TicketNote.ticket_id)
    ordered = query.where(Ticket.ticket_no == ticket_no).order_by(TicketNote.seq)
    return [code or "comment" for code in (await session.execute(ordered)).scalars()]


async def test_a_draft_has_the_whole_shape_its_address_and_its_version(company: Company, hana: Browser) -> None:
    answer = await hana.api("POST", "/tickets", NEW)
    ticket = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/tickets/{ticket['ticket_no']}"
    assert answer.headers["etag"] == f'"{ticket["version"]}"'
    assert ticket["status"] == "draft"
    assert ticket["template"] == "purchase-request"
    assert ticket["template_version"] == 1
    assert ticket["fields"]["amount"] == {"amount": "38400.00", "currency": "EUR"}
    assert ticket["assignee"] is None
    assert ticket["assigned_role"]["name"] == "Procurement"
    assert ticket["resolution"] is None
    assert [one["name"] for one in ticket["categories"]] == ["Purchase"]
    assert ticket["created_by"] == {"id": hana.id, "name": hana.user.name}
    assert {"edit", "comment", "submit", "cancel"} <= set(ticket["may"])


async def test_a_hidden_ticket_and_a_number_never_used_are_one_answer(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    for method, suffix, body in (
        ("GET", "", None), ("PATCH", "", {"title": "Mine"}), ("DELETE", "", None), ("GET", "/notes", None),
        ("POST", "/notes", {"note": "Hello"}), ("POST", "/transitions", {"to": "cancelled"}),
        ("POST", "/submission", None),
        ("GET", "/permissions", None), ("POST", "/permissions", {"user_id": otto.id}), ("GET", "/approval", None),
        ("PUT", "/labels/1", None), ("DELETE", "/categories/1", None),
    ):  # fmt: skip
        hidden = await otto.api(method, f"/tickets/{ticket.ticket_no}{suffix}", body)
        never = await otto.api(method, f"/tickets/PUR-999999{suffix}", body)
        assert (hidden.status_code, hidden.content) == (404, never.content), (method, suffix)
    assert ticket.ticket_no not in (await otto.api("GET", "/tickets")).text
    assert (await otto.api("GET", "/tickets/count")).json() == {"count": 0, "exact": True}


@pytest.mark.parametrize(
    "field", ["id", "ticket_no", "status", "version", "created_by", "approval", "is_admin", "created_at", "may"]
)
async def test_what_nobody_may_set_is_refused_and_named(company: Company, hana: Browser, field: str) -> None:
    refused = await hana.api("POST", "/tickets", {**NEW, field: 1})
    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert field in refused.json()["errors"]
    ticket = await start(hana)
    changed = await hana.api("PATCH", f"/tickets/{ticket['ticket_no']}", {field: 1}, if_match='"1"')
    assert changed.status_code == 422


async def test_who_only_asks_hands_their_request_to_nobody(company: Company, hana: Browser, omar: Browser) -> None:
    refused = await hana.api("POST", "/tickets", {**NEW, "assignee_id": hana.id})
    assert refused.status_code == 403


async def test_only_managers_ask_for_somebody_else(
    company: Company, hana: Browser, nora: Browser, otto: Browser
) -> None:
    assert (await hana.api("POST", "/tickets", {**NEW, "requester_id": otto.id})).status_code == 403


async def test_what_a_form_does_not_know_and_labels_that_are_not_there_are_refused(
    company: Company, hana: Browser
) -> None:
    unknown = await hana.api("POST", "/tickets", {**NEW, "fields": {"colour": "red"}})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["fields.colour"])
    assert (await hana.api("POST", "/tickets", {**NEW, "label_ids": [999_999]})).status_code == 422
    assert (await hana.api("POST", "/tickets", {**NEW, "template": "no-such-form"})).status_code == 404


async def test_a_change_names_the_version_that_it_was_made_on(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await start(hana)
    url = f"/tickets/{ticket['ticket_no']}"
    assert (await hana.api("PATCH", url, {"title": "Other"})).status_code == 428
    assert (await hana.api("PATCH", url, {"title": "Other"}, if_match='"99"')).status_code == 412
    changed = await hana.api("PATCH", url, {"title": "Other", "priority": "high"}, if_match=f'"{ticket["version"]}"')
    assert changed.status_code == 200
    assert changed.json()["title"] == "Other"
    assert changed.json()["fields"] == ticket["fields"], "what is absent stays"
    assert changed.headers["etag"] != f'"{ticket["version"]}"'
    assert (await hana.api("PATCH", url, {"title": "Third"}, if_match=f'"{ticket["version"]}"')).status_code == 412
    assert (await codes_of(session, ticket["ticket_no"])) == ["created", "title_change", "priority_change"]


async def test_labels_categories_and_due_dates_are_changed_one_event_each(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await start(hana)
    label, other = [row.id for row in list(company.labels.values())[:2]]
    url = f"/tickets/{ticket['ticket_no']}"
    body = {"label_ids": [label, other], "category_ids": [], "due_at": "2027-01-04T17:00:00Z"}
    changed = await hana.api("PATCH", url, body, if_match="*")
    assert changed.status_code == 200, changed.text
    assert [one["id"] for one in changed.json()["labels"]] == [label, other]
    assert changed.json()["categories"] == []
    assert changed.json()["due_at"] == "2027-01-04T17:00:00Z"
    assert (await hana.api("DELETE", f"{url}/labels/{label}")).status_code == 204
    assert (await hana.api("PUT", f"{url}/labels/{label}")).status_code == 204
    assert (await hana.api("PUT", f"{url}/labels/999999")).status_code == 404
    told = await codes_of(session, ticket["ticket_no"])
    assert sorted(told[1:]) == sorted(
        ["due_date_change", "category_remove", "label_add", "label_add", "label_remove", "label_add"]
    )


async def test_a_script_submits_and_the_handler_takes_resolves_and_hana_confirms(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser, ada: Browser
) -> None:
    created = await ada.api(
        "POST",
        "/tickets",
        {"title": "The gate does not close", "assigned_role_id": company.cast.roles["IT service"].id},
    )
    assert created.status_code == 201, created.text
    url = f"/tickets/{created.json()['ticket_no']}"
    submitted = await ada.api("POST", f"{url}/submission")
    assert (submitted.status_code, submitted.json()["status"]) == (200, "open")
    wrong = await ada.api("POST", f"{url}/transitions", {"to": "closed"})
    assert wrong.status_code == 409
    assert "cancelled" in wrong.json()["possible"]
    assert (wrong.json()["status"], wrong.json()["ticket_status"]) == (409, "open")
    taken = await ada.api("POST", f"{url}/transitions", {"to": "in_progress"})
    assert taken.json()["status"] == "in_progress"
    assert (await ada.api("POST", f"{url}/transitions", {"to": "resolved"})).status_code == 422, "how?"
    resolved = await ada.api("POST", f"{url}/transitions", {"to": "resolved", "reason": "Oiled."})
    assert (resolved.json()["status"], resolved.json()["resolution"]) == ("resolved", "Oiled.")
    assert (await hana.api("POST", f"{url}/transitions", {"to": "closed"})).status_code == 403
    assert (await ada.api("POST", f"{url}/transitions", {"to": "closed"})).json()["status"] == "closed"
    final = await ada.api("POST", f"{url}/transitions", {"to": "open"})
    assert (final.status_code, final.json()["possible"]) == (409, [])


async def test_while_it_waits_who_asked_edits_it_and_nobody_else_does(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    assert (await otto.api("PATCH", url, {"title": "Other"}, if_match="*")).status_code == 403
    edited = await hana.api("PATCH", url, {"title": "Other"}, if_match="*")
    assert (edited.status_code, edited.json()["title"]) == (200, "Other"), "nobody has decided yet: nothing is lost"
    withdrawn = await hana.api("POST", f"{url}/transitions", {"to": "draft"})
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "draft")


async def test_a_form_that_was_republished_is_said_once_and_the_draft_follows_it(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await start(hana)
    templates = TicketTemplates(session, await ada.actor())
    template = (await session.execute(select(TicketTemplate).filter_by(key="purchase-request"))).scalar_one()
    version = await templates.life.published(template)
    assert version is not None
    plain = dict(version.definition)
    plain["fields"] = [*plain["fields"], {"key": "colour", "label": "Colour", "type": "text"}]
    await templates.save(template, plain)
    await session.commit()
    url = f"/tickets/{ticket['ticket_no']}"
    refused = await hana.api("POST", f"{url}/submission")
    assert (refused.status_code, refused.json()["changed"]) == (409, ["Colour"])
    assert (await hana.api("GET", url)).json()["template_version"] == 2
    assert (await hana.api("POST", f"{url}/submission")).json()["status"] == "waiting_approval"


async def test_only_a_draft_that_was_never_submitted_is_deleted_by_who_asks(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await start(hana)
    assert (await hana.api("DELETE", f"/tickets/{ticket['ticket_no']}")).status_code == 204
    assert (await hana.api("GET", f"/tickets/{ticket['ticket_no']}")).status_code == 404
    waiting = await ask(session, hana)
    assert (await hana.api("DELETE", f"/tickets/{waiting.ticket_no}")).status_code == 403


async def test_the_list_pages_by_its_cursor_and_counts_what_it_shows(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    for number in range(5):
        await ask(session, hana, title=f"Request {number}")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (
            await daniel.api(
                "GET", "/tickets?limit=2&status=waiting_approval" + (f"&cursor={cursor}" if cursor else "")
            )
        ).json()
        seen += [row["title"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"Request {number}" for number in reversed(range(5))]
    count = await daniel.api("GET", "/tickets/count?status=waiting_approval&template=purchase-request")
    assert count.json() == {"count": 5, "exact": True}
    row = (await daniel.api("GET", "/tickets?limit=1")).json()["items"][0]
    assert "description" not in row, "a row in a list is not the ticket's content"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=１", "limit=1_0", "status=lost", "colour=red", "sort=id", "template=x"]
)
async def test_a_parameter_that_nobody_understands_is_refused(company: Company, hana: Browser, query: str) -> None:
    assert (await hana.api("GET", f"/tickets?{query}")).status_code == 422


async def test_opening_a_restricted_ticket_by_a_script_is_noted(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    url = f"/tickets/{ticket.ticket_no}"
    assert (await otto.api("GET", url)).status_code == 404
    assert (await ada.api("GET", url)).status_code == 200
    granted = await hana.api("POST", f"{url}/permissions", {"user_id": otto.id})
    assert (granted.status_code, granted.json()["user"]["id"]) == (201, otto.id)
    assert (await otto.api("GET", url)).status_code == 200
    assert (await otto.api("POST", f"{url}/permissions", {"role_id": 1})).status_code == 403
    assert (await hana.api("POST", f"{url}/permissions", {})).status_code == 422
    gone = await hana.api("DELETE", f"{url}/permissions/{granted.json()['id']}")
    assert gone.status_code == 204
    assert (await otto.api("GET", url)).status_code == 404


async def test_what_was_approved_stays_as_it_was_approved(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    ada: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana, {**CAMERAS, "supplier_is_new": False})
    for who in (daniel, maya, tomas):
        await decide(session, who, ticket.ticket_no)
    changed = {"fields": {"amount": {"amount": "99000.00", "currency": "EUR"}}}
    refused = await ada.api("PATCH", f"/tickets/{ticket.ticket_no}", changed, if_match="*")
    assert refused.status_code == 409


async def test_whom_a_call_mentions_in_vain_is_in_its_answer_and_nowhere_else(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    made = await start(hana, visibility="restricted", description="@Otto Brandt knows them.")
    at = f"/tickets/{made['ticket_no']}"
    assert made["unheard"] == [], "a draft calls nobody"
    submitted = await hana.api("POST", f"{at}/submission")
    assert (submitted.status_code, submitted.json()["unheard"]) == (200, ["Otto Brandt"])
    words = {"description": "@Otto Brandt and @Omar Haddad know them."}
    changed = await hana.api("PATCH", at, words, if_match=submitted.headers["etag"])
    assert (changed.status_code, changed.json()["unheard"]) == (200, ["Omar Haddad"]), changed.text
    assert (await hana.api("GET", at)).json()["unheard"] == []
    moved = await hana.api("POST", f"{at}/transitions", {"to": "draft", "reason": "@Otto Brandt has some."})
    assert (moved.status_code, moved.json()["unheard"]) == (200, ["Otto Brandt"]), moved.text
    assert (await otto.api("GET", at)).status_code == 404
