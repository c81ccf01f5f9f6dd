"""The fields of a purchase request, and what fills them in these tests."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.conditions import Condition, Context, Field, Kind, evaluate, parse

DEPARTMENTS = {"it": "IT", "hr": "Human Resources", "qa": "Quality"}

FIELDS = {
    field.key: field
    for field in (
        Field("title", "Title", Kind.TEXT),
        Field("amount", "Amount", Kind.MONEY),
        Field("budget", "Budget", Kind.MONEY, currencies=("EUR",)),
        Field("quantity", "Quantity", Kind.NUMBER),
        Field("limit", "Limit", Kind.NUMBER),
        Field("urgent", "Urgent", Kind.BOOLEAN),
        Field("start", "Start", Kind.DATE),
        Field("due", "Due", Kind.DATE),
        Field("delivery", "Delivery", Kind.DATETIME),
        Field("pickup", "Pick-up", Kind.DATETIME),
        Field("dept", "Department", Kind.CHOICE, options=DEPARTMENTS),
        Field("sites", "Sites", Kind.CHOICES, options={"ams": "Amsterdam", "tpe": "Taipei", "lis": "Lisbon"}),
        Field("quotes", "Quotes", Kind.FILES),
        Field("owner", "Owner", Kind.USER),
        Field("buyer", "Buyer", Kind.USER),
        Field("watchers", "Watchers", Kind.USERS),
        Field("team", "Team", Kind.ROLE),
        Field("teams", "Teams", Kind.ROLES),
        Field("labels", "Labels", Kind.LABELS),
        Field(
            "lines",
            "Lines",
            Kind.TABLE,
            rows={
                "article": Field("article", "Article", Kind.TEXT),
                "pieces": Field("pieces", "Pieces", Kind.NUMBER),
                "price": Field("price", "Price", Kind.MONEY),
            },
        ),
    )
}

NOW = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
HANA, DANIEL, MAYA = 3, 4, 5
FINANCE, LEGAL = 7, 8


def context(**changes: Any) -> Context:
    """In Taipei it is the eleventh already."""
    known = {"me": HANA, "requester": DANIEL, "my_roles": frozenset({FINANCE})}
    return Context(**{"now": NOW, "zone": ZoneInfo("Asia/Taipei"), **known, **changes})


def leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def checked(tree: Any, **how: Any) -> Condition:
    return parse(tree, FIELDS, **how)


def answer(tree: Any, values: dict[str, Any], **changes: Any) -> bool:
    return evaluate(checked(tree, rule_only=True), values, context(known=frozenset(FIELDS), **changes)).answer


def undecided(tree: Any, values: dict[str, Any], **changes: Any) -> bool:
    known = {"known": frozenset(FIELDS), **changes}
    return evaluate(checked(tree), values, context(**known)).undecided
