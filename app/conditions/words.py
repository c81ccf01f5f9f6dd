"""A condition in words: what it says, and why it came out as it did."""

from app.conditions.context import Context
from app.conditions.fields import Fields, Values
from app.conditions.naming import Formats, Names, Naming, by_number, plainly
from app.conditions.nodes import Condition
from app.conditions.problems import Translate
from app.conditions.reasons import Reasons
from app.conditions.sentences import Sentences


def sentence(
    condition: Condition,
    fields: Fields,
    translate: Translate = str,
    *,
    names: Names = by_number,
    formats: Formats = plainly,
) -> str:
    """ "amount is at least 5,000.00 EUR and (department is IT or labels includes vip)"."""
    return Sentences(fields, Naming(translate, names, formats)).of(condition)


def why(
    condition: Condition,
    fields: Fields,
    values: Values,
    ctx: Context,
    translate: Translate = str,
    *,
    names: Names = by_number,
    formats: Formats = plainly,
) -> str:
    """ "amount (12,960.00 EUR) is less than 25,000.00 EUR"."""
    return Reasons(Sentences(fields, Naming(translate, names, formats)), ctx).of(condition, values)
