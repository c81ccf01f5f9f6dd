"""Rule 4: a manager two or three levels up, and every entry on the way there."""

from datetime import UTC, datetime, timedelta

import pytest

from app.approvals.core.context import Candidate, Person
from app.tickets.approving.people import Directory

HANA, DANIEL, INGRID, ADA = range(1, 5)
BEFORE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = BEFORE + timedelta(hours=1)


def office(*, hanas: tuple[int, datetime], daniels: tuple[int, datetime]) -> Directory:
    hana = Person(HANA, manager_id=DANIEL, manager_by=hanas[0], manager_at=hanas[1])
    daniel = Person(DANIEL, manager_id=INGRID, manager_by=daniels[0], manager_at=daniels[1])
    return Directory(people={HANA: hana, DANIEL: daniel, INGRID: Person(INGRID)})


@pytest.mark.parametrize(
    ("hanas", "daniels", "told"),
    [
        ((HANA, BEFORE), (ADA, LATER), (HANA, BEFORE)),
        ((ADA, LATER), (HANA, BEFORE), (HANA, BEFORE)),
        ((ADA, LATER), (INGRID, BEFORE), (INGRID, BEFORE)),
        ((ADA, BEFORE), (ADA, LATER), (ADA, LATER)),
    ],
)
def test_the_entry_that_may_keep_them_out_is_told(
    hanas: tuple[int, datetime], daniels: tuple[int, datetime], told: tuple[int, datetime]
) -> None:
    found = office(hanas=hanas, daniels=daniels).manager_of(HANA, 2, askers=(HANA,))
    assert found == Candidate(INGRID, made_by=told[0], made_at=told[1])


def test_a_chain_that_ends_before_leads_to_nobody() -> None:
    directory = office(hanas=(ADA, BEFORE), daniels=(ADA, BEFORE))
    assert directory.manager_of(HANA, 3) is None
    assert directory.manager_of(ADA) is None
