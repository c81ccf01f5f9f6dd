"""Which fields a condition reads, for "where is this field used?" and for what an approval step watches."""

from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Not, Some


def fields_read(condition: Condition) -> frozenset[str]:
    """A table counts as a whole; the fields of its rows are not the ticket's."""
    match condition:
        case Leaf(field=field, other=other):
            return frozenset({field} if other is None else {field, other})
        case Not(part):
            return fields_read(part)
        case Some(table) | Every(table):
            return frozenset({table})
        case All(parts) | Any_(parts):
            return frozenset().union(*map(fields_read, parts))
