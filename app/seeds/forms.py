"""The ticket templates of the Aldermoor Group."""

from collections.abc import Mapping
from typing import Any

Definition = dict[str, Any]


def forms(roles: Mapping[str, int], categories: Mapping[str, int]) -> list[Definition]:
    """`roles` and `categories` by name."""
    return [
        {
            "key": "purchase-request", "name": "Purchase request", "prefix": "PUR", "icon": "banknote",
            "description": "Buy something for the company: machines, furniture, services.",
            "approval_template": "capital-purchase", "category_ids": [categories["Purchase"]],
            "default_assigned_role_id": roles["Procurement"],
            "fields": [
                _field("amount", "Amount", "money", filterable=True, required=True, currencies=["EUR"], min="0.01", help="Without VAT."),
                _field("cost_center", "Cost centre", "choice", filterable=True, required=True, options=_options(
                    ("cc_4410", "CC-4410 Quality"), ("cc_2200", "CC-2200 Operations"), ("cc_1100", "CC-1100 Finance"),
                    ("cc_3300", "CC-3300 IT"),
                )),
                _field("supplier", "Supplier", "text", filterable=True, required=True, max=200),
                _field("supplier_is_new", "New supplier", "boolean", filterable=True, help="We have not bought from them before: Legal looks at the contract."),
                _field("budgeted", "Budgeted", "boolean"),
                _field("needed_by", "Needed by", "date", filterable=True),
                _field("reason", "Why we need it", "long_text", max=5000),
            ],
        },
        {
            "key": "access-request", "name": "Access request", "prefix": "ACC", "icon": "key-round",
            "description": "Get into a system, a room or a data set.",
            "approval_template": "access", "category_ids": [categories["Access"]], "default_visibility": "restricted",
            "default_assigned_role_id": roles["IT service"],
            "fields": [
                _field("system", "System", "choice", filterable=True, required=True, options=_options(
                    ("erp", "ERP"), ("warehouse", "Data warehouse"), ("prod_db", "Production database"), ("gate", "Gate and doors"),
                )),
                _field("level", "Level", "choice", required=True, options=_options(("read", "Read"), ("write", "Write"), ("admin", "Administer"))),
                _field("until", "Until", "date"),
                _field("purpose", "What for", "long_text", required=True, max=5000),
            ],
        },
        {
            "key": "travel", "name": "Travel", "prefix": "TRV", "icon": "plane",
            "description": "A trip that the company pays for.",
            "approval_template": "travel", "category_ids": [categories["Travel"]],
            "fields": [
                _field("destination", "Destination", "text", filterable=True, required=True, max=200),
                _field("start", "From", "date", filterable=True, required=True),
                _field("end", "To", "date", required=True),
                _field("cost", "Estimated cost", "money", filterable=True, required=True, currencies=["EUR"], min="0"),
                _field("travellers", "Travellers", "number", min="1", max="50", default="1"),
                _field("purpose", "Purpose", "long_text", max=5000),
            ],
        },
        {
            "key": "contract-review", "name": "Contract review", "prefix": "LEG", "icon": "scale",
            "description": "Have a contract read before it is signed.",
            "approval_template": "contract", "category_ids": [categories["Legal"]], "default_visibility": "restricted",
            "default_assigned_role_id": roles["Legal"],
            "fields": [
                _field("counterparty", "Other party", "text", filterable=True, required=True, max=200),
                _field("kind", "Kind", "choice", filterable=True, required=True, options=_options(
                    ("nda", "Non-disclosure"), ("supply", "Supply"), ("service", "Service"), ("frame", "Frame agreement"),
                )),
                _field("value", "Value", "money", currencies=["EUR", "USD"], min="0"),
                _field("owner", "Who will own it", "user"),
                _field("contract", "Contract", "attachment", max=5, help="As the other party sent it."),
            ],
        },
        {
            "key": "it-incident", "name": "IT incident", "prefix": "INC", "icon": "laptop",
            "description": "Something does not work.", "approval_template": None,
            "category_ids": [categories["IT"]], "default_assigned_role_id": roles["IT service"],
            "fields": [
                _field("affects", "Who is affected", "choice", filterable=True, required=True, options=_options(
                    ("me", "Only me"), ("team", "My team"), ("site", "A whole site"),
                )),
                _field("since", "Since when", "datetime"),
                _field("what", "What happens", "long_text", required=True, max=5000),
            ],
        },
        {
            "key": "change", "name": "Change", "prefix": "CHG", "icon": "wrench",
            "description": "Change something that is in use.", "approval_template": "change",
            "category_ids": [categories["IT"]], "default_assigned_role_id": roles["IT service"],
            "fields": [
                _field("window", "Maintenance window", "datetime", filterable=True, required=True),
                _field("risk", "Risk", "choice", filterable=True, required=True, options=_options(("low", "Low"), ("medium", "Medium"), ("high", "High"))),
                _field("rollback", "How we get back", "long_text", required=True, max=5000),
            ],
        },
    ]  # fmt: skip


def budget_transfer(roles: Mapping[str, int]) -> Definition:
    centres = _options(
        ("cc_4410", "CC-4410 Quality"), ("cc_2200", "CC-2200 Operations"), ("cc_1100", "CC-1100 Finance")
    )
    return {
        "key": "budget-transfer", "name": "Budget transfer", "prefix": "BUD", "icon": "scale",
        "description": "Move money from one cost centre to another.", "approval_template": "budget-transfer",
        "default_assigned_role_id": roles["Finance"],
        "fields": [
            _field("from", "From", "choice", required=True, options=centres, help="Whoever owns it is asked first."),
            _field("to", "To", "choice", required=True, options=centres),
            _field("amount", "Amount", "money", required=True, currencies=["EUR"], min="0.01"),
            _field("reason", "Why", "long_text", required=True, max=5000),
        ],
    }  # fmt: skip


def _field(key: str, label: str, kind: str, **rules: Any) -> Definition:
    return {"key": key, "label": label, "type": kind, **rules}


def _options(*pairs: tuple[str, str]) -> list[Definition]:
    return [{"key": key, "label": label} for key, label in pairs]


CATEGORIES: tuple[tuple[str, str], ...] = (
    ("Purchase", "banknote"), ("Access", "key-round"), ("Travel", "plane"), ("Legal", "scale"), ("IT", "laptop"),
    ("Facilities", "building-2"),
)  # fmt: skip
LABELS: tuple[tuple[str, str], ...] = (
    ("capex", "#3156c4"), ("urgent supplier", "#b4541a"), ("audit", "#6b3fa0"), ("safety", "#a32638"), ("quick win", "#1f7a4d"),
)  # fmt: skip
