"""The admin pages: plain forms that draft and publish in one go, and say what they do to running approvals."""

import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.definition_json import flow_from_json, flow_to_json
from app.approvals.forms import ApprovalTemplateForm
from app.approvals.models import ApprovalTemplate, ApprovalTemplateVersion
from app.approvals.service import ApprovalTemplates
from app.flow_forms import forms_of_flow
from tests.approvals.makers import AMOUNT, typed
from tests.cast import Browser, Company
from tests.clicking import clicked
from tests.story import ask

LIST = "/admin/approval-templates"
ONE = f"{LIST}/capital-purchase"
TRAVEL = f"{LIST}/travel"


async def live(session: AsyncSession, ada: Browser, key: str) -> ApprovalTemplateVersion:
    templates = ApprovalTemplates(session, await ada.actor(), forms_of_flow)
    version = await templates.life.published(await templates.find(key))
    assert version is not None
    return version


async def saved_as(session: AsyncSession, key: str) -> dict[str, Any]:
    """What the page of this template would send if nothing were changed."""
    query = select(ApprovalTemplateVersion).join(
        ApprovalTemplate, ApprovalTemplate.id == ApprovalTemplateVersion.template_id
    )
    version = (await session.execute(query.where(ApprovalTemplate.key == key))).scalars().one()
    plain = flow_to_json(flow_from_json(version.definition))
    return dict(ApprovalTemplateForm.showing(plain, based_on=version.number).typed.values)


async def test_the_list_tells_versions_steps_uses_and_what_runs(
    ada: Browser, hana: Browser, session: AsyncSession, company: Company
) -> None:
    ticket = await ask(session, hana)
    assert ticket.status == "waiting_approval"
    text = unescape((await ada.get(LIST)).text)
    row = text[text.index('data-key="capital-purchase"') :]
    row = row[: row.index("</tr>")]
    for said in (
        "Capital purchase",
        "Line manager",
        "Finance review",
        "v1",
        "/admin/ticket-templates/purchase-request",
    ):
        assert said in row
    assert 'href="/tickets?approval_template=capital-purchase" data-count="1"' in row
    assert "Legal and Finance + Finance" in text


async def test_the_list_is_searched_and_empty_lists_say_what_to_do(ada: Browser) -> None:
    assert "No approval template yet" in (await ada.get(LIST)).text
    assert "No approval template matches “travel”" in (await ada.get(LIST, q="travel")).text
    assert "Nothing is archived" in (await ada.get(LIST, show="archived")).text
    assert (await ada.get(LIST, q="100%_\x00", cursor="nonsense")).status_code == 200


async def test_a_new_template_is_published_at_once(ada: Browser, session: AsyncSession, company: Company) -> None:
    assert (await ada.get(f"{LIST}/new")).status_code == 200
    answer = await ada.submit(LIST, typed(company.cast, key="big-purchase"))
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    definition = (await live(session, ada, "big-purchase")).definition
    manager, finance = (stage["steps"][0] for stage in definition["stages"])
    assert manager["approvers"] == [{"source": "manager", "level": 1}]
    assert manager["fallback"] == [{"source": "user", "user_id": company.cast["ingrid"].id}]
    assert (finance["mode"], finance["threshold"], finance["reject"]) == ("count", 2, "threshold")
    assert finance["on_reject"] == {"back_to": "manager"}
    assert finance["deadline"] == {"business_hours": 16, "remind": [8, 2], "then": "remind", "to": []}
    assert finance["checks"][0]["label"] == "Budgeted"
    assert finance["condition"] == json.loads(AMOUNT)
    assert (manager["comment_on_reject"], finance["comment_on_reject"]) == (True, False)


@pytest.mark.parametrize("key", ["new", "rows", "Big", "capital-purchase", ""])
async def test_keys_that_are_taken_or_odd_are_refused_at_their_field(ada: Browser, company: Company, key: str) -> None:
    answer = await ada.submit(LIST, typed(company.cast, key=key))
    assert answer.status_code == 422
    assert 'id="f-key-error"' in answer.text


