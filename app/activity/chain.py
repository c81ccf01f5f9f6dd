"""The hash chain: each row's hash covers the one before it and a salted hash of its own payload.

The payload is hashed with a salt of its own, so a reader who may not see it, or a record whose text was
erased, still verifies.
"""

import hashlib
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol


class Chained(Protocol):
    """Whoever carries the head of a chain; its row is locked before the chain grows."""

    chain_seq: int
    chain_hash: bytes


class Link(Protocol):
    seq: int
    salt: bytes
    payload_hash: bytes
    prev_hash: bytes
    hash: bytes


def canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, decimals and times as strings."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no canonical form")


def payload_hash(salt: bytes, payload: Any) -> bytes:
    return hashlib.sha256(salt + canonical(payload).encode()).digest()


def link_hash(prev_hash: bytes, seq: int, head: Any, hashed_payload: bytes) -> bytes:
    """`head` is what stays readable whoever looks: subject, kind, author, time."""
    return hashlib.sha256(prev_hash + canonical([seq, head]).encode() + hashed_payload).digest()


def extend(chain: Chained, link: Link, *, head: Any, payload: Any) -> None:
    """Puts `link` at the end of `chain`, whose row the caller has locked."""
    chain.chain_seq += 1
    link.seq, link.salt, link.prev_hash = (
        chain.chain_seq,
        os.urandom(16),
        chain.chain_hash,
    )
    link.payload_hash = payload_hash(link.salt, payload)
    link.hash = link_hash(link.prev_hash, link.seq, head, link.payload_hash)
    chain.chain_hash = link.hash
