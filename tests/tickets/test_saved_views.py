"""A view of the list under a name: its owner shapes it, its role opens it, and for everybody else it is not there."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserRole
from app.actor import SYSTEM_ID
from app.clock import utc_now
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import form_values
from tests.queries import counting

ADDRESS = "/tickets?status=open&priority=urgent"


async def team(session: AsyncSession, company: Company, *others: Browser) -> int:
    """Jonas's role, which these others join."""
    role_id = company.cast.roles["Procurement"].id
    session.add_all(
        UserRole(user_id=one.id, role_id=role_id, created_by=SYSTEM_ID, updated_by=SYSTEM_ID) for one in others
    )
    await session.commit()
    return role_id


async def keep(who: Browser, name: str, *, role_id: int | None = None, pinned: bool = False) -> int:
    body = {"name": name, "query": "status=open&priority=urgent", "role_id": role_id, "pinned": pinned}
    answer = await who.api("POST", "/views", body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def a_ticket(session: AsyncSession, who: Browser, number: int, at: datetime, **more: str) -> Ticket:
    ticket = Ticket(
        ticket_no=f"TIC-{number}", title=f"Thing {number}", status="open", priority="urgent", requester_id=who.id,
        created_by=who.id, updated_by=who.id, submitted_at=at, created_at=at, updated_at=at, **more,
    )  # fmt: skip
    session.add(ticket)
    await session.commit()
    return ticket


async def test_what_is_filtered_is_saved_under_a_name_and_is_a_tab_and_an_entry_of_the_menu(
    company: Company, jonas: Browser
) -> None:
    filtered = (await jonas.get(ADDRESS)).text
    assert 'href="/views/new?status=open&amp;priority=urgent"' in filtered
    form = form_values((await jonas.get("/views/new?status=open&priority=urgent")).text, "/views")
    refused = await jonas.submit("/views", {**form.values, "name": " "})
    assert (refused.status_code, "Fill this in." in refused.text) == (422, True)
    again = form_values(refused.text, "/views")
    saved = await jonas.submit("/views", {**again.values, "name": "Fires <now>"})
    assert (saved.status_code, saved.headers["location"]) == (303, ADDRESS)
    there = (await jonas.get(ADDRESS)).text
    assert there.count("Fires &lt;now&gt;") >= 3, "a tab, the sidebar, the phone's menu"
    assert "/views/new" not in there
    assert there.count('aria-current="page"') == 3


async def test_its_owner_renames_refilters_copies_and_deletes_it(company: Company, jonas: Browser) -> None:
    view = await keep(jonas, "Mine")
    edit = form_values((await jonas.get(f"/views/{view}/edit")).text, f"/views/{view}")
    await jonas.submit(edit.action, {**edit.values, "name": "Ours", "pinned": "true"})
    new = form_values((await jonas.get("/views/new?due=risk")).text, f"/views/{view}/filters")
    assert (await jonas.submit(new.action, new.values)).headers["location"] == "/tickets?due=risk"
    copied = await jonas.post(f"/views/{view}/copy")
    assert (await jonas.get(copied.headers["location"])).status_code == 200
    listed = (await jonas.api("GET", "/views")).json()["items"]
    assert [(one["name"], one["query"], one["pinned"]) for one in listed] == [
        ("Copy of Ours", "due=risk", False), ("Ours", "due=risk", True),
    ]  # fmt: skip
    assert f'data-opens="delete-view-{view}"' in (await jonas.get("/views")).text, "asked before it is gone for others"
    assert (await jonas.post(f"/views/{view}/deletion")).status_code == 303
    assert (await jonas.get(f"/views/{view}")).status_code == 404
    assert "Copy of Ours" in (await jonas.get("/views")).text


async def test_a_member_of_its_role_opens_and_pins_it_and_sees_only_their_own_tickets_in_it(
    session: AsyncSession, company: Company, jonas: Browser, lucas: Browser, hana: Browser
) -> None:
    view = await keep(jonas, "Fires", role_id=await team(session, company, lucas))
    hidden = await a_ticket(session, hana, 71_000, utc_now(), visibility="restricted")
    assert (await lucas.get(f"/views/{view}")).headers["location"] == ADDRESS
    await lucas.post(f"/views/{view}/pin", pinned="1")
    shown = (await lucas.get(ADDRESS)).text
    assert "Fires" in shown
    assert hidden.ticket_no not in shown
    for refused in (
        await lucas.get(f"/views/{view}/edit"), await lucas.post(f"/views/{view}", name="Not yours"),
        await lucas.post(f"/views/{view}/filters"), await lucas.post(f"/views/{view}/deletion"),
        await lucas.api("PATCH", f"/views/{view}", {"name": "Not yours"}), await lucas.api("DELETE", f"/views/{view}"),
    ):  # fmt: skip
        assert refused.status_code == 403
    assert (await lucas.api("PATCH", f"/views/{view}", {"pinned": False})).json()["pinned"] is False
    assert (await lucas.post(f"/views/{view}/copy")).status_code == 303


async def test_for_an_outsider_and_for_who_left_the_role_it_never_was(
    session: AsyncSession, company: Company, jonas: Browser, lucas: Browser, otto: Browser
) -> None:
    role_id = await team(session, company, lucas)
    view = await keep(jonas, "Fires", role_id=role_id)
    await lucas.post(f"/views/{view}/pin", pinned="1")
    left = delete(UserRole).where(UserRole.user_id == lucas.id, UserRole.role_id == role_id)
    await session.execute(left)
    await session.commit()
    for who in (otto, lucas):
        assert "Fires" not in (await who.get("/tickets")).text + (await who.get("/views")).text
        assert (await who.api("GET", "/views")).json()["items"] == []
        for number in (view, 999_999):
            path = f"/views/{number}"
            for verb in ("", "/filters", "/copy", "/pin", "/deletion"):
                assert (await who.post(path + verb, name="x")).status_code == 404, verb
            assert (await who.get(path)).status_code == (await who.get(f"{path}/edit")).status_code == 404
            assert (await who.api("PATCH", path, {"name": "x"})).status_code == 404
            assert (await who.api("DELETE", path)).status_code == 404


async def test_it_is_shared_with_ones_own_roles_only_and_an_administrator_may_delete_what_is_shared(
    session: AsyncSession, company: Company, jonas: Browser, ada: Browser, otto: Browser
) -> None:
    role_id = await team(session, company)
    for foreign in (role_id, 999_999):
        answer = await otto.api("POST", "/views", {"name": "Trap", "query": "", "role_id": foreign})
        assert (answer.status_code, answer.json()["errors"]) == (422, {"role_id": "Choose one of your own roles."})
    unknown = await jonas.api("POST", "/views", {"name": "x", "query": "colour=red"})
    assert (unknown.status_code, "query" in unknown.json()["errors"]) == (422, True)
    shared, own = await keep(jonas, "Shared", role_id=role_id), await keep(jonas, "Own")
    assert (await ada.api("DELETE", f"/views/{own}")).status_code == 404
    assert (await ada.api("PATCH", f"/views/{shared}", {"name": "Hers"})).status_code == 403
    assert (await ada.api("DELETE", f"/views/{shared}")).status_code == 204
    assert [one["name"] for one in (await jonas.api("GET", "/views")).json()["items"]] == ["Own"]


async def test_the_list_costs_the_same_queries_with_many_views_as_with_one(company: Company, jonas: Browser) -> None:
    await keep(jonas, "View 0", pinned=True)
    await jonas.get("/tickets")
    with counting() as one:
        await jonas.get("/tickets")
    for number in range(1, 12):
        await keep(jonas, f"View {number}", pinned=True)
    with counting() as twelve:
        assert "View 11" in (await jonas.get("/tickets")).text
    assert len(twelve) == len(one)
