"""Administrators keep the tree of categories (product.md, sections 2 and 8)."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import AuditEntry
from app.actor import SYSTEM
from app.catalogue.categories import Categories
from app.catalogue.models import Category
from app.errors import NotAllowed, NotPossible, Refused
from app.tickets.models import Ticket, TicketCategory
from tests.cast import Browser, Cast


@pytest.fixture
async def categories(session: AsyncSession, ada: Browser) -> Categories:
    return Categories(session, await ada.actor())


async def told(session: AsyncSession, category: Category) -> list[str]:
    query = select(AuditEntry).filter_by(subject_type="categories", subject_id=category.id).order_by(AuditEntry.seq)
    return [entry.event_type for entry in (await session.execute(query)).scalars()]


async def names(categories: Categories) -> list[str]:
    return [place.full_name for place in (await categories.tree()).in_order()]


async def chain(categories: Categories, depth: int) -> list[Category]:
    made: list[Category] = []
    for level in range(depth):
        made.append(await categories.add(name=f"Level {level + 1}", parent_id=made[-1].id if made else None))
    return made


async def test_only_an_administrator_comes_here(ada: Browser, hana: Browser, otto: Browser) -> None:
    assert (await ada.get("/admin/categories")).status_code == 200
    for other in (hana, otto):
        assert (await other.get("/admin/categories")).status_code == 403
        assert (await other.post("/admin/categories", name="Mine")).status_code == 403


async def test_a_service_refuses_whoever_is_no_administrator(session: AsyncSession, hana: Browser) -> None:
    with pytest.raises(NotAllowed):
        await Categories(session, await hana.actor()).add(name="Mine")


async def test_a_category_is_added_changed_and_told_about(
    ada: Browser, session: AsyncSession, categories: Categories
) -> None:
    assert (await ada.post("/admin/categories", name=" IT ", icon="laptop")).status_code == 303
    it = (await session.execute(select(Category).filter_by(name="IT"))).scalar_one()
    assert (await ada.post(f"/admin/categories/{it.id}", name="Computers", icon="server")).status_code == 303
    await session.refresh(it)
    assert (it.name, it.icon, it.updated_by) == ("Computers", "server", ada.id)
    assert await told(session, it) == ["category_added", "category_renamed", "category_icon_changed"]
    assert (await ada.post(f"/admin/categories/{it.id}", name="Computers", icon="server")).status_code == 303
    assert len(await told(session, it)) == 3


async def test_a_category_moves_under_another_with_all_that_is_below_it(categories: Categories) -> None:
    top, middle, leaf = await chain(categories, 3)
    other = await categories.add(name="Other")
    await categories.move(middle, under=other.id)
    assert await names(categories) == ["Level 1", "Other", "Other / Level 2", "Other / Level 2 / Level 3"]
    await categories.move(middle, under=None)
    assert await names(categories) == ["Level 1", "Other", "Level 2", "Level 2 / Level 3"]
    assert await told(categories.session, middle) == ["category_added", "category_moved", "category_moved"]
    assert top.parent_id is None
    assert leaf.parent_id == middle.id


async def test_a_category_never_stands_below_itself(ada: Browser, categories: Categories) -> None:
    top, middle, leaf = await chain(categories, 3)
    for under in (top.id, middle.id, leaf.id):
        with pytest.raises(Refused, match="below itself"):
            await categories.move(top, under=under)
    answer = await ada.post(f"/admin/categories/{top.id}", name="Renamed", icon="folder", parent_id=str(leaf.id))
    assert answer.status_code == 422
    assert "A category cannot stand below itself." in answer.text
    assert await names(categories) == ["Level 1", "Level 1 / Level 2", "Level 1 / Level 2 / Level 3"]


async def test_categories_stand_at_most_five_deep(categories: Categories) -> None:
    made = await chain(categories, 5)
    with pytest.raises(Refused, match="five deep"):
        await categories.add(name="Level 6", parent_id=made[-1].id)
    branch = await categories.add(name="Branch")
    await categories.add(name="Twig", parent_id=branch.id)
    with pytest.raises(Refused, match="five deep"):
        await categories.move(branch, under=made[3].id)
    await categories.move(branch, under=made[2].id)
    places = [place.category for place in (await categories.tree()).places_for(branch)]
    assert made[3] not in places
    assert branch not in places


async def test_siblings_have_names_of_their_own(ada: Browser, categories: Categories) -> None:
    first = await categories.add(name="Purchase")
    await categories.add(name="purchase", parent_id=first.id)
    answer = await ada.post("/admin/categories", name="PURCHASE", icon="folder")
    assert answer.status_code == 422
    assert "There is a category of this name here already." in answer.text
    assert 'value="PURCHASE"' in answer.text


async def test_a_form_that_is_refused_changes_nothing_at_all(
    ada: Browser, session: AsyncSession, categories: Categories
) -> None:
    await categories.add(name="Taken")
    free = await categories.add(name="Free")
    answer = await ada.post(f"/admin/categories/{free.id}", name="Moved", icon="no-such-icon")
    assert answer.status_code == 422
    assert "Choose one of the icons." in answer.text
    await session.refresh(free)
    assert free.name == "Free"
    assert await told(session, free) == ["category_added"]


async def test_categories_are_put_in_order(ada: Browser, categories: Categories) -> None:
    one, two, three = [await categories.add(name=name) for name in ("One", "Two", "Three")]
    swapped = await ada.post(f"/admin/categories/{three.id}/order", direction="up", htmx=True)
    assert swapped.status_code == 200
    assert 'id="categories"' in swapped.text
    assert await names(categories) == ["One", "Three", "Two"]
    assert (await ada.post(f"/admin/categories/{one.id}/order", direction="up")).status_code == 303
    assert await names(categories) == ["One", "Three", "Two"]
    assert await told(categories.session, one) == ["category_added"]
    await ada.post(f"/admin/categories/{two.id}/order", direction="up")
    assert await names(categories) == ["One", "Two", "Three"]


async def test_an_archived_category_stays_and_is_offered_nowhere(ada: Browser, categories: Categories) -> None:
    top, below = await chain(categories, 2)
    with pytest.raises(NotPossible, match="below it first"):
        await categories.archive(top)
    assert (await ada.post(f"/admin/categories/{below.id}/archival")).status_code == 303
    assert (await ada.post(f"/admin/categories/{top.id}/archival")).status_code == 303
    with pytest.raises(NotPossible, match="above it first"):
        await categories.restore(below)
    with pytest.raises(Refused, match="in use"):
        await categories.add(name="New", parent_id=top.id)
    assert (await categories.tree()).places() == []
    assert (await ada.post(f"/admin/categories/{top.id}/restoration")).status_code == 303
    assert (await ada.post(f"/admin/categories/{below.id}/restoration")).status_code == 303
    assert (await ada.post(f"/admin/categories/{below.id}/restoration")).status_code == 409
    assert await told(categories.session, below) == ["category_added", "category_archived", "category_restored"]


async def test_where_it_is_used_is_counted_and_linked(
    ada: Browser, cast: Cast, session: AsyncSession, categories: Categories
) -> None:
    used = await categories.add(name="Used")
    for number in range(3):
        ticket = Ticket(
            ticket_no=f"TIC-{number + 1}", title="One", requester_id=cast["hana"].id, created_by=cast["hana"].id,
            updated_by=cast["hana"].id,
        )  # fmt: skip
        session.add(ticket)
        await session.flush()
        session.add(TicketCategory(ticket_id=ticket.id, category_id=used.id))
    await session.commit()
    for page in ("/admin/categories", f"/admin/categories/{used.id}"):
        text = (await ada.get(page)).text
        assert f'<a class="link" href="/tickets?category={used.id}" data-count="3">3 tickets</a>' in text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "採購 & réseau"])
async def test_a_name_is_shown_and_never_runs(name: str, ada: Browser, categories: Categories) -> None:
    category = await categories.add(name=name)
    for page in ("/admin/categories", f"/admin/categories/{category.id}"):
        text = (await ada.get(page)).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize("typed", ["", "   ", "x" * 121, "a\u202eb", "a\0b"])
async def test_a_name_that_cannot_be_one_is_refused_with_a_sentence(typed: str, ada: Browser) -> None:
    answer = await ada.post("/admin/categories", name=typed, icon="folder")
    assert answer.status_code == 422
    assert 'class="err"' in answer.text


async def test_an_id_that_does_not_exist_is_a_404(ada: Browser) -> None:
    for category_id in ("999999", "-1", "１", "99999999999999999999", "x"):
        assert (await ada.get(f"/admin/categories/{category_id}")).status_code == 404
        assert (await ada.post(f"/admin/categories/{category_id}/archival")).status_code == 404
    answer = await ada.post("/admin/categories", name="Lost", icon="folder", parent_id="999999")
    assert answer.status_code == 422


async def test_the_seeds_may_shape_the_tree_as_the_system(session: AsyncSession, cast: Any) -> None:
    assert (await Categories(session, SYSTEM).add(name="Seeded")).position == 0
