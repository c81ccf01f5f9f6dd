"""Administrators keep the labels: names, colours that can be read on, order (product.md, sections 2 and 8)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import AuditEntry
from app.catalogue.labels import Labels
from app.catalogue.models import Label, contrast_with_black, contrast_with_white
from app.errors import NotAllowed, Refused
from tests.cast import Browser


@pytest.fixture
async def labels(session: AsyncSession, ada: Browser) -> Labels:
    return Labels(session, await ada.actor())


async def told(session: AsyncSession, label: Label) -> list[str]:
    query = select(AuditEntry).filter_by(subject_type="labels", subject_id=label.id).order_by(AuditEntry.seq)
    return [entry.event_type for entry in (await session.execute(query)).scalars()]


async def test_only_an_administrator_comes_here(ada: Browser, hana: Browser, otto: Browser) -> None:
    assert (await ada.get("/admin/labels")).status_code == 200
    for other in (hana, otto):
        assert (await other.get("/admin/labels")).status_code == 403
        assert (await other.post("/admin/labels", name="mine", color="#000000")).status_code == 403


async def test_a_service_refuses_whoever_is_no_administrator(session: AsyncSession, otto: Browser) -> None:
    with pytest.raises(NotAllowed):
        await Labels(session, await otto.actor()).add(name="mine", color="#000000")


async def test_a_label_is_added_changed_and_told_about(ada: Browser, session: AsyncSession) -> None:
    assert (await ada.post("/admin/labels", name="capex", color="#3156C4")).status_code == 303
    label = (await session.execute(select(Label).filter_by(name="capex"))).scalar_one()
    assert label.color == "#3156c4"
    assert (await ada.post(f"/admin/labels/{label.id}", name="investment", color="#ffcc00")).status_code == 303
    await session.refresh(label)
    assert (label.name, label.color, label.ink) == ("investment", "#ffcc00", "dark")
    assert await told(session, label) == ["label_added", "label_renamed", "label_recoloured"]


@given(st.integers(0, 0xFFFFFF))
@settings(max_examples=300, deadline=None)
def test_text_can_be_read_on_every_colour(number: int) -> None:
    label = Label(name="any", color=f"#{number:06x}")
    contrast = contrast_with_white(label.color) if label.ink == "light" else contrast_with_black(label.color)
    assert contrast >= 4.5


@pytest.mark.parametrize("color", ["red", "#12345", "#1234567", "#12345g", "url(x)", '#"><b>', ""])
async def test_what_is_no_colour_is_refused(color: str, ada: Browser, labels: Labels) -> None:
    answer = await ada.post("/admin/labels", name="odd", color=color)
    assert answer.status_code == 422
    with pytest.raises(Refused):
        await labels.add(name="odd", color=color)


async def test_names_are_unique_whatever_their_case_and_a_refusal_changes_nothing(
    ada: Browser, labels: Labels, session: AsyncSession
) -> None:
    await labels.add(name="urgent", color="#aa0000")
    other = await labels.add(name="other", color="#00aa00")
    answer = await ada.post(f"/admin/labels/{other.id}", name="URGENT", color="#0000aa")
    assert answer.status_code == 422
    assert "There is a label of this name already." in answer.text
    await session.refresh(other)
    assert (other.name, other.color) == ("other", "#00aa00")


async def test_labels_are_put_in_order(ada: Browser, labels: Labels) -> None:
    one, two = await labels.add(name="one", color="#000000"), await labels.add(name="two", color="#000000")
    answer = await ada.post(f"/admin/labels/{two.id}/order", direction="up", htmx=True)
    assert answer.status_code == 200
    assert [label.name for label in await labels.all()] == ["two", "one"]
    await ada.post(f"/admin/labels/{one.id}/order", direction="down")
    assert [label.name for label in await labels.all()] == ["two", "one"]


async def test_an_archived_label_can_be_restored(ada: Browser, labels: Labels, session: AsyncSession) -> None:
    label = await labels.add(name="old", color="#777777")
    assert (await ada.post(f"/admin/labels/{label.id}/archival")).status_code == 303
    assert "Archived" in (await ada.get("/admin/labels")).text
    assert (await ada.post(f"/admin/labels/{label.id}/archival")).status_code == 409
    assert (await ada.post(f"/admin/labels/{label.id}/restoration")).status_code == 303
    assert await told(session, label) == ["label_added", "label_archived", "label_restored"]


async def test_a_name_is_shown_and_never_runs(ada: Browser, labels: Labels) -> None:
    label = await labels.add(name='"><script>alert(1)</script>', color="#777777")
    for page in ("/admin/labels", f"/admin/labels/{label.id}"):
        assert "<script>alert" not in (await ada.get(page)).text
