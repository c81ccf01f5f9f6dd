"""Draft, check, publish, versions: told with ticket templates, true of everything that has versions."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import AuditEntry
from app.errors import NotFound, NotPossible, Refused, Stale
from app.publishing.service import fingerprint
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.service import TicketTemplates
from tests.cast import Browser
from tests.ticket_templates.makers import a_purchase


@pytest.fixture
async def templates(session: AsyncSession, ada: Browser) -> TicketTemplates:
    return TicketTemplates(session, await ada.actor())


@pytest.fixture
async def purchase(templates: TicketTemplates) -> TicketTemplate:
    return await templates.create_and_publish(a_purchase())


async def told(session: AsyncSession, template: TicketTemplate) -> list[tuple[str, Any]]:
    query = (
        select(AuditEntry).filter_by(subject_type="ticket_templates", subject_id=template.id).order_by(AuditEntry.seq)
    )
    return [(row.event_type, row.event_details.get("version")) for row in (await session.execute(query)).scalars()]


async def test_a_draft_is_not_live_before_it_is_published(templates: TicketTemplates) -> None:
    template = await templates.create(a_purchase())
    assert await templates.life.published(template) is None
    version = await templates.publish(template)
    assert (version.number, version.status, version.published_by) == (1, "published", templates.actor.id)
    assert await templates.life.draft(template) is None


async def test_publishing_retires_the_version_before(templates: TicketTemplates, purchase: TicketTemplate) -> None:
    await templates.save(purchase, a_purchase(name="Purchase"))
    assert [(version.number, version.status) for version in await templates.life.versions(purchase)] == [
        (2, "published"),
        (1, "retired"),
    ]
    assert purchase.name == "Purchase"


async def test_a_version_is_named_by_the_hash_of_its_whole_definition(
    templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    live = await templates.life.published(purchase)
    assert live is not None
    assert live.sha256 == fingerprint(live.definition)
    assert live.sha256 != fingerprint(live.definition | {"name": "Another"})


async def test_each_publication_is_one_event_with_version_and_hash(
    session: AsyncSession, templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    await templates.save(purchase, a_purchase(name="Purchase"))
    assert await told(session, purchase) == [
        ("ticket_template_created", None),
        ("ticket_template_published", 1),
        ("ticket_template_published", 2),
    ]


async def test_saving_what_is_live_already_makes_no_new_version(
    session: AsyncSession, templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    live = await templates.life.published(purchase)
    assert live is not None
    assert (await templates.save(purchase, live.definition)).number == 1
    assert len(await told(session, purchase)) == 2


async def test_what_the_check_finds_is_neither_saved_nor_published(
    templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    with pytest.raises(Refused) as refused:
        await templates.save(purchase, a_purchase(prefix="x"))
    assert refused.value.errors.keys() == {"prefix"}
    assert len(await templates.life.versions(purchase)) == 1


async def test_a_draft_may_hold_what_the_check_refuses(templates: TicketTemplates, purchase: TicketTemplate) -> None:
    await templates.change_draft(purchase, a_purchase(prefix="x"))
    with pytest.raises(Refused):
        await templates.publish(purchase)
    assert purchase.prefix == "PUR"


async def test_there_is_one_draft_however_often_it_is_saved(
    templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    await templates.change_draft(purchase, a_purchase(name="One"))
    await templates.change_draft(purchase, a_purchase(name="Two"))
    assert [version.number for version in await templates.life.versions(purchase)] == [2, 1]


async def test_without_a_draft_there_is_nothing_to_publish(
    templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    with pytest.raises(NotPossible):
        await templates.publish(purchase)


async def test_somebody_elses_later_version_is_not_overwritten(
    templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    await templates.save(purchase, a_purchase(name="Theirs"), based_on=1)
    with pytest.raises(Stale) as stale:
        await templates.save(purchase, a_purchase(name="Mine"), based_on=1)
    assert "Version 2 was published while you were editing version 1" in stale.value.sentence
    assert purchase.name == "Theirs"


async def test_an_old_version_comes_back_as_the_draft_only(
    templates: TicketTemplates, purchase: TicketTemplate
) -> None:
    await templates.save(purchase, a_purchase(name="Purchase"))
    draft = await templates.restore(purchase, 1)
    assert (draft.number, draft.status, draft.definition["name"]) == (3, "draft", "Purchase request")
    assert purchase.name == "Purchase"


async def test_a_version_that_never_was_cannot_come_back(templates: TicketTemplates, purchase: TicketTemplate) -> None:
    with pytest.raises(NotFound):
        await templates.restore(purchase, 7)


async def test_archived_once_is_archived(templates: TicketTemplates, purchase: TicketTemplate) -> None:
    await templates.archive(purchase)
    with pytest.raises(NotPossible):
        await templates.archive(purchase)
    with pytest.raises(NotPossible):
        await templates.save(purchase, a_purchase(name="Late"))
    await templates.unarchive(purchase)
    with pytest.raises(NotPossible):
        await templates.unarchive(purchase)
