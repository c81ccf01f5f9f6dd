"""Rule 9: whatever a condition, a check, an approver line or a look-up reads is watched, wherever it stands."""

import pytest

from app.approvals.core.definition_json import flow_from_json
from app.tickets.approving.watching import reads_of

CONDITION = {"v": 1, "all": [{"field": "region", "op": "eq", "value": "north"}]}
USER = {"source": "user", "user_id": 1}
RULES = {"source": "rules", "rules": [{"condition": CONDITION, "approvers": [USER]}], "otherwise": [USER]}
MATRIX = {"source": "matrix", "matrix": "owners", "field": "region"}


@pytest.mark.parametrize(
    "rules",
    [
        {"approvers": [USER], "condition": CONDITION},
        {"approvers": [USER], "checks": [{"label": "In the north", "condition": CONDITION}]},
        {"approvers": [RULES]},
        {"approvers": [MATRIX]},
        {"approvers": [USER], "fallback": [RULES]},
        {"approvers": [USER], "fallback": [MATRIX]},
    ],
)
def test_what_a_step_reads_is_watched(rules: dict[str, object]) -> None:
    flow = flow_from_json({"key": "f", "name": "F", "stages": [{"steps": [{"key": "a", "name": "A", **rules}]}]})
    assert reads_of(flow.steps["a"]) == {"region"}
