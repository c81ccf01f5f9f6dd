"""The story of one ticket as its reader may hear it: comments and events, by day, each with its permalink."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Interval,
    Row,
    Text,
    and_,
    any_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.activity.kinds import all_kinds, kind_of
from app.activity.models import TicketNote
from app.activity.narrative import Ids, Names, collect_ids, quoted, tell
from app.actor import Actor
from app.db.constants import given, one_of
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.file_answers import told_apart
from app.ticket_templates.showing import NOTHING, text_of
from app.ticket_templates.showing import Names as FieldNames
from app.tickets.hearing import names_nothing_hidden, without_hidden
from app.web.formats import local
from app.web.i18n import gettext as _
from app.web.paging import Count, capped

PAGE_SIZE = 50
_ONE_ACT = timedelta(seconds=1)
"""Nobody acts twice in it, and what an act sets off is written down in it."""
_ACT_LENGTH = 20
"""Events of one act that are looked back upon for its words."""
_READ_BY_ALL = frozenset({"title", "description"})
ALL, COMMENTS, DECISIONS, CHANGES = ACTIVITIES = ("all", "comments", "decisions", "changes")
_COLUMNS = (
    TicketNote.id, TicketNote.system, TicketNote.note, TicketNote.event_type, TicketNote.event_details,
    TicketNote.audience, TicketNote.created_by, TicketNote.created_at, TicketNote.edited_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment has `text`, an event has `sentence`; `opens_day` where a new day begins."""

    id: int
    at: datetime
    author: User | None
    opens_day: bool
    text: str = ""
    approvers_only: bool = False
    edited_at: datetime | None = None
    sentence: Markup = field(default_factory=Markup)
    quote: str = ""
    icon: str = ""
    tone: str = ""
    changes: Sequence[FieldChange] = ()
    then: Sequence[tuple[int, Markup]] = ()
    """What came of it in the same moment: the id and the sentence of each."""

    @property
    def is_edited(self) -> bool:
        return self.edited_at is not None

    @property
    def wording(self) -> str:
        """Changes with each edit."""
        return self.edited_at.isoformat() if self.edited_at else "first"

    @property
    def is_comment(self) -> bool:
        return not self.icon

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that a page can show of it."""
        author = (self.author.id, self.author.name) if self.author else None
        event = (str(self.sentence), self.quote, self.icon, self.tone, tuple(self.changes), tuple(self.then))
        return (self.id, self.at, author, self.text, self.approvers_only, self.edited_at, event)


@dataclass(frozen=True, slots=True)
class Timeline:
    """`older`: the cursor of what came before, or none; `newer`: whether anything may have come after."""

    entries: Sequence[Entry]
    older: int | None
    counts: Mapping[str, Count]
    activity: str
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """What somebody may hear: comments among approvers, and the answers to these fields."""

    actor: Actor
    is_approver: bool
    form: FormDefinition | None
    readable: frozenset[str]


async def rows_before(
    session: AsyncSession, ticket_id: int, reader: Reader, *, activity: str, before: int | None, size: int = PAGE_SIZE
) -> tuple[Sequence[Row[Any]], int | None]:
    """The latest page, oldest first; ids of one ticket's notes grow as its chain does."""
    query = _rows(reader.actor.rights, reader.is_approver, activity, before is not None)
    rows = (await session.execute(query, {"ticket": ticket_id, "before": before, "most": size + 1})).all()
    kept = rows[:size]
    return list(reversed(kept)), kept[-1].id if len(rows) > size else None


