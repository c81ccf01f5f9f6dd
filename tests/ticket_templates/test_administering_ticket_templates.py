"""The admin pages: plain forms that draft and publish in one go, and say what it does to running tickets."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.ticket_templates.service import TicketTemplates
from tests.cast import Browser, Company
from tests.clicking import clicked
from tests.ticket_templates.makers import a_purchase

LIST = "/admin/ticket-templates"
ONE = f"{LIST}/purchase-request"


@pytest.fixture
async def purchase(session: AsyncSession, ada: Browser) -> None:
    await TicketTemplates(session, await ada.actor()).create_and_publish(a_purchase())
    await session.commit()


OVER_FIVE = {"v": 1, "field": "amount", "op": "gt", "value": {"amount": "5", "currency": "EUR"}}


def typed(**more: Any) -> dict[str, Any]:
    return {
        "name": "Purchase request", "prefix": "PUR", "row": ["0", "1"], "fields.0.key": "amount",
        "fields.0.label": "Amount", "fields.0.type": "money", "fields.0.currencies": "eur, USD",
        "fields.0.required": "true",
        "fields.1.key": "kind", "fields.1.label": "Kind", "fields.1.type": "choice",
        "fields.1.options": "goods: Goods\n# old: Old things", "fields.1.default": "goods",
        **clicked("fields.1.visible_when", OVER_FIVE),
    } | more  # fmt: skip


async def test_the_list_shows_what_is_in_use_and_what_is_archived(ada: Browser, purchase: None) -> None:
    assert "Purchase request" in (await ada.get(LIST)).text
    await ada.post(f"{ONE}/archival")
    assert "No ticket template yet" in (await ada.get(LIST)).text
    assert "Purchase request" in (await ada.get(LIST, show="archived")).text
    await ada.post(f"{ONE}/restoration")
    assert "Purchase request" in (await ada.get(LIST)).text


async def test_the_list_names_each_approval_as_people_do(ada: Browser, company: Company) -> None:
    row = '<a class="link" href="/admin/approval-templates/capital-purchase">Capital purchase</a>'
    assert row in (await ada.get(LIST)).text


async def test_the_list_is_searched_by_name_key_and_prefix(ada: Browser, purchase: None) -> None:
    for words in ("purchase", "REQUEST", "pur"):
        assert ">Purchase request<" in (await ada.get(LIST, q=words)).text
    assert "No ticket template matches “travel”" in (await ada.get(LIST, q="travel")).text
    assert (await ada.get(LIST, q="100%_\x00", cursor="nonsense")).status_code == 200


async def test_a_new_template_is_published_at_once(ada: Browser, session: AsyncSession) -> None:
    assert (await ada.get(f"{LIST}/new")).status_code == 200
    answer = await ada.submit(LIST, typed(key="purchase-request"))
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    form = (await TicketTemplates(session, await ada.actor()).form("purchase-request")).definition
    assert [field.key for field in form.fields] == ["amount", "kind"]
    assert form.fields[0].currencies == ("EUR", "USD")
    assert [(option.key, option.archived) for option in form.fields[1].options] == [("goods", False), ("old", True)]
    assert form.fields[1].visible_when is not None


async def test_a_form_may_ask_for_files(ada: Browser, session: AsyncSession, company: Company) -> None:
    legal = company.cast.roles["Legal"].id
    offer = {
        "row": ["0", "1", "2"], "fields.2.key": "offers", "fields.2.label": "Offers", "fields.2.type": "attachment",
        "fields.2.help": "Three, if it is dear.", "fields.2.required": "true", "fields.2.min": "1", "fields.2.max": "3",
        "fields.2.readable_by": [str(legal)], "fields.2.editing": "false",
        **clicked("fields.2.visible_when", OVER_FIVE),
    }  # fmt: skip
    form = {**typed(key="offers"), **offer, "prefix": "OFR"}
    wrong = await ada.submit(LIST, {**form, "fields.2.default": "a.pdf"})
    assert (wrong.status_code, "Fields of this type have no default." in wrong.text) == (422, True)
    assert (await ada.submit(LIST, form)).status_code == 303
    field = (await TicketTemplates(session, await ada.actor()).form("offers")).definition.fields[2]
    assert (field.type, field.required, field.min, field.max, field.readable_by) == ("attachment", True, 1, 3, (legal,))
    assert '<option value="attachment" selected>Files</option>' in (await ada.get(f"{LIST}/offers")).text


async def test_saving_publishes_the_next_version(ada: Browser, purchase: None) -> None:
    answer = await ada.submit(f"{ONE}/publication", typed(based_on="1"))
    assert answer.status_code == 303
    versions = (await ada.get(f"{ONE}/versions")).text
    assert "Version 2" in versions
    assert "Field “Kind” was added" in versions


async def test_opening_and_saving_changes_nothing(ada: Browser, session: AsyncSession) -> None:
    await ada.submit(LIST, typed(key="purchase-request"))
    templates = TicketTemplates(session, await ada.actor())
    template = await templates.find("purchase-request")
    before = await templates.life.published(template)
    assert before is not None
    again = typed(based_on="1", **{"fields.1.options": "goods: Goods\n# old: Old things"})
    assert (await ada.submit(f"{ONE}/publication", again)).status_code == 303
    assert [version.number for version in await templates.life.versions(template)] == [1]


async def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(ada: Browser, purchase: None) -> None:
    wrong = typed(name="", prefix="x", **{"fields.1.key": "amount", "fields.1.visible_when.1.value": "many"})
    answer = await ada.submit(f"{ONE}/publication", wrong)
    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert "A number like 1250 or 1,250.50." in answer.text
    assert 'value="many"' in answer.text
    answer = await ada.submit(f"{ONE}/publication", typed(prefix="x", **{"fields.1.key": "amount"}))
    assert "Another field has the key “amount”." in answer.text
    assert 'href="#f-fields.1.key"' in answer.text


async def test_a_condition_is_read_out_below_its_rows(ada: Browser) -> None:
    await ada.submit(LIST, typed(key="purchase-request"))
    assert "Amount is more than €5.00" in (await ada.get(ONE)).text


async def test_what_is_wrong_with_a_condition_is_said_with_its_path(ada: Browser, purchase: None) -> None:
    wrong = typed(**clicked("fields.1.visible_when", {"v": 1, "all": [{"field": "amuont", "op": "empty"}]}))
    answer = await ada.submit(f"{ONE}/publication", wrong)
    assert answer.status_code == 422
    assert "$.all[0]" in answer.text


@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("up.1", ["kind", "amount"]),
        ("down.0", ["kind", "amount"]),
        ("remove.0", ["kind"]),
        ("add", ["amount", "kind", ""]),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
async def test_fields_are_moved_added_and_removed_on_the_screen(
    ada: Browser, purchase: None, act: str, order: list[str], htmx: bool
) -> None:
    form = typed(act=act, template="purchase-request", **{"fields.0.help": "kept as typed"})
    answer = await ada.submit(f"{LIST}/rows", form, htmx=htmx)
    assert answer.status_code == 200
    keys = [part.split('"')[0] for part in answer.text.split('.key" value="')[1:]]
    assert keys == order
    assert ("kept as typed" in answer.text) == ("amount" in order)


async def test_nonsense_about_rows_changes_nothing(ada: Browser, purchase: None) -> None:
    for act in ("up.99", "down.1", "remove.-1", "remove.x", "up.１", "", "drop.0"):
        assert (await ada.submit(f"{LIST}/rows", typed(act=act))).text.count('name="row"') == 2


async def test_who_edits_an_old_version_is_told(ada: Browser, purchase: None) -> None:
    await ada.submit(f"{ONE}/publication", typed(based_on="1"))
    answer = await ada.submit(f"{ONE}/publication", typed(based_on="1", name="Mine"))
    assert answer.status_code == 422
    assert "Version 2 was published while you were editing version 1" in answer.text
    assert 'value="Mine"' in answer.text


async def test_an_old_version_can_be_brought_back_as_a_draft(ada: Browser, purchase: None) -> None:
    await ada.submit(f"{ONE}/publication", typed(based_on="1"))
    assert (await ada.post(f"{ONE}/versions/1/draft")).headers["location"] == ONE
    assert "v3 draft" in (await ada.get(ONE)).text
    for number in ("9", "x", "１", "999999999999"):
        assert (await ada.post(f"{ONE}/versions/{number}/draft")).status_code == 404


async def test_a_template_that_is_not_there_is_a_404(ada: Browser) -> None:
    for path in ("nothing", "Nothing", "nothing/versions", "%00"):
        assert (await ada.get(f"{LIST}/{path}")).status_code == 404
    assert (await ada.post(f"{LIST}/nothing/archival")).status_code == 404


async def test_nobody_but_administrators_gets_in(daniel: Browser, otto: Browser, purchase: None) -> None:
    changing = [LIST, f"{LIST}/rows", *(f"{ONE}/{noun}" for noun in ("publication", "archival", "restoration"))]
    for person in (daniel, otto):
        for url in (LIST, f"{LIST}/new", ONE, f"{ONE}/versions"):
            assert (await person.get(url)).status_code == 403
        for url in (*changing, f"{ONE}/versions/1/draft"):
            assert (await person.submit(url, typed())).status_code == 403
