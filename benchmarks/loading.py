"""Tickets, their timelines and who may see them, by COPY."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import asyncpg

from app.tickets.search import terms_of
from benchmarks.company import Company
from benchmarks.shape import Shape, Shaped

BATCH = 20_000
_STAGED = (
    "id", "ticket_no", "title", "description", "template_id", "template_version_id", "custom_fields_data", "status",
    "approval", "priority", "visibility", "due_at", "assignee_id", "assigned_role_id", "requester_id", "resolution",
    "submitted_at", "status_since", "resolved_at", "closed_at", "version", "chain_seq", "chain_hash", "created_at",
    "created_by", "updated_at", "updated_by",
)  # fmt: skip
_NOTES = (
    "ticket_id", "system", "note", "event_type", "event_details", "audience", "seq", "salt", "payload_hash",
    "prev_hash", "hash", "channel", "request_id", "address", "created_at", "created_by", "updated_at", "updated_by",
)  # fmt: skip
_ROLES = {"purchase-request": "Procurement", "it-incident": "IT service", "change": "IT service",
          "access-request": "IT service", "travel": "Finance"}  # fmt: skip
_PREFIXES = {"purchase-request": "PUR", "it-incident": "INC", "change": "CHG", "access-request": "ACC", "travel": "TRV"}
_BYTES = os.urandom(1 << 20)


class Loader:
    """Knows the company, turns shapes into rows; ids are counted here, so that all tables agree on them."""

    def __init__(self, connection: asyncpg.Connection, company: Company, first_id: int) -> None:
        self.connection, self.company, self.first_id = connection, company, first_id

    async def load(self, shape: Shape) -> None:
        columns = ", ".join(_STAGED)
        await self.connection.execute(
            f"CREATE TEMP TABLE staged AS SELECT {columns}, description AS words FROM tickets LIMIT 0"
        )
        tickets = shape.tickets()
        while batch := list(islice(tickets, BATCH)):
            await self._load_batch(batch)
        await self.connection.execute("DROP TABLE staged")

    async def _load_batch(self, batch: Sequence[Shaped]) -> None:
        await self._copy("staged", (*_STAGED, "words"), (self._ticket(one) for one in batch), schema=None)
        columns = ", ".join(_STAGED)
        await self.connection.execute(
            f"INSERT INTO tickets ({columns}, search) OVERRIDING SYSTEM VALUE SELECT {columns},"
            " setweight(to_tsvector('simple', ticket_no || ' ' || title), 'A') || to_tsvector('simple', words)"
            " FROM staged ORDER BY id"
        )
        await self.connection.execute("TRUNCATE staged")
        await self._copy("ticket_notes", _NOTES, (row for one in batch for row in self._notes(one)))
        access = ("ticket_id", "user_id", "role_id", "reason", "source_id")
        await self._copy("ticket_access", access, (row for one in batch for row in self._access(one)))
        places = ((self._id(one), self._pick(self.company.categories, one)) for one in batch)
        await self._copy("ticket_categories", ("ticket_id", "category_id"), places)
        labels = ((self._id(one), self._pick(self.company.labels, one)) for one in batch if one.number % 5 == 0)
        await self._copy("ticket_labels", ("ticket_id", "label_id"), labels)

    async def _copy(self, table: str, columns: Sequence[str], rows: Any, *, schema: str | None = "ticket") -> None:
        await self.connection.copy_records_to_table(table, schema_name=schema, columns=columns, records=rows)

    def _ticket(self, one: Shaped) -> tuple[Any, ...]:
        company, asker, ended = self.company, self._asker(one), one.created_at + timedelta(hours=30)
        template_id, version_id = company.forms[one.form]
        closed = one.status in {"closed", "cancelled"}
        resolved = ended if one.status in {"resolved", "closed"} else None
        approval = "running" if one.waits else "approved" if one.was_approved else None
        words = terms_of("\n".join([one.description, *one.comments]))
        notes = len(one.comments) + 1
        return (
            self._id(one), f"{_PREFIXES[one.form]}-{self._id(one) + 1000}", one.title, one.description, template_id,
            version_id, json.dumps(_answers(one)), one.status, approval, one.priority,
            "restricted" if one.restricted else "internal", one.due_at, self._assignee(one), company.roles[_ROLES[one.form]],  # noqa: E501
            asker, "Done." if resolved else None, one.created_at, ended if closed else one.created_at, resolved,
            ended if closed else None, 1, notes, _hash(one, notes), one.created_at, asker, ended, asker, words,
        )  # fmt: skip

    def _notes(self, one: Shaped) -> Iterator[tuple[Any, ...]]:
        asker, people = self._asker(one), self.company.staff
        facts = json.dumps({"ticket_no": self._id(one), "title": one.title, "requester_id": asker})
        yield self._note(one, 1, None, "created", facts, asker)
        for seq, text in enumerate(one.comments, 2):
            yield self._note(one, seq, text, None, None, people[(one.number + seq * 31) % len(people)])

    def _note(
        self, one: Shaped, seq: int, text: str | None, kind: str | None, facts: str | None, author: int
    ) -> tuple[Any, ...]:
        at = one.created_at + timedelta(hours=seq - 1)
        before, own = _hash(one, seq - 1), _hash(one, seq)
        return (
            self._id(one), text is None, text, kind, facts, "everyone", seq, own[:16], own, before, own, "web",
            "benchmark", "127.0.0.1", at, author, at, author,
        )  # fmt: skip

    def _access(self, one: Shaped) -> Iterator[tuple[Any, ...]]:
        ticket, asker = self._id(one), self._asker(one)
        yield ticket, asker, None, "creator", 0
        yield ticket, asker, None, "requester", 0
        if assignee := self._assignee(one):
            yield ticket, assignee, None, "assignee", 0
        yield ticket, None, self.company.roles[_ROLES[one.form]], "assignee", 0

    def _id(self, one: Shaped) -> int:
        return self.first_id + one.number

    def _asker(self, one: Shaped) -> int:
        people = self.company.staff
        return self.company.people["hana"] if one.number % 500 == 1 else people[one.number * 7 % len(people)]

    def _assignee(self, one: Shaped) -> int | None:
        if one.status in {"waiting_approval", "open", "cancelled"}:
            return None
        people = self.company.staff
        return self.company.people["jonas"] if one.number % 100 == 0 else people[one.number * 3 % len(people)]

    def _pick(self, ids: Sequence[int], one: Shaped) -> int:
        return ids[one.number % len(ids)]


def _answers(one: Shaped) -> dict[str, Any]:
    if one.form == "purchase-request":
        amount = {"amount": f"{5000 + one.number % 40000}.00", "currency": "EUR"}
        return {"amount": amount, "cost_center": "cc_2200", "supplier": "Officina Due", "supplier_is_new": False}
    if one.form == "it-incident":
        return {"affects": "team", "what": one.title}
    return {}


def _hash(one: Shaped, seq: int) -> bytes:
    """32 bytes that differ from row to row: the chain is as long and as wide as a real one, and proves nothing."""
    at = (one.number * 37 + seq * 101) % (len(_BYTES) - 32)
    return _BYTES[at : at + 32] if seq else bytes(32)
