"""Administrators keep the directory; nobody raises their own rights (promises.md, A4, A6, S2)."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole
from app.accounts.people import People
from app.accounts.roles import Roles
from app.activity.models import AuditEntry
from app.errors import NotAllowed, NotPossible, Refused
from tests.cast import Browser, Cast

PAGES = ["/admin/users", "/admin/users/new", "/admin/roles", "/admin/roles/new"]


async def events_about(session: AsyncSession, subject: Any) -> list[AuditEntry]:
    query = select(AuditEntry).filter_by(subject_type=subject.__tablename__, subject_id=subject.id)
    return list((await session.execute(query.order_by(AuditEntry.seq))).scalars())


async def jobs_about_directory(session: AsyncSession) -> list[bytes]:
    query = "SELECT payload FROM ticket.pgqueuer WHERE entrypoint = 'approvals.directory_changed' ORDER BY id"
    return list((await session.execute(text(query))).scalars())


async def fresh(session: AsyncSession, model: type, row_id: int) -> Any:
    return await session.get(model, row_id, populate_existing=True)


@pytest.mark.parametrize("page", PAGES)
async def test_only_an_administrator_sees_the_directory(page: str, ada: Browser, hana: Browser, otto: Browser) -> None:
    assert (await ada.get(page)).status_code == 200
    assert (await hana.get(page)).status_code == 403
    assert (await otto.get(page)).status_code == 403


async def test_nobody_but_an_administrator_changes_the_directory(
    otto: Browser, cast: Cast, session: AsyncSession
) -> None:
    finance = cast.roles["Finance"].id
    urls = [
        "/admin/users", f"/admin/users/{cast['hana'].id}", f"/admin/users/{cast['hana'].id}/password",
        f"/admin/users/{cast['hana'].id}/deactivation", f"/admin/users/{otto.id}/memberships", "/admin/roles",
        f"/admin/roles/{finance}", f"/admin/roles/{finance}/members", f"/admin/roles/{finance}/archival",
    ]  # fmt: skip
    for url in urls:
        answer = await otto.post(url, name="Otto", role_id=str(finance), user_id=str(otto.id), password="a fine one 42")
        assert answer.status_code == 403, url
    assert (await session.execute(select(func.count()).select_from(UserRole).filter_by(user_id=otto.id))).scalar() == 0


async def test_an_administrator_adds_a_person_who_can_then_sign_in(ada: Browser, session: AsyncSession) -> None:
    answer = await ada.post(
        "/admin/users", name="Zoë  Quist", email="Zoe@Aldermoor.example", title="Buyer", password="violet harbour lamp",
        time_zone="Asia/Taipei",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    zoe = (await session.execute(select(User).filter_by(email="zoe@aldermoor.example"))).scalar_one()
    assert (zoe.name, zoe.time_zone, zoe.created_by) == ("Zoë Quist", "Asia/Taipei", ada.id)
    assert [entry.event_type for entry in await events_about(session, zoe)] == ["user_created"]
    signed_in = await ada.client.post(
        "/sign-in", data={"email": "ZOE@aldermoor.example", "password": "violet harbour lamp"}
    )
    assert signed_in.status_code == 303


async def test_a_refused_person_keeps_what_was_typed_and_all_errors_come_at_once(ada: Browser) -> None:
    answer = await ada.post("/admin/users", name="", email="nonsense", title="Typed <b>title</b>", password="short")
    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert "An e-mail address like" in answer.text
    assert "Typed &lt;b&gt;title&lt;/b&gt;" in answer.text
    assert "short" not in answer.text.replace("shortcuts", "")


async def test_two_people_cannot_have_the_same_email(ada: Browser) -> None:
    answer = await ada.post("/admin/users", name="Second Hana", email="HANA@aldermoor.example")
    assert answer.status_code == 422
    assert "Somebody has this e-mail address already." in answer.text


async def test_saving_a_person_is_one_event_with_before_and_after(
    ada: Browser, cast: Cast, session: AsyncSession
) -> None:
    hana = cast["hana"]
    form = {"name": hana.name, "email": hana.email, "title": "Lead", "locale": "en", "time_zone": hana.time_zone}
    answer = await ada.post(f"/admin/users/{hana.id}", **form, manager_id=str(hana.manager_id))
    assert answer.status_code == 303
    again = await ada.post(f"/admin/users/{hana.id}", **form, manager_id=str(hana.manager_id))
    assert again.status_code == 303
    entries = await events_about(session, hana)
    assert [entry.event_type for entry in entries] == ["user_changed"]
    assert entries[0].event_details["changes"] == {"title": ["Quality Engineer", "Lead"]}


async def test_managers_never_form_a_circle(ada: Browser, cast: Cast, session: AsyncSession) -> None:
    ingrid, hana = cast["ingrid"], cast["hana"]
    form = {"name": "Renamed", "email": ingrid.email, "title": "CFO", "time_zone": ingrid.time_zone}
    answer = await ada.post(f"/admin/users/{ingrid.id}", **form, manager_id=str(hana.id))
    assert answer.status_code == 422
    assert "That would make them their own manager" in answer.text
    kept = await fresh(session, User, ingrid.id)
    assert (kept.manager_id, kept.name) == (None, "Ingrid Solberg")
    assert await events_about(session, ingrid) == []


async def test_a_new_manager_is_set_by_somebody_and_approvals_hear_of_it(
    ada: Browser, cast: Cast, session: AsyncSession
) -> None:
    hana, maya = cast["hana"], cast["maya"]
    await People(session, await ada.actor()).place_under(hana, manager_id=maya.id)
    assert (hana.manager_id, hana.manager_set_by) == (maya.id, ada.id)
    assert hana.manager_set_at is not None
    assert await jobs_about_directory(session) == [b'{"user_id": %d}' % hana.id]


async def test_a_deactivated_person_is_out_at_once_everywhere(
    ada: Browser, hana: Browser, cast: Cast, session: AsyncSession
) -> None:
    asked = await ada.get(f"/admin/users/{hana.id}/deactivation")
    assert "1 session ends" in asked.text
    assert "1 access token is revoked" in asked.text
    assert (await hana.get("/me")).status_code == 200
    assert (await ada.post(f"/admin/users/{hana.id}/deactivation")).status_code == 303
    turned_away = await hana.get("/me")
    assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/sign-in?next=%2Fme")
    assert (await hana.api("GET", "/me")).status_code == 401
    assert [entry.event_type for entry in await events_about(session, cast["hana"])] == ["user_deactivated"]
    assert await jobs_about_directory(session) == [b'{"user_id": %d}' % hana.id]
    signing_in = await hana.client.post("/sign-in", data={"email": hana.user.email, "password": "demo-password"})
    assert signing_in.status_code == 401


async def test_reactivation_brings_no_old_session_back(ada: Browser, hana: Browser) -> None:
    await ada.post(f"/admin/users/{hana.id}/deactivation")
    assert (await ada.post(f"/admin/users/{hana.id}/reactivation")).status_code == 303
    assert (await hana.get("/me")).status_code == 303
    assert (await hana.api("GET", "/me")).status_code == 401


async def test_a_password_set_by_an_administrator_ends_sessions_and_tokens(ada: Browser, hana: Browser) -> None:
    assert (await ada.post(f"/admin/users/{hana.id}/password", password="violet harbour lamp")).status_code == 303
    assert (await hana.get("/me")).status_code == 303
    assert (await hana.api("GET", "/me")).status_code == 401
    old = await hana.client.post("/sign-in", data={"email": hana.user.email, "password": "demo-password"})
    new = await hana.client.post("/sign-in", data={"email": hana.user.email, "password": "violet harbour lamp"})
    assert (old.status_code, new.status_code) == (401, 303)


async def test_a_weak_password_is_refused_and_ends_nothing(ada: Browser, hana: Browser) -> None:
    answer = await ada.post(f"/admin/users/{hana.id}/password", password="hana12345678")
    assert answer.status_code == 422
    assert "too easy to guess" in answer.text
    assert (await hana.get("/me")).status_code == 200


async def test_the_last_administrator_cannot_be_lost(ada: Browser, cast: Cast, session: AsyncSession) -> None:
    admins = cast.roles["Admins"]
    people, roles = People(session, await ada.actor()), Roles(session, await ada.actor())
    with pytest.raises(NotAllowed, match="Nobody deactivates themselves"):
        await people.deactivate(cast["ada"])
    with pytest.raises(NotPossible, match="Nobody could administer"):
        await roles.dismiss(admins, cast["ada"])
    with pytest.raises(NotPossible, match="Nobody could administer"):
        await roles.archive(admins)
    with pytest.raises(NotPossible, match="Nobody could administer"):
        await roles.change(admins, name="Admins", description="", capabilities=[], capacity=None)
    await roles.admit(admins, cast["nora"])
    await roles.dismiss(admins, cast["ada"])
    assert (await fresh(session, Role, admins.id)).archived_at is None


async def test_another_administrator_cannot_deactivate_the_last_one_left(
    ada: Browser, nora: Browser, cast: Cast, session: AsyncSession
) -> None:
    """Nora administered a moment ago: her request began before her rights ended."""
    await Roles(session, await ada.actor()).admit(cast.roles["Admins"], cast["nora"])
    of_nora = await nora.actor()
    await Roles(session, await ada.actor()).dismiss(cast.roles["Admins"], cast["nora"])
    with pytest.raises(NotPossible, match="last administrator"):
        await People(session, of_nora).deactivate(cast["ada"])


async def test_nobody_raises_their_own_rights(ada: Browser, cast: Cast, session: AsyncSession) -> None:
    finance, admins = cast.roles["Finance"], cast.roles["Admins"]
    answer = await ada.post(f"/admin/users/{ada.id}/memberships", role_id=str(finance.id))
    assert answer.status_code == 403
    assert (await ada.post(f"/admin/roles/{finance.id}/members", user_id=str(ada.id))).status_code == 403
    more = {"name": "Admins", "description": "", "capabilities": ["admin", "manager"]}
    assert (await ada.post(f"/admin/roles/{admins.id}", **more)).status_code == 403
    assert (await fresh(session, Role, admins.id)).capabilities == ["admin"]


async def test_a_new_right_holds_from_the_next_request_on(ada: Browser, otto: Browser, cast: Cast) -> None:
    assert (await otto.get("/admin/users")).status_code == 403
    await ada.post(f"/admin/roles/{cast.roles['Admins'].id}/members", user_id=str(otto.id))
    assert (await otto.get("/admin/users")).status_code == 200
    await ada.post(f"/admin/users/{otto.id}/memberships/{cast.roles['Admins'].id}/removal")
    assert (await otto.get("/admin/users")).status_code == 403


async def test_membership_is_an_event_and_approvals_hear_of_it(ada: Browser, cast: Cast, session: AsyncSession) -> None:
    finance = cast.roles["Finance"]
    await ada.post(f"/admin/roles/{finance.id}/members", user_id=str(cast["omar"].id))
    await ada.post(f"/admin/roles/{finance.id}/members/{cast['omar'].id}/removal")
    told = [(entry.event_type, entry.event_details["member"]) for entry in await events_about(session, finance)]
    assert told == [("member_added", cast["omar"].id), ("member_removed", cast["omar"].id)]
    assert len(await jobs_about_directory(session)) == 2
    again = await ada.post(f"/admin/roles/{finance.id}/members/{cast['omar'].id}/removal")
    assert again.status_code == 409


async def test_a_role_is_archived_with_its_members_on_record_and_gives_nothing_meanwhile(
    ada: Browser, daniel: Browser, cast: Cast, session: AsyncSession
) -> None:
    managers = cast.roles["Managers"]
    assert (await daniel.actor()).is_manager
    assert (await ada.post(f"/admin/roles/{managers.id}/archival")).status_code == 303
    assert not (await daniel.actor()).is_manager
    assert (await ada.post(f"/admin/roles/{managers.id}/restoration")).status_code == 303
    assert (await daniel.actor()).is_manager
    assert [entry.event_type for entry in await events_about(session, managers)] == ["role_archived", "role_restored"]


async def test_role_names_are_unique_whatever_their_case(ada: Browser) -> None:
    answer = await ada.post("/admin/roles", name="fINANCE")
    assert answer.status_code == 422
    assert "There is a role of this name already." in answer.text


async def test_an_unknown_capability_is_refused(ada: Browser, session: AsyncSession) -> None:
    answer = await ada.post("/admin/roles", name="Gods", capabilities=["root"])
    assert answer.status_code == 422
    with pytest.raises(Refused):
        await Roles(session, await ada.actor()).add(name="Gods", capabilities=["root"])


async def test_the_list_is_searched_and_paged_without_gaps(ada: Browser, session: AsyncSession) -> None:
    session.add_all(User(name=f"Person {n:03}", email=f"p{n}@aldermoor.example") for n in range(120))
    await session.commit()
    url, seen = "/admin/users?q=person%20", []
    while url:
        answer = await ada.get(url)
        seen += [part.split("<")[0] for part in answer.text.split('class="ttl"')[1:]]
        after = [
            part for part in answer.text.split('href="') if part.startswith("?q=") and "cursor=" in part.split('"')[0]
        ]
        url = "/admin/users" + after[0].split('"')[0].replace("&amp;", "&") if after else ""
    assert len(seen) == 120


async def test_search_takes_wildcards_literally_and_strange_cursors_calmly(ada: Browser) -> None:
    assert "Nobody matches" in (await ada.get("/admin/users", q="%_%")).text
    for cursor in ("nonsense", "////", "W10", "A" * 900):
        assert (await ada.get("/admin/users", cursor=cursor)).status_code == 200


@pytest.mark.parametrize("user_id", ["99999999999999999999", "-1", "１", "0", "1", "01", "abc", "1_0"])
async def test_an_id_that_is_nobodys_is_a_404(ada: Browser, user_id: str) -> None:
    """1 is the system itself, which nobody administers."""
    assert (await ada.get(f"/admin/users/{user_id}")).status_code == 404
    assert (await ada.post(f"/admin/users/{user_id}/deactivation")).status_code == 404


async def test_a_name_is_shown_and_never_runs(ada: Browser, session: AsyncSession) -> None:
    person = User(name="<script>alert(1)</script>\"'", email="x@aldermoor.example", title="<img src=x>")
    session.add(person)
    await session.commit()
    for page in ("/admin/users?q=script", f"/admin/users/{person.id}", f"/admin/users/{person.id}/deactivation"):
        answer = await ada.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


async def test_unknown_memberships_and_people_are_a_404(ada: Browser, cast: Cast) -> None:
    finance = cast.roles["Finance"].id
    assert (await ada.post(f"/admin/roles/{finance}/members", user_id="999999")).status_code == 404
    assert (await ada.post(f"/admin/roles/{finance}/members", user_id="")).status_code == 404
    assert (await ada.post("/admin/roles/999999/members", user_id=str(cast["omar"].id))).status_code == 404


async def test_every_page_of_one_role_and_one_person_opens(ada: Browser, cast: Cast) -> None:
    for page in (
        f"/admin/roles/{cast.roles['Finance'].id}", f"/admin/users/{cast['hana'].id}", f"/admin/users/{ada.id}"
    ):  # fmt: skip
        assert (await ada.get(page)).status_code == 200
