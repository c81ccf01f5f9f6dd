"""Who would be asked later, as it is kept with the process: whoever is not asked yet, and nobody who has answered."""

from app.tickets.approving.foreseen import foreseen
from tests.approvals.core.office import MAYA, OTTO, TOMAS, Desk, flow, step, user, with_a_stage_kept_whole


def test_the_steps_of_later_stages_are_to_come() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS))], [step("c", user(OTTO))])).submit()
    assert [one["users"] for one in foreseen(desk.state, desk.context)] == [[TOMAS], [OTTO]]


def test_what_a_resubmission_kept_is_not() -> None:
    desk = with_a_stage_kept_whole()
    assert [one["users"] for one in foreseen(desk.state, desk.context)] == [[OTTO]]