async def page_with(session: AsyncSession, ticket_id: int, reader: Reader, note_id: int) -> int | None:
    """Before what the page ends that has this note amid its neighbours; none where that is the latest page."""
    query = select(TicketNote.id).where(*_heard(reader.actor, reader.is_approver), TicketNote.id > note_id)
    later = query.order_by(TicketNote.id).offset(PAGE_SIZE // 2).limit(1)
    return (await session.execute(later, {"ticket": ticket_id})).scalar()


async def counts(session: AsyncSession, ticket_id: int, reader: Reader) -> dict[str, Count]:
    row = (await session.execute(_counts(reader.actor.rights, reader.is_approver), {"ticket": ticket_id})).one()
    return {activity: capped(number) for activity, number in zip(ACTIVITIES, row, strict=True)}


@lru_cache(maxsize=1000)
def _rows(actor: Actor, is_approver: bool, activity: str, is_older: bool) -> Any:
    query = select(*_COLUMNS).where(*_heard(actor, is_approver), _of(activity))
    if is_older:
        query = query.where(TicketNote.id < given("before"))
    return query.order_by(TicketNote.id.desc()).limit(given("most"))


@lru_cache(maxsize=1000)
def _counts(actor: Actor, is_approver: bool) -> Any:
    """Of lines, as `entries` tells them: a number beside a list is the length of the list."""
    group = case((_of(COMMENTS), COMMENTS), (_of(DECISIONS), DECISIONS), else_=CHANGES)
    heard = select(
        TicketNote.id, TicketNote.created_by, TicketNote.created_at, TicketNote.system, _quote().label("quote"),
        group.label("activity"), _follows().label("follows"),
    ).where(*_heard(actor, is_approver)).subquery().c  # fmt: skip
    lines = select(
        heard.activity, _begins_a_line(heard, None).label(ALL), _begins_a_line(heard, heard.activity).label("own")
    ).subquery().c  # fmt: skip
    own = [func.count().filter(lines.activity == activity, lines.own) for activity in ACTIVITIES[1:]]
    return select(func.count().filter(lines[ALL]), *own)


def _begins_a_line(heard: Any, among: Any) -> ColumnElement[bool]:
    """As `_lines` has it, said of rows before they are read."""
    before = {"partition_by": among, "order_by": heard.id}
    is_one_act = and_(
        func.lag(heard.system).over(**before), func.lag(heard.created_by).over(**before) == heard.created_by,
        func.lag(heard.created_at).over(**before) > heard.created_at - literal(_ONE_ACT, Interval()),
    )  # fmt: skip
    said = func.array_agg(heard.quote, type_=ARRAY(Text)).over(**before, rows=(-_ACT_LENGTH, -1))
    is_said_already = or_(heard.quote.is_(None), heard.quote == any_(said))
    return not_(func.coalesce(and_(heard.follows, is_one_act, is_said_already), false()))


def _follows() -> ColumnElement[bool]:
    following = [kind.code for kind in all_kinds() if kind.follows]
    return and_(TicketNote.system, one_of(TicketNote.event_type, following))


def _quote() -> ColumnElement[Any]:
    keys = sorted({kind.quote for kind in all_kinds() if kind.quote})
    words = [
        (one_of(TicketNote.event_type, [kind.code for kind in all_kinds() if kind.quote == key]),
         TicketNote.event_details[key].astext)
        for key in keys
    ]  # fmt: skip
    return func.nullif(case(*words), "")


def _heard(actor: Actor, is_approver: bool) -> list[ColumnElement[bool]]:
    """On the ticket that is given when the statement is sent."""
    everyone = [] if is_approver else [TicketNote.audience == "everyone"]
    told = names_nothing_hidden(actor)
    return [TicketNote.ticket_id == given("ticket"), TicketNote.deleted_at.is_(None), told, *everyone]


def _of(activity: str) -> ColumnElement[bool]:
    if activity == COMMENTS:
        return ~TicketNote.system
    decisions = [kind.code for kind in all_kinds() if kind.group == DECISIONS]
    if activity == DECISIONS:
        return and_(TicketNote.system, one_of(TicketNote.event_type, decisions))
    if activity == CHANGES:
        return and_(TicketNote.system, ~one_of(TicketNote.event_type, decisions))
    return TicketNote.ticket_id.is_not(None)


def ids_in(rows: Iterable[Row[Any]], reader: Reader) -> Ids:
    """Everybody and everything that these rows name, in their fields too."""
    listed = list(rows)
    ids = collect_ids(listed)
    for row in listed:
        for change in _changes(row, reader):
            for value in (change.get("old"), change.get("new")):
                kind = _kind_of_field(change, reader)
                if isinstance(value, int) and kind in {FieldType.USER, FieldType.ROLE}:
                    (ids.people if kind is FieldType.USER else ids.roles).add(value)
    return ids


def entries(rows: Iterable[Row[Any]], names: Names, reader: Reader) -> list[Entry]:
    """Somebody's words are quoted once, though several events in a row go back to them. What follows from an act by
    itself is told with it: a decision, the end of its step and the beginning of the next are one line."""
    told: list[Entry] = []
    day: date | None = None
    for row, quote, begins in _lines(rows):
        today = local(row.created_at).date()
        entry = _entry(row, names, reader, opens_day=today != day, quote=quote)
        if begins:
            told.append(entry)
        else:
            told[-1] = replace(told[-1], then=(*told[-1].then, (entry.id, entry.sentence)))
        day = today
    return told


def _lines(rows: Iterable[Row[Any]]) -> Iterator[tuple[Row[Any], str, bool]]:
    """Each row with what it quotes, and whether a line begins with it."""
    act: Row[Any] | None = None
    said = (0, "")
    for row in rows:
        words = (row.created_by, quoted(row.event_type or "", row.event_details or {}))
        quote = "" if words == said else words[1]
        kind = kind_of(row.event_type) if row.system else None
        begins = act is None or kind is None or not kind.follows or bool(quote) or not _is_one_act(row, act)
        act, said = row if begins else act, words if words[1] else said
        yield row, quote, begins


def _is_one_act(row: Row[Any], act: Row[Any]) -> bool:
    return bool(act.system and act.created_by == row.created_by and row.created_at - act.created_at < _ONE_ACT)


def counts_at_hand(rows: Sequence[Row[Any]]) -> dict[str, Count]:
    """Of all that there is, where that is one page: PostgreSQL need not count it once more."""
    groups: dict[str, Sequence[Row[Any]]] = {
        ALL: rows, **{one: [row for row in rows if _group(row) == one] for one in ACTIVITIES[1:]}
    }  # fmt: skip
    return {name: Count(sum(begins for _row, _quote, begins in _lines(of))) for name, of in groups.items()}


def _group(row: Row[Any]) -> str:
    """`_of`, said of a row that was read."""
    if not row.system:
        return COMMENTS
    kind = kind_of(row.event_type)
    return DECISIONS if kind and kind.group == DECISIONS else CHANGES


def _entry(row: Row[Any], names: Names, reader: Reader, *, opens_day: bool, quote: str) -> Entry:
    author = names.people.get(row.created_by)
    if not row.system:
        only = row.audience == "approvers"
        return Entry(
            row.id, row.created_at, author, opens_day, text=row.note, approvers_only=only, edited_at=row.edited_at
        )
    kind, facts = kind_of(row.event_type), without_hidden(row.event_details, reader.form, reader.readable)
    return Entry(
        row.id, row.created_at, author, opens_day,
        sentence=_ended(tell(row.event_type, facts, names, actor=row.created_by)), quote=quote,
        icon=kind.icon if kind else "circle-dot",
        tone=kind.tone if kind else "", changes=_told_changes(row, names, reader),
    )  # fmt: skip


def _ended(sentence: Markup) -> Markup:
    return sentence if sentence.endswith(tuple(".?!…。？！")) else sentence + _(".")


def _told_changes(row: Row[Any], names: Names, reader: Reader) -> list[FieldChange]:
    known = FieldNames(people=names.people, roles=names.roles)
    told = []
    for change in _changes(row, reader):
        one = reader.form.field(str(change.get("field"))) if reader.form else None
        if one is not None and one.type is FieldType.ATTACHMENT:
            said = [text or NOTHING for text in told_apart(change.get("old"), change.get("new"))]
        else:
            said = [_said(change, side, one, known) for side in ("old", "new")]
        told.append(FieldChange(str(change.get("label", "")), *said))
    return told


def _said(change: Mapping[str, Any], side: str, one: FieldDefinition | None, names: FieldNames) -> str:
    """A text that is too long to be told twice is only named."""
    if side not in change:
        return _("another text") if side == "old" else _("a new text")
    return text_of(one, change[side], names) if one else str(change[side] or NOTHING)


def _changes(row: Row[Any], reader: Reader) -> list[dict[str, Any]]:
    """Of what this reader may read."""
    found = (row.event_details or {}).get("changes", ())
    told = reader.readable | _READ_BY_ALL
    return [one for one in found if isinstance(one, dict) and one.get("field") in told]


def _kind_of_field(change: Mapping[str, Any], reader: Reader) -> FieldType | None:
    one = reader.form.field(str(change.get("field"))) if reader.form else None
    return one.type if one else None
