"""Trees and rows made by a seed: whatever people, importers and attackers put there."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

from app.conditions import OPERATORS, Field, Fields, Kind, Op
from app.conditions.fields import BETWEEN_FIELDS, ID_LISTS, LISTS, RULES_ONLY, WITH_LIST, WITHOUT_VALUE

TEXTS = [
    "it",
    "IT",
    "Laptop",
    "laptop 50%",
    "a_b",
    "%",
    "_",
    "\\",
    "\\%",
    "O'Brien",
    "'; DROP TABLE tickets; --",
    "' OR '1'='1",
    '"quoted"',
    "$1",
    ":name",
    "{}",
    "null",
    "true",
    "5",
    "-5.50",
    "[]",
    "2026-03-10",
    "採購申請單",
    "採購",
    "ΟΔΟΣ",
    "οδος",
    "ΣΑΣ",
    "İstanbul",
    "istanbul",
    "ISTANBUL",
    "ſtraße",
    "STRASSE",
    "Ærø",
    "ÆRØ",
    "\u0301e",
    "é",
    "😀 rock",
    "\t",
    " ",
    "line\nbreak",
    "Nordtherm % Oy " * 7 + "Ærø",
    "nordtherm % oy " * 7 + "ærøskøbing",
]
NUMBERS = ["0", "-0", "1", "5", "5.0", "5.00", "-5.5", "0.1", "0.30", "1e3", "99999999999999999999.99", "1e30", "1e-30"]
ODD_NUMBERS = ["1e31", "1e-31", "1e400", "0e99", "0e-40", "5e0", "50e-1"]
ODD_NUMBER_TEXTS = ["", " 5", "5\n", "5.", ".5", "+5", "0x5", "NaN", "Infinity", "٣", "1e3", "05", "-5.50"]
DATES = ["2026-03-10", "2026-03-11", "2024-02-29", "1999-12-31", "2026-01-01"]
ODD_DATES = ["2026-02-30", "2025-02-29", "0000-01-01", "2026-13-01", "2026-3-1", "20260310", "2026-03-10T00:00:00Z"]
TIMES = [
    "2026-03-10T23:30:00Z",
    "2026-03-10T16:00:00+00:00",
    "2026-03-10T23:30:00.500000+00:00",
    "2020-02-29T12:00:00Z",
]
ODD_TIMES = ["2026-03-10T23:30:00", "2026-03-10T24:00:00Z", "2026-02-30T10:00:00Z", "2026-03-10T23:30:00+01:00", "now"]
ODD_CHOICES = ["gone", "", "IT"]
IDS = [3, 4, 5, 7, 8, 10**17]
JUNK = ["null", "true", "false", "{}", "[]", '{"amount": 5}', '["it"]', "[5]", "[[5]]", '"5"', "5", '""', "1e400", "-1"]
CURRENCIES = ["EUR", "USD", "JPY"]


def random_tree(random: Random, fields: Fields, depth: int = 0) -> dict[str, Any]:
    choice = random.random()
    if depth >= 4 or choice < 0.5:
        return random_leaf(random, fields)
    tables = [field for field in fields.values() if field.kind is Kind.TABLE]
    if tables and choice < 0.58:
        table = random.choice(tables)
        where = random_tree(random, table.rows, depth + 2)
        return {random.choice(["some", "every"]): {"field": table.key, "where": where}}
    if choice < 0.7:
        return {"not": random_tree(random, fields, depth + 1)}
    return {
        random.choice(["all", "any"]): [random_tree(random, fields, depth + 1) for _ in range(random.randint(0, 3))]
    }


def random_leaf(random: Random, fields: Fields) -> dict[str, Any]:
    field = random.choice([field for field in fields.values() if field.kind is not Kind.TABLE])
    return leaf_of(random, fields, field, random.choice(operators(field)))


def operators(field: Field) -> list[Op]:
    return [op for op in OPERATORS[field.kind] if op not in RULES_ONLY]


def leaf_of(random: Random, fields: Fields, field: Field, op: Op) -> dict[str, Any]:
    leaf = {"field": field.key, "op": op.value}
    others = [other.key for other in fields.values() if other.kind is field.kind]
    if op in BETWEEN_FIELDS and random.random() < 0.3:
        return {**leaf, "other": random.choice(others)}
    return leaf if op in WITHOUT_VALUE else {**leaf, "value": _operand(random, field, op)}


def _operand(random: Random, field: Field, op: Op) -> Any:
    if op not in WITH_LIST:
        return _single(random, field)
    if field.kind in (Kind.ROLE, Kind.ROLES) and random.random() < 0.4:
        return {"ref": "my_roles"}
    return [_single(random, field) for _ in range(random.randint(1, 3))]


def _single(random: Random, field: Field) -> Any:
    if field.kind in (Kind.USER, Kind.USERS) and random.random() < 0.3:
        return {"ref": random.choice(["me", "requester"])}
    return _SINGLES.get(field.kind, _id)(random, field)


def _id(random: Random, field: Field) -> Any:
    return random.choice(IDS)


def _text(random: Random, field: Field) -> Any:
    text = random.choice(TEXTS)
    return text[: random.randint(1, len(text))] if random.random() < 0.3 else text


def _money(random: Random, field: Field) -> Any:
    return {"amount": Decimal(random.choice(NUMBERS)), "currency": random.choice(field.currencies or CURRENCIES)}


def _date(random: Random, field: Field) -> Any:
    return {"rel": "today", "days": random.randint(-2, 2)} if random.random() < 0.3 else random.choice(DATES)


def _time(random: Random, field: Field) -> Any:
    relative = {"rel": random.choice(["today", "now"]), "days": random.randint(-1, 1)}
    return relative if random.random() < 0.4 else random.choice(TIMES)


_SINGLES: Mapping[Kind, Callable[[Random, Field], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: lambda random, field: Decimal(random.choice(NUMBERS)),
    Kind.MONEY: _money,
    Kind.BOOLEAN: lambda random, field: random.random() < 0.5,
    Kind.DATE: _date,
    Kind.DATETIME: _time,
    Kind.CHOICE: lambda random, field: random.choice(list(field.options)),
    Kind.CHOICES: lambda random, field: random.choice(list(field.options)),
}


def random_row(random: Random, fields: Fields) -> str:
    """As JSON text: what Python and PostgreSQL make of the same text is part of what is compared."""
    written = []
    for field in fields.values():
        kind = random.random()
        if kind < 0.15:
            continue
        value = random.choice(JUNK) if kind < 0.3 else _stored(random, field)
        written.append(f"{json.dumps(field.key)}: {value}")
    return "{" + ", ".join(written) + "}"


def _stored(random: Random, field: Field) -> str:
    odd = random.random() < 0.25
    if field.kind in LISTS:
        return _list(random, field, odd)
    return _STORED[field.kind](random, field, odd)


def _stored_money(random: Random, field: Field, odd: bool) -> str:
    currency = random.choice(['"eur"', "5", "null", '["EUR"]', '"EURO"'] if odd else ['"EUR"', '"USD"', '"JPY"'])
    return f'{{"amount": {_number(random, field, random.random() < 0.2)}, "currency": {currency}}}'


def _stored_id(random: Random, field: Field, odd: bool) -> str:
    return random.choice(["5.0", "-3", '"3"', "1e18", "30e-1"]) if odd else str(random.choice(IDS))


def _stored_table(random: Random, field: Field, odd: bool) -> str:
    rows = [random_row(random, field.rows) for _ in range(random.randint(0, 3))]
    return f"[{', '.join([*rows, random.choice(JUNK)] if odd else rows)}]"


def _stored_files(random: Random, field: Field, odd: bool) -> str:
    files = [json.dumps({"id": random.choice(IDS), "sha256": random.choice("ab")}) for _ in range(random.randint(0, 2))]
    return f"[{', '.join([*files, random.choice(JUNK)] if odd else files)}]"


def _number(random: Random, field: Field, odd: bool) -> str:
    number = random.choice(ODD_NUMBERS if odd else NUMBERS)
    if random.random() < 0.4:
        return json.dumps(random.choice(ODD_NUMBER_TEXTS) if odd else number)
    return number


def _list(random: Random, field: Field, odd: bool) -> str:
    own = IDS if field.kind in ID_LISTS else list(field.options)
    members = [json.dumps(random.choice(own)) for _ in range(random.randint(0, 3))]
    return f"[{', '.join([*members, random.choice(JUNK)] if odd else members)}]"


_STORED: Mapping[Kind, Callable[[Random, Field, bool], str]] = {
    Kind.TEXT: lambda random, field, odd: json.dumps(random.choice(TEXTS)),
    Kind.NUMBER: _number,
    Kind.MONEY: _stored_money,
    Kind.BOOLEAN: lambda random, field, odd: '"true"' if odd else random.choice(["true", "false"]),
    Kind.DATE: lambda random, field, odd: json.dumps(random.choice(ODD_DATES if odd else DATES)),
    Kind.DATETIME: lambda random, field, odd: json.dumps(random.choice(ODD_TIMES if odd else TIMES)),
    Kind.CHOICE: lambda random, field, odd: json.dumps(
        random.choice(["gone", "", "IT"] if odd else list(field.options))
    ),
    Kind.USER: _stored_id,
    Kind.ROLE: _stored_id,
    Kind.FILES: _stored_files,
    Kind.TABLE: _stored_table,
}
