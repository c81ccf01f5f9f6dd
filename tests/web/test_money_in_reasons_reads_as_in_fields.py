"""A reason is recorded plainly and once; its amounts read as this reader's fields show them."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import Actor, acting_as
from app.web.formats import amounts
from tests.cast import Browser, Company
from tests.page import unescape
from tests.story import CAMERAS, ask, decide


@pytest.mark.parametrize(
    ("recorded", "english", "chinese"),
    [
        ("Amount (1,200.00 USD) is less than 5,000.00 USD", "Amount ($1,200.00) is less than $5,000.00",
         "Amount (US$1,200.00) is less than US$5,000.00"),
        ("Amount (-3.00 EUR) is empty", "Amount (-€3.00) is empty", "Amount (-€3.00) is empty"),
        ("Amount (500 JPY) is 500 JPY", "Amount (¥500) is ¥500", "Amount (¥500) is ¥500"),
        ("Amount (0.005 EUR) is more than 0.001 EUR", "Amount (€0.005) is more than €0.001",
         "Amount (€0.005) is more than €0.001"),
        ("Title (“Pay 5.00 EUR”) starts with “Pay”", "Title (“Pay 5.00 EUR”) starts with “Pay”",
         "Title (“Pay 5.00 EUR”) starts with “Pay”"),
        ("Top 10 SAP systems (12) is more than 5", "Top 10 SAP systems (12) is more than 5",
         "Top 10 SAP systems (12) is more than 5"),
    ],
)  # fmt: skip
def test_amounts_are_written_as_their_reader_writes_them(recorded: str, english: str, chinese: str) -> None:
    for locale, shown in (("en", english), ("zh_Hant", chinese)):
        with acting_as(Actor(id=1, name="Reader", locale=locale)):
            assert amounts(recorded) == shown


async def test_the_record_of_a_skipped_step_keeps_its_words(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    small = await ask(session, hana, {**CAMERAS, "amount": {"amount": "77.00", "currency": "EUR"}})
    await decide(session, daniel, small.ticket_no)
    found = select(TicketNote.event_details["why"].astext).filter_by(ticket_id=small.id)
    kept = (await session.execute(found.where(TicketNote.event_type == "approval_step_skipped"))).scalars().all()
    assert "Amount (77.00 EUR) is less than 5,000.00 EUR" in kept
    for reader in (hana, otto):
        page = unescape((await reader.get(f"/tickets/{small.ticket_no}")).text)
        assert "was skipped: Amount (€77.00) is less than €5,000.00" in page.replace("</b>", "")
        assert "77.00 EUR" not in page