@pytest.mark.parametrize("key", ["capital-purchase", "access", "travel", "contract", "change"])
async def test_opening_and_saving_changes_nothing(
    ada: Browser, session: AsyncSession, company: Company, key: str
) -> None:
    before = flow_to_json(flow_from_json((await live(session, ada, key)).definition))
    answer = await ada.submit(f"{LIST}/{key}/publication", await saved_as(session, key))
    assert answer.status_code == 303
    session.expire_all()
    assert (await live(session, ada, key)).definition == before


async def test_saving_publishes_the_next_version_and_tells_it_in_words(
    ada: Browser, session: AsyncSession, company: Company
) -> None:
    form = await saved_as(session, "capital-purchase")
    form |= {"steps.1.threshold": "1", "steps.3.name": "Chief financial officer", "steps.0.hours": "8",
             "steps.1.reject": "veto"}  # fmt: skip
    form["row"] = ["stage", "0", "stage", "2", "1", "stage", "3"]
    assert (await ada.submit(f"{ONE}/publication", form)).status_code == 303
    versions = unescape((await ada.get(f"{ONE}/versions")).text)
    for said in (
        "Step “Finance review”, how many: “2” became “1”", "Step “Chief financial officer”, Name: “CFO” became",
        "a rejection: “Only when approval is out of reach” became “One rejection rejects”",
        "Step “Chief financial officer”, stage: “4” became “3”", "24 working hours, then a reminder became 8",
    ):  # fmt: skip
        assert said in versions, said


async def test_saving_says_how_many_approvals_stay_on_the_old_version(
    ada: Browser, hana: Browser, session: AsyncSession, company: Company
) -> None:
    ticket = await ask(session, hana)
    assert "1 running approval stays on the version it has" in (await ada.get(ONE)).text
    form = await saved_as(session, "capital-purchase") | {"name": "Capital purchases"}
    answer = await ada.submit(f"{ONE}/publication", form)
    assert "1%20running%20approval%20stays" in answer.headers["set-cookie"]
    assert (await live(session, ada, "capital-purchase")).number == 2
    assert "1 running approval" in (await ada.get(f"{ONE}/versions")).text
    assert ticket.status == "waiting_approval"


async def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(ada: Browser, company: Company) -> None:
    wrong = typed(
        company.cast, key="big-purchase", name="", **{"steps.1.condition.1.value": "many", "steps.1.remind": "x"}
    )
    answer = await ada.submit(LIST, wrong)
    assert answer.status_code == 422
    for said in ("Fill this in.", "A number like 1250 or 1,250.50.", 'value="many"', "Whole numbers, like 4 or 8, 2."):
        assert said in answer.text
    wrong = typed(
        company.cast, key="big-purchase",
        **{"steps.1.key": "manager", "steps.1.on_reject": "back:nowhere", "steps.0.fallback.0.value": "999999"},
    )  # fmt: skip
    answer = await ada.submit(LIST, wrong)
    for name in ("steps.1.key", "steps.1.on_reject", "steps.0.fallback.0.value"):
        assert f'href="#f-{name}"' in answer.text
        assert f'id="f-{name}-error"' in answer.text
    assert "Line manager: Fallback: This line names a person who is not active." in answer.text
    assert "It goes back to “nowhere”" in unescape(answer.text)


async def test_the_list_of_errors_names_step_and_field_and_leads_to_it(ada: Browser, company: Company) -> None:
    form = {"key": "x", "name": "X", "max_rounds": "3", "row": ["stage", "0", "1"], "steps.0.key": "review",
            "steps.0.name": "Review", "steps.0.mode": "count", "steps.0.threshold": "many"}  # fmt: skip
    answer = await ada.submit("/admin/approval-templates", form)
    assert answer.status_code == 422
    summary = answer.text.partition("data-error-summary")[2].partition("</ul>")[0]
    said = dict(re.findall(r'href="#(f-[^"]*)">([^<]*)<', summary))
    assert said["f-steps.0.threshold"].startswith("Review: How many, or percent: ")
    assert said["f-steps.1.name"] == "Step 2: Name: Fill this in."
    assert said["f-steps.1.key"] == "Step 2: Key: Fill this in."
    for place in said:
        assert f'id="{place}"' in answer.text


