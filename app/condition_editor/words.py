"""What an editor's rows choose from: whom and what fields can name, and how each comparison is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import active_people, active_roles
from app.catalogue.repository import known_labels, known_tree
from app.conditions import OPERATORS, Field, Fields, Kind, Op
from app.conditions.fields import RULES_ONLY
from app.conditions.naming import plainly
from app.conditions.nodes import Money
from app.conditions.phrases import phrase
from app.web.formats import amounts
from app.web.i18n import gettext as _

Pair = tuple[str, str]
NEGATED = frozenset({Op.IN, Op.CONTAINS, Op.STARTS, Op.HAS, Op.HAS_ANY, Op.HAS_ALL, Op.EMPTY})
"""Operators whose negation is offered too; "is" and "is not" are two of their own."""
_PEOPLE = (Kind.USER, Kind.USERS)
_ROLES = (Kind.ROLE, Kind.ROLES)


@dataclass(frozen=True, slots=True)
class Words:
    """`viewer`: there is one, so a row may say "me" and "my roles"; `changes`: it may ask what has changed."""

    people: Sequence[Pair] = ()
    roles: Sequence[Pair] = ()
    labels: Sequence[Pair] = ()
    categories: Sequence[Pair] = ()
    viewer: bool = False
    requester: bool = True
    changes: bool = False
    between: bool = True
    """A row may compare with another field."""
    plain: frozenset[str] = frozenset()
    """Fields that are compared by "is" only."""

    def options(self, of: Field) -> list[Pair]:
        """The values of a field that has few."""
        if of.kind is Kind.BOOLEAN:
            return [("yes", _("yes")), ("no", _("no"))]
        if of.kind in (Kind.CHOICE, Kind.CHOICES):
            return list(of.options.items())
        if of.kind in _PEOPLE:
            me = [("@me", _("me"))] if self.viewer else []
            asker = [("@requester", _("the requester"))] if self.requester else []
            return [*me, *asker, *self.people]
        if of.kind in _ROLES:
            return list(self.roles)
        return list({Kind.LABELS: self.labels, Kind.CATEGORIES: self.categories}.get(of.kind, ()))

    def operators(self, of: Field, chosen: str) -> list[Pair]:
        """`not.has` is the negation of `has`; one that is chosen already is there though it is not offered."""
        listed: list[Pair] = []
        for op in OPERATORS[of.kind]:
            if (op in RULES_ONLY and not self.changes) or (of.key in self.plain and op not in (Op.EQ, Op.IN)):
                continue
            listed.append((op.value, operator_words(op, of.kind)))
            if (op in NEGATED and of.key not in self.plain) or chosen == f"not.{op.value}":
                listed.append((f"not.{op.value}", operator_words(op, of.kind, holds=False)))
        return listed

    def named(self, kind: str, number: int) -> str:
        """For `conditions.sentence`."""
        known = {"user": self.people, "role": self.roles, "label": self.labels, "category": self.categories}
        found = next((said for value, said in known.get(kind, ()) if value == str(number)), None)
        return found or f"#{number}"


def as_shown(value: Decimal | Money | date | datetime) -> str:
    """For `conditions.sentence`: money as this reader's fields show it."""
    plain = plainly(value)
    return amounts(plain) if isinstance(value, Money) else plain


def operator_words(op: Op, kind: Kind, *, holds: bool = True) -> str:
    """The comparison's phrase without its two sides: "is at least"."""
    said = _(phrase(op, kind, holds=holds))
    return " ".join(said.replace("{field}", " ").replace("{value}", " ").split())


def other_fields(fields: Fields, of: Field) -> list[Field]:
    """What this one can be compared with."""
    return [one for one in fields.values() if one.kind is of.kind and one.key != of.key]


async def words_for(session: AsyncSession, *, viewer: bool = False, changes: bool = False) -> Words:
    """In a fixed number of queries, whatever is edited; archived ones are not offered."""
    tree = await known_tree(session)
    return Words(
        people=[(str(row.id), row.name) for row in await active_people(session)],
        roles=[(str(row.id), row.name) for row in await active_roles(session)],
        labels=[(str(one.id), one.name) for one in await known_labels(session) if not one.is_archived],
        categories=[
            (str(at.category.id), at.full_name) for at in tree.in_order() if not at.category.is_archived
        ],
        viewer=viewer, changes=changes,
    )  # fmt: skip
