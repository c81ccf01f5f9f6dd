"""An approval template as an administrator's browser sends it."""

from typing import Any

from tests.cast import Cast
from tests.clicking import clicked

AMOUNT = '{"v": 1, "field": "amount", "op": "ge", "value": {"amount": "5000", "currency": "EUR"}}'


def typed(cast: Cast, **more: Any) -> dict[str, Any]:
    """Two stages: the manager with a fallback, then two of Finance for large amounts."""
    return {
        "name": "Big purchase", "when_nothing_applies": "attention", "resubmit": "start", "max_rounds": "10",
        "row": ["stage", "0", "stage", "1"],
        "steps.0.name": "Line manager", "steps.0.key": "manager", "steps.0.mode": "any", "steps.0.reject": "veto",
        "steps.0.comment_on_reject": "true",
        "steps.0.approvers.row": "0", "steps.0.approvers.0.source": "manager", "steps.0.approvers.0.value": "1",
        "steps.0.fallback.row": "0", "steps.0.fallback.0.source": "user",
        "steps.0.fallback.0.value": str(cast["ingrid"].id),
        "steps.1.name": "Finance", "steps.1.key": "finance", "steps.1.mode": "count", "steps.1.threshold": "2",
        "steps.1.reject": "threshold", **clicked("steps.1.condition", AMOUNT),
        "steps.1.approvers.row": "0", "steps.1.approvers.0.source": "role", "steps.1.approvers.0.members": "any",
        "steps.1.approvers.0.value": str(cast.roles["Finance"].id),
        "steps.1.on_reject": "back:manager", "steps.1.hours": "16", "steps.1.remind": "8, 2", "steps.1.then": "remind",
        "steps.1.checks.row": "0", "steps.1.checks.0.label": "Budgeted",
        **clicked("steps.1.checks.0.condition", {"v": 1, "field": "budgeted", "op": "eq", "value": True}),
    } | more  # fmt: skip
