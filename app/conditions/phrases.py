"""How each comparison is said, and its negation. `{field}` and `{value}` are filled in after translation."""

from collections.abc import Mapping

from app.conditions.fields import Kind, Op
from app.conditions.problems import N_

Phrase = tuple[str, str]
"""What holds, and what is said when it does not."""

PHRASES: Mapping[Op, Phrase] = {
    Op.EQ: (N_("{field} is {value}"), N_("{field} is not {value}")),
    Op.NE: (N_("{field} is not {value}"), N_("{field} is {value}")),
    Op.GT: (N_("{field} is more than {value}"), N_("{field} is not more than {value}")),
    Op.GE: (N_("{field} is at least {value}"), N_("{field} is not at least {value}")),
    Op.LT: (N_("{field} is less than {value}"), N_("{field} is not less than {value}")),
    Op.LE: (N_("{field} is at most {value}"), N_("{field} is not at most {value}")),
    Op.IN: (N_("{field} is one of {value}"), N_("{field} is none of {value}")),
    Op.CONTAINS: (N_("{field} contains {value}"), N_("{field} does not contain {value}")),
    Op.STARTS: (N_("{field} starts with {value}"), N_("{field} does not start with {value}")),
    Op.HAS: (N_("{field} includes {value}"), N_("{field} does not include {value}")),
    Op.HAS_ANY: (N_("{field} includes one of {value}"), N_("{field} includes none of {value}")),
    Op.HAS_ALL: (N_("{field} includes all of {value}"), N_("{field} does not include all of {value}")),
    Op.EMPTY: (N_("{field} is empty"), N_("{field} is filled in")),
    Op.CHANGED: (N_("{field} changed"), N_("{field} did not change")),
    Op.CHANGED_TO: (N_("{field} changed to {value}"), N_("{field} did not change to {value}")),
    Op.CHANGED_FROM: (N_("{field} changed from {value}"), N_("{field} did not change from {value}")),
}

IN_TIME: Mapping[Op, Phrase] = {
    Op.GT: (N_("{field} is after {value}"), N_("{field} is not after {value}")),
    Op.GE: (N_("{field} is on or after {value}"), N_("{field} is not on or after {value}")),
    Op.LT: (N_("{field} is before {value}"), N_("{field} is not before {value}")),
    Op.LE: (N_("{field} is on or before {value}"), N_("{field} is not on or before {value}")),
}

OPPOSITE: Mapping[Op, Op] = {Op.GT: Op.LE, Op.GE: Op.LT, Op.LT: Op.GE, Op.LE: Op.GT}
"""Of two values that could be compared: what is not at least 5 is less than 5."""

ALWAYS, NEVER = N_("always"), N_("never")
AND, OR = N_("{left} and {right}"), N_("{left} or {right}")
GROUP = N_("({text})")
NOT = N_("not ({text})")
SOME_ROW = N_("in at least one row of {field}, {text}")
EVERY_ROW = N_("in every row of {field}, {text}")
NO_SOME_ROW = N_("in no row of {field}, {text}")
NO_EVERY_ROW = N_("not in every row of {field}, {text}")
COMMA = N_("{left}, {right}")

ACTUAL = N_("{field} ({value})")
CANNOT_COMPARE = N_("{field} can't be compared with {value}")
UNREADABLE = N_("{field} can't be read")
NO_SUCH_FIELD = N_("the form has no field {field}")
STILL_OPEN = N_("it is open whether {sentence}")


def phrase(op: Op, kind: Kind, *, holds: bool) -> str:
    in_time = kind in (Kind.DATE, Kind.DATETIME) and op in IN_TIME
    return (IN_TIME if in_time else PHRASES)[op][0 if holds else 1]