async def test_a_condition_is_held_against_every_form_that_uses_the_flow(
    ada: Browser, session: AsyncSession, company: Company
) -> None:
    form = await saved_as(session, "capital-purchase")
    form |= clicked("steps.1.condition", AMOUNT.replace('amount", "op', 'amuont", "op'))
    answer = await ada.submit(f"{ONE}/publication", form)
    assert answer.status_code == 422
    assert 'id="f-steps.1.condition-error"' in answer.text
    assert "On the form Purchase request: $" in answer.text


async def test_a_condition_is_read_out_below_its_rows(ada: Browser, company: Company) -> None:
    assert "Amount is at least €5,000.00" in (await ada.get(ONE)).text


async def test_warnings_are_shown_and_hold_nothing_back(ada: Browser, session: AsyncSession, company: Company) -> None:
    page = unescape((await ada.get(ONE)).text)
    assert "The check found something" in page
    assert "Finance review: There is no fallback" in page
    form = await saved_as(session, "capital-purchase") | {"name": "Other"}
    assert (await ada.submit(f"{ONE}/publication", form)).status_code == 303


async def test_a_field_that_no_form_has_cannot_name_an_approver(
    ada: Browser, session: AsyncSession, company: Company
) -> None:
    form = await saved_as(session, "travel")
    form |= {"steps.0.approvers.0.source": ["field"], "steps.0.approvers.0.value": ["boss"]}
    answer = await ada.submit(f"{TRAVEL}/publication", form)
    assert answer.status_code == 422
    assert "There is no field boss." in answer.text


async def test_lines_without_a_control_are_kept_and_told(ada: Browser, session: AsyncSession, company: Company) -> None:
    legal = company.cast.roles["Legal"].id
    rules = {
        "source": "rules",
        "rules": [{"condition": json.loads(AMOUNT), "approvers": [{"source": "manager", "level": 2}]}],
    }
    rules["otherwise"] = [{"source": "role", "role_id": legal, "members": "any"}]
    form = await saved_as(session, "capital-purchase")
    form |= {
        "steps.2.approvers.row": ["0", "5"], "steps.2.approvers.5.source": ["rules"],
        "steps.2.approvers.5.kept": [json.dumps(rules)],
    }  # fmt: skip
    assert (await ada.submit(f"{ONE}/publication", form)).status_code == 303
    session.expire_all()
    step = (await live(session, ada, "capital-purchase")).definition["stages"][2]["steps"][0]
    assert step["approvers"][1] == rules
    assert "whom a list of rules names" in (await ada.get(ONE)).text


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[",
        "[]",
        '{"source": "rules"}',
        '{"source": "user", "user_id": 1}',
        '{"source": "rules", "rules": [], "otherwise": [{"source": "user", "user_id": [1]}]}',
    ],
)
async def test_a_line_that_cannot_be_read_is_refused(
    ada: Browser, session: AsyncSession, company: Company, kept: str
) -> None:
    form = await saved_as(session, "travel")
    form |= {"steps.0.approvers.0.source": ["rules"], "steps.0.approvers.0.kept": [kept]}
    assert (await ada.submit(f"{TRAVEL}/publication", form)).status_code == 422


