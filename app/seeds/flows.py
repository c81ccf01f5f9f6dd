"""The approval flows of the Aldermoor Group, as an admin would have drawn them."""

from collections.abc import Mapping
from typing import Any

Definition = dict[str, Any]


def flows(roles: Mapping[str, int], people: Mapping[str, int]) -> list[Definition]:
    """`roles` by name, `people` by key."""
    finance = {"source": "role", "role_id": roles["Finance"], "members": "any"}
    legal = {"source": "role", "role_id": roles["Legal"], "members": "any"}
    management = {"source": "role", "role_id": roles["Management"], "members": "any"}
    manager = {"source": "manager", "level": 1}
    new_supplier = {"v": 1, "field": "supplier_is_new", "op": "eq", "value": True}
    return [
        _flow(
            "capital-purchase", "Capital purchase",
            [_step("line_manager", "Line manager", [manager], fallback=[management], deadline=_hours(24))],
            [_step(
                "finance", "Finance review", [finance], mode="count", threshold=2, reject="threshold",
                condition=_at_least("amount", "5000.00"), deadline=_hours(48),
                checks=[{"label": "Within the yearly budget", "condition": {"v": 1, "field": "budgeted", "op": "eq", "value": True}}],
            )],
            [_step("legal", "Legal", [legal], condition=new_supplier, deadline=_hours(72))],
            [_step("cfo", "CFO", [management], condition=_at_least("amount", "50000.00"), deadline=_hours(72))],
            when_nothing_applies="attention",
        ),
        _flow(
            "access", "Access",
            [_step("line_manager", "Line manager", [manager], fallback=[management])],
            [_step(
                "data_owner", "Data owner", [{"source": "role", "role_id": roles["Data owners"], "members": "any"}],
                on_reject="return",
            )],
        ),
        _flow(
            "travel", "Travel",
            [_step("line_manager", "Line manager", [manager], fallback=[management])],
            [_step("finance", "Budget owner", [finance], condition=_at_least("cost", "2500.00"))],
        ),
        _flow(
            "contract", "Contract",
            [_step(
                "review", "Legal and Finance", [legal], distinct_from=["finance"], deadline=_hours(72),
            ), _step("finance", "Finance", [finance])],
            [_step("cfo", "CFO", [{"source": "user", "user_id": people["ingrid"]}], fallback=[management])],
        ),
        _flow(
            "change", "Change",
            [_step(
                "board", "Change board",
                [{"source": "user", "user_id": people[key]} for key in ("lucas", "elena", "daniel")],
                mode="all",
            )],
        ),
    ]  # fmt: skip


def budget_transfer(roles: Mapping[str, int]) -> Definition:
    """Beside the flows of product.md, section 12: a matrix says who owns a cost centre, who asks picks the reviewer."""
    owner = {"source": "matrix", "matrix": "cost-centres", "field": "from"}
    finance = {"source": "role", "role_id": roles["Finance"], "members": "any"}
    reviewer = {"source": "pick", "role_id": roles["Finance"], "count": 1}
    return _flow(
        "budget-transfer", "Budget transfer",
        [_step("owner", "Cost centre owner", [owner], fallback=[finance], requester="manager", deadline=_hours(24))],
        [_step(
            "reviewer", "Reviewer of your choice", [reviewer], fallback=[finance], distinct_from=["owner"],
            deadline=_hours(48),
        )],
    )  # fmt: skip


def _flow(key: str, name: str, *stages: list[Definition], **rules: Any) -> Definition:
    return {"key": key, "name": name, "stages": [{"steps": steps} for steps in stages], **rules}


def _step(key: str, name: str, approvers: list[Definition], **rules: Any) -> Definition:
    return {"key": key, "name": name, "mode": "any", "approvers": approvers, **rules}


def _at_least(field: str, amount: str) -> Definition:
    return {"v": 1, "field": field, "op": "ge", "value": {"amount": amount, "currency": "EUR"}}


def _hours(hours: int) -> Definition:
    return {"business_hours": hours, "remind": [], "then": "remind"}
