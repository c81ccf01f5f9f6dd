"""Who would be asked later, as it is kept with the process: whoever is not asked yet, and nobody who has answered."""

from app.approvals.core import commands as c
from app.approvals.core.context import Verdict
from app.tickets.approving.foreseen import foreseen
from tests.approvals.core.office import ADA, HANA, MAYA, OTTO, RUTH, TOMAS, Desk, Office, flow, step, user


def test_the_steps_of_later_stages_are_to_come() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS))], [step("c", user(OTTO))])).submit()
    assert [one["users"] for one in foreseen(desk.state, desk.context)] == [[TOMAS], [OTTO]]


def test_what_a_resubmission_kept_is_not() -> None:
    office = Office(verdicts={"s": Verdict(False)})
    skipped = step("s", user(RUTH), condition={"v": 1, "all": []})
    stages = [step("a", user(MAYA)), skipped], [step("b", user(TOMAS))], [step("c", user(OTTO))]
    desk = Desk(flow(*stages, resubmit="returning_step"), office).submit().approve(MAYA, TOMAS)
    desk.do(c.OpenStep(ADA, desk.run("s").number, "ask her all the same"))
    desk.do(desk.vote(OTTO, "return", "c"))
    desk.office.verdicts["s"] = Verdict(True)
    desk.do(c.Resubmit(HANA))
    assert [one["users"] for one in foreseen(desk.state, desk.context)] == [[OTTO]]
