"""The wire shapes of tickets (api.md): what is null is present as null."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from app.approvals.core.definition import Mode
from app.approvals.core.state import ProcessStatus
from app.tickets.content import LONGEST_TITLE
from app.tickets.linking.models import Relation
from app.tickets.models import Priority, TicketStatus, Visibility
from app.web.api import Id, Moment, Named, Sent

Ids = Annotated[list[Id], Meta(max_length=200)]
Title = Annotated[str, Meta(max_length=LONGEST_TITLE * 2)]
Text = Annotated[str, Meta(max_length=200_000)]
Key = Annotated[str, Meta(max_length=63)]
Picked = Annotated[dict[Key, Ids], Meta(max_length=50)]


class LabelRef(Struct):
    id: int
    name: str
    color: str


class TicketRow(Struct, kw_only=True):
    """A ticket in a list: without what only its readers are sent."""

    ticket_no: str
    title: str
    status: TicketStatus
    priority: Priority
    visibility: Visibility
    template: str | None
    template_version: int | None
    assignee: Named | None
    assigned_role: Named | None
    due_at: Moment | None
    categories: list[Named]
    labels: list[LabelRef]
    requester: Named
    created_by: Named
    created_at: Moment
    updated_at: Moment
    version: int


class TicketOut(TicketRow, kw_only=True):
    """`fields` are those that this reader may read, files with their `id`; `may` is what they may do now.

    `unheard`: whom the words that came with this call mention, though they cannot see the ticket and are not told.
    """

    description: str
    fields: dict[str, Any]
    resolution: str | None
    picks: dict[str, list[int]]
    """Whom the requester chose to approve, by step key; for who asks and who approves."""
    may: list[str]
    unheard: list[str]


class TicketsOut(Struct):
    items: list[TicketRow]
    next_cursor: str | None


class CountOut(Struct):
    """Exact up to 1,000."""

    count: int
    exact: bool


class NewTicket(Sent, kw_only=True):
    title: Title
    template: Key | None = None
    description: Text = ""
    fields: dict[str, Any] = field(default_factory=dict)
    priority: Priority | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    assignee_id: Id | UnsetType | None = UNSET
    assigned_role_id: Id | UnsetType | None = UNSET
    due_at: Moment | None = None
    category_ids: Ids | UnsetType = UNSET
    label_ids: Ids | UnsetType = UNSET
    requester_id: Id | None = None
    picks: Picked = field(default_factory=dict)


class TicketChange(Sent, kw_only=True):
    """What is absent stays. Of a field of files: ids of those that stay; new ones are attached, naming the field."""

    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    fields: dict[str, Any] | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    assignee_id: Id | UnsetType | None = UNSET
    assigned_role_id: Id | UnsetType | None = UNSET
    due_at: Moment | UnsetType | None = UNSET
    category_ids: Ids | UnsetType = UNSET
    label_ids: Ids | UnsetType = UNSET
    requester_id: Id | UnsetType = UNSET
    picks: Picked | UnsetType = UNSET
    accept_rewind: bool = False
    """True where votes would be lost."""


class Transition(Sent):
    """`reason` is the resolution when `to` is `resolved`; `to: draft` withdraws."""

    to: TicketStatus
    reason: Text = ""


class NoteOut(Struct):
    id: int
    system: bool
    note: str | None
    event_type: str | None
    event_details: dict[str, Any] | None
    audience: Literal["everyone", "approvers"]
    author: Named
    created_at: Moment
    edited_at: Moment | None


class NotesOut(Struct):
    """Newest last."""

    items: list[NoteOut]
    next_cursor: str | None


class NewNote(Sent):
    """`unheard`: what becomes of it where it calls, by `@` and their name, somebody who could not read it."""

    note: Text
    audience: Literal["everyone", "approvers"] = "everyone"
    unheard: Literal["refuse", "accept", "open"] = "refuse"


class NoteChange(Sent):
    note: Text
    unheard: Literal["refuse", "accept", "open"] = "refuse"


class GrantOut(Struct):
    """The ticket is opened to one person, or to one role."""

    id: int
    user: Named | None
    role: Named | None
    granted_by: Named
    created_at: Moment


class GrantsOut(Struct):
    items: list[GrantOut]
    next_cursor: None = None


class NewGrant(Sent):
    user_id: Id | None = None
    role_id: Id | None = None


class LinkEnd(Struct):
    ticket_no: str
    title: str
    status: TicketStatus


class LinkOut(Struct):
    """How this ticket is linked to another one that its reader may see."""

    id: int
    relation: Relation
    ticket: LinkEnd
    linked_by: Named
    created_at: Moment


class WatchersOut(Struct):
    items: list[Named]


class LinksOut(Struct):
    items: list[LinkOut]
    next_cursor: None = None


class NewLink(Sent):
    relation: Relation
    ticket_no: Annotated[str, Meta(max_length=40)]


class ApproverOut(Struct):
    """`id` is null where the step has not started: nobody has been asked yet. `because`: why they are asked, or not
    any more."""

    id: int | None
    user: Named | None
    role: Named | None
    status: Literal["pending", "approved", "rejected", "returned", "abstained", "void", "not_needed"]
    acted_by: Named | None = None
    on_behalf_of: Named | None = None
    comment: str | None = None
    decided_at: Moment | None = None
    because: str | None = None


class StepOut(Struct):
    """`why`: because of what it is there, or is not; `since`: from when it was asked."""

    key: str
    name: str
    stage: int
    status: Literal["waiting", "open", "approved", "rejected", "skipped", "obsolete"]
    mode: Mode
    needed: int
    why: str | None
    since: Moment | None
    due_at: Moment | None
    approvers: list[ApproverOut]


class ApprovalOut(Struct):
    """`why_not`: why you cannot decide now; null where you can, or were never asked.

    `unheard`: whom the words that came with this call mention, though they cannot see the ticket and are not told.
    """

    status: ProcessStatus
    round: int
    template: str
    template_version: int
    attention: str | None
    why_not: str | None
    steps: list[StepOut]
    unheard: list[str]


class TicketShort(Struct):
    ticket_no: str
    title: str
    requester: Named


class StepShort(Struct):
    key: str
    name: str


class PendingOut(Struct):
    id: int
    ticket: TicketShort
    step: StepShort
    round: int
    on_behalf_of: Named | None
    content_hash: str
    due_at: Moment | None
    since: Moment


class PendingsOut(Struct):
    items: list[PendingOut]
    next_cursor: str | None


class DecisionIn(Sent):
    """`on_behalf_of` null means in my own right."""

    decision: Literal["approve", "reject", "return", "abstain"]
    content_hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    comment: Annotated[str, Meta(max_length=10_000)] | None = None
    on_behalf_of: Id | None = None


class Simulation(Sent):
    """`template` is the key of a ticket template, whose fields these are."""

    template: Key
    requester_id: Id | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class SimulatedStep(Struct):
    number: int
    name: str
    skipped: bool
    why: str | None
    needed: str | None
    approvers: list[Named]


class SimulationOut(Struct):
    steps: list[SimulatedStep]


class FileOut(Struct):
    """`mime_type` is what its bytes look like; `field` the key of the field that it answers."""

    id: int
    file_name: str
    size: int
    mime_type: str
    sha256: str
    created_at: Moment
    field: str | None = None


class FilesOut(Struct):
    items: list[FileOut]
    next_cursor: None = None


class ReceiptsOut(Struct):
    """Compact JWTs in the order of the votes; the keys to check them with are at `/.well-known/jwks.json`."""

    items: list[str]
