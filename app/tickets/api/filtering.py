"""The filters of the list as a call's parameters."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.conditions import ConditionError, parse
from app.errors import Refused
from app.ticket_templates.repository import template_by_key
from app.tickets.filters import NEWEST, SORTS, TicketFilters
from app.tickets.list_fields import list_fields, understood
from app.tickets.models import Priority, TicketStatus
from app.web.api import AnyRequest, Query
from app.web.i18n import gettext as _

LONGEST_FILTER = 8_000
_IDS = {"type": "string", "pattern": "^([1-9][0-9]{0,18}|me|none)$"}
_ROW = {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}
FILTERS = (
    Query("q", "Words in number, title, text, fields and comments."),
    Query("status", "Any of these.", {"type": "string", "enum": [str(one) for one in TicketStatus]}, several=True),
    Query("priority", "Any of these.", {"type": "string", "enum": [str(one) for one in Priority]}, several=True),
    Query("template", "Keys of ticket templates, or `none`.", several=True),
    Query("assignee", "Ids, `me`, `none`.", _IDS, several=True),
    Query("created_by", "Ids, `me`: who asked, or for whom somebody asked.", _IDS, several=True),
    Query("watched_by", "`me`: what you watch.", {"type": "string", "enum": ["me"]}),
    Query("category", "Ids.", _ROW, several=True),
    Query("label", "Ids.", _ROW, several=True),
    Query("filter", "A condition tree as JSON, on a ticket's own fields and on those marked as used in filters."),
)
_SPELLED = {one.name for one in FILTERS} - {"q", "template", "filter"} | {"sort"}
SORT = Query(
    "sort",
    f"The order: {', '.join(f'`{sort}`' for sort in SORTS)}, or the key of a field that is marked as used in filters"
    " and of which a ticket has one value. `-` turns it round; tickets without the value come last, and money is sorted"
    " by its currency first.",
    {"type": "string", "pattern": "^-?[a-z][a-z0-9_]{0,62}$", "default": NEWEST},
)


async def filters_in(request: AnyRequest, db: AsyncSession, actor: Actor) -> TicketFilters:
    """The list page's own filters; templates go by key here, and what nobody understands is refused.

    So is what the page overlooks because it says nothing: a script that filters by nothing has lost its value.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in request.query_params.multi_items():
        if name in _SPELLED and (not value or not value.isprintable() or " " in value):
            raise Refused.at(name, _("Choose one of the options."))
        if name == "template" and value != "none":
            template = await template_by_key(db, value) if len(value) <= 63 and value.isprintable() else None
            if template is None:
                raise Refused.at("template", _("There is no such ticket template."))
            pairs.append((name, str(template.id)))
        elif name not in {"limit", "cursor", "filter"}:
            pairs.append(({"created_by": "creator"}.get(name, name), value))
    filters = await understood(db, actor, TicketFilters.read(pairs))
    if filters.unknown:
        raise Refused(
            _("A filter is not understood."), {name: _("Choose one of the options.") for name, _v in filters.unknown}
        )
    tree = request.query_params.get("filter")
    return filters if tree is None else await _filtered(db, actor, filters, tree)


async def _filtered(db: AsyncSession, actor: Actor, filters: TicketFilters, text: str) -> TicketFilters:
    try:
        tree = json.loads(text[: LONGEST_FILTER + 1], parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Refused.at("filter", _("This is no condition.")) from error
    fields = await list_fields(db, actor)
    try:
        condition = parse(tree, fields)
    except ConditionError as error:
        raise Refused.at("filter", " ".join(str(problem) for problem in error.problems)) from error
    return replace(filters, conditions=(condition,), fields=fields)


async def filters_of_address(db: AsyncSession, actor: Actor, query: str) -> TicketFilters:
    """`query`: what stands after `?` in the address of the list."""
    filters = await understood(db, actor, TicketFilters.read(_pairs(query)))
    if filters.unknown:
        raise Refused.at("query", _("A filter is not understood."))
    return filters


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.removeprefix("?"), max_num_fields=500)
    except ValueError as error:
        raise Refused.at("query", _("A filter is not understood.")) from error
