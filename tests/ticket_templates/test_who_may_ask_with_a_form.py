"""A form is there for whom it is meant; for everybody else it does not exist."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.ticket_templates.gallery import gallery
from app.ticket_templates.service import TicketTemplates
from tests.cast import Browser, Cast
from tests.ticket_templates.makers import AMOUNT, a_purchase


@pytest.fixture
async def ada_s(session: AsyncSession, ada: Browser) -> TicketTemplates:
    return TicketTemplates(session, await ada.actor())


async def for_(session: AsyncSession, person: Browser) -> TicketTemplates:
    return TicketTemplates(session, await person.actor())


async def test_everybody_may_ask_with_a_form_that_is_for_everybody(
    session: AsyncSession, ada_s: TicketTemplates, otto: Browser
) -> None:
    await ada_s.create_and_publish(a_purchase())
    otto_s = await for_(session, otto)
    assert [each.key for each in await otto_s.offered()] == ["purchase-request"]
    assert (await otto_s.form("purchase-request")).definition.name == "Purchase request"


async def test_a_form_for_a_role_does_not_exist_for_others(
    session: AsyncSession, ada_s: TicketTemplates, cast: Cast, maya: Browser, otto: Browser
) -> None:
    actor = await maya.actor()
    await ada_s.create_and_publish(a_purchase(usable_by=sorted(actor.role_ids)))
    assert [each.key for each in await (await for_(session, maya)).offered()] == ["purchase-request"]
    otto_s = await for_(session, otto)
    assert await otto_s.offered() == []
    with pytest.raises(NotFound):
        await otto_s.form("purchase-request")


async def test_a_draft_or_an_archived_form_is_offered_to_nobody(session: AsyncSession, ada_s: TicketTemplates) -> None:
    template = await ada_s.create(a_purchase())
    assert await ada_s.offered() == []
    await ada_s.publish(template)
    await ada_s.archive(template)
    assert await ada_s.offered() == []
    with pytest.raises(NotPossible):
        await ada_s.published_form("purchase-request")


async def test_only_administrators_shape_forms(session: AsyncSession, ada_s: TicketTemplates, daniel: Browser) -> None:
    template = await ada_s.create_and_publish(a_purchase())
    daniel_s = await for_(session, daniel)
    with pytest.raises(NotFound):
        await daniel_s.find("purchase-request")
    with pytest.raises(NotAllowed):
        await daniel_s.save(template, a_purchase(name="Mine"))
    with pytest.raises(NotAllowed):
        await daniel_s.archive(template)
    with pytest.raises(NotAllowed):
        await daniel_s.create(a_purchase(key="another"))


async def test_a_key_is_taken_once_and_never_changes(ada_s: TicketTemplates) -> None:
    template = await ada_s.create_and_publish(a_purchase())
    with pytest.raises(Refused) as refused:
        await ada_s.create_and_publish(a_purchase())
    assert refused.value.errors.keys() == {"key"}
    with pytest.raises(Refused):
        await ada_s.save(template, a_purchase(key="purchase"))


async def test_an_answer_that_names_nobody_is_refused(ada_s: TicketTemplates, cast: Cast) -> None:
    fields = [{"key": "boss", "label": "Boss", "type": "user"}, {"key": "team", "label": "Team", "type": "role"}]
    await ada_s.create_and_publish(a_purchase(fields=fields))
    form = (await ada_s.form("purchase-request")).definition
    assert await ada_s.check_references(form, {"boss": cast["daniel"].id}) == {}
    wrong = await ada_s.check_references(form, {"boss": 1, "team": 987_654})
    assert wrong.keys() == {"fields.boss", "fields.team"}


async def test_a_flow_that_is_not_published_keeps_the_form_from_going_live(ada_s: TicketTemplates) -> None:
    with pytest.raises(Refused) as refused:
        await ada_s.create_and_publish(a_purchase(approval_template="never-published"))
    assert refused.value.errors.keys() == {"approval_template"}


async def test_the_gallery_puts_what_one_uses_most_in_front(ada_s: TicketTemplates) -> None:
    for key, name in (("access", "Access"), ("travel", "Travel"), ("purchase", "Purchase")):
        await ada_s.create_and_publish(a_purchase(key=key, name=name, fields=[AMOUNT]))
    offered = await ada_s.offered()
    used = {each.id: 3 for each in offered if each.key == "travel"}
    shown = gallery(offered, categories=[(1, "IT", "server")], used=used, other="Other")
    assert [each.key for each in shown.popular] == ["travel"]
    assert [[each.key for each in shelf.templates] for shelf in shown.shelves] == [["travel", "access", "purchase"]]
    assert gallery(offered, categories=[], used={}, words="purchase goods").shelves[0].templates[0].key == "purchase"
    assert gallery(offered, categories=[], used={}, words="holiday").is_empty
