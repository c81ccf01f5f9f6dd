"""Approvals waiting: a step belongs to its flow, though another flow has one of the same key."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.dashboards.test_every_number_is_a_link import numbers_of, rows_behind
from tests.story import ask, republish_flow

NDA: dict[str, Any] = {"counterparty": "Corvane", "kind": "nda"}


async def test_each_is_counted_by_itself_and_opens_what_it_counts(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    def alike(definition: dict[str, Any]) -> None:
        definition["stages"][0]["steps"][0] |= {"key": "line_manager", "name": "Line manager"}

    await republish_flow(session, "contract", alike)
    for number in range(2):
        await ask(session, hana, title=f"Cameras {number}")
    await ask(session, hana, NDA, form="contract-review", title="A contract")
    board = (await ada.get("/dashboards/operations")).text
    steps = {url: number for url, number in numbers_of(board) if "step=line_manager" in url and "waited" not in url}
    assert sorted(steps.values()) == [1, 2]
    for url, number in steps.items():
        assert await rows_behind(ada, url) == number
    assert "Capital purchase" in board