def order(text: str) -> str:
    """`a | b c`: the keys of the steps, a bar between stages."""
    found = re.findall(r'name="row" value="(stage)"|\.key" value="([^"]*)"', text)
    return " ".join("|" if stage else key or "?" for stage, key in found)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("add.stage", "| manager | finance | ?"),
        ("add.step.0", "| manager ? | finance"),
        ("up.stage.1", "| finance | manager"),
        ("down.stage.0", "| finance | manager"),
        ("remove.stage.0", "| finance"),
        ("up.step.1", "| manager finance"),
        ("down.step.0", "| manager finance"),
        ("remove.step.0", "| finance"),
        ("up.step.0", "| manager | finance"),
        ("down.step.9", "| manager | finance"),
        ("up.stage.x", "| manager | finance"),
        ("", "| manager | finance"),
        ("add.step.7", "| manager | finance"),
        ("remove.nothing.0.0", "| manager | finance"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
async def test_stages_and_steps_are_rearranged_on_the_screen(
    ada: Browser, company: Company, act: str, expected: str, htmx: bool
) -> None:
    answer = await ada.submit(f"{LIST}/rows", typed(company.cast, act=act), htmx=htmx)
    assert answer.status_code == 200
    assert order(answer.text) == expected
    assert ("<html" in answer.text) is not htmx


@pytest.mark.parametrize(
    ("act", "sources"),
    [
        ("add.approvers.0.role", ["manager", "role"]),
        ("add.approvers.0.user", ["manager", "user"]),
        ("add.approvers.0.previous_manager", ["manager", "previous_manager"]),
        ("add.approvers.0.matrix", ["manager", "matrix"]),
        ("remove.approvers.0.0", []),
        ("remove.approvers.0.7", ["manager"]),
    ],
)
async def test_lines_are_added_and_removed_on_the_screen(
    ada: Browser, company: Company, act: str, sources: list[str]
) -> None:
    answer = await ada.submit(f"{LIST}/rows", typed(company.cast, act=act), htmx=True)
    assert re.findall(r'name="steps\.0\.approvers\.\d+\.source" value="(\w+)"', answer.text) == sources


async def test_checks_are_added_and_removed_on_the_screen(ada: Browser, company: Company) -> None:
    answer = await ada.submit(f"{LIST}/rows", typed(company.cast, act="add.checks.1.check"), htmx=True)
    assert answer.text.count('name="steps.1.checks.row"') == 2
    answer = await ada.submit(f"{LIST}/rows", typed(company.cast, act="remove.checks.1.0"), htmx=True)
    assert 'name="steps.1.checks.row"' not in answer.text


async def test_who_edits_an_old_version_is_told(ada: Browser, session: AsyncSession, company: Company) -> None:
    form = await saved_as(session, "travel")
    await ada.submit(f"{TRAVEL}/publication", form | {"name": "First"})
    answer = await ada.submit(f"{TRAVEL}/publication", form | {"name": "Mine"})
    assert answer.status_code == 422
    assert "Version 2 was published while you were editing version 1" in answer.text
    assert 'value="Mine"' in answer.text


async def test_an_old_version_can_be_brought_back_as_a_draft(
    ada: Browser, session: AsyncSession, company: Company
) -> None:
    await ada.submit(f"{TRAVEL}/publication", await saved_as(session, "travel") | {"name": "Journeys"})
    assert (await ada.post(f"{TRAVEL}/versions/1/draft")).headers["location"] == TRAVEL
    assert "v3 draft" in (await ada.get(TRAVEL)).text
    for number in ("9", "x", "１", "999999999999"):
        assert (await ada.post(f"{TRAVEL}/versions/{number}/draft")).status_code == 404


async def test_an_archived_template_takes_no_submission_until_it_is_brought_back(
    ada: Browser, company: Company
) -> None:
    await ada.post(f"{TRAVEL}/archival")
    assert 'data-key="travel"' not in (await ada.get(LIST)).text
    assert 'data-key="travel"' in (await ada.get(LIST, show="archived")).text
    page = (await ada.get(TRAVEL)).text
    assert "This approval template is archived" in page
    assert "Save and publish" not in page
    assert (await ada.post(f"{TRAVEL}/archival")).status_code == 409
    await ada.post(f"{TRAVEL}/restoration")
    assert 'data-key="travel"' in (await ada.get(LIST)).text


async def test_a_template_that_is_not_there_is_a_404(ada: Browser) -> None:
    for path in ("nothing", "Nothing", "nothing/versions", "%00", "nothing/simulation"):
        assert (await ada.get(f"{LIST}/{path}")).status_code == 404
    assert (await ada.post(f"{LIST}/nothing/archival")).status_code == 404


async def test_nobody_but_administrators_gets_in(daniel: Browser, otto: Browser, company: Company) -> None:
    nouns = ("publication", "archival", "restoration", "simulation", "versions/1/draft")
    for person in (daniel, otto):
        for url in (LIST, f"{LIST}/new", ONE, f"{ONE}/versions", f"{ONE}/simulation"):
            assert (await person.get(url)).status_code == 403
        for url in (LIST, f"{LIST}/rows", *(f"{ONE}/{noun}" for noun in nouns)):
            assert (await person.submit(url, typed(company.cast))).status_code == 403
