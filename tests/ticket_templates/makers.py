"""Definitions that tests start from."""

from typing import Any

AMOUNT = {"key": "amount", "label": "Amount", "type": "money", "currencies": ["EUR"], "required": True}


def a_purchase(**more: Any) -> dict[str, Any]:
    return {
        "key": "purchase-request", "name": "Purchase request", "description": "Goods and services", "prefix": "PUR",
        "fields": [AMOUNT],
    } | more  # fmt: skip
