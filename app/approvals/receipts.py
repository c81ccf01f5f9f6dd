"""Signed receipts of votes: a compact JWT that anybody can check offline with the published keys.

The keys are files outside the database (`SIGNING_KEYS`): one Ed25519 private key each, the newest signs, all verify.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.utils import base64url_encode

from app.errors import DomainError

ALGORITHM, TYPE = "EdDSA", "countersign-receipt+jwt"
ISSUER = "countersign"
MEANINGS = {"approved": "approve", "rejected": "reject", "returned": "return", "abstained": "abstain"}


class ReceiptIsFalse(DomainError):
    """Not signed by one of these keys, or changed since."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What a receipt says; people by id, so that a name can be forgotten."""

    ticket_no: str
    process: int
    step: str
    round: int
    seat: int
    actor: int
    on_behalf_of: int | None
    meaning: str
    comment: str | None
    content_hash: str
    at: datetime
    chain_seq: int
    chain_hash: bytes
    signed_in_at: str | None = None
    """Of a step that asks to sign in again: when that was."""

    def claims(self) -> dict[str, Any]:
        return {
            "iss": ISSUER, "jti": f"seat-{self.seat}", "iat": int(self.at.timestamp()), "ticket": self.ticket_no,
            "process": self.process, "step": self.step, "round": self.round, "seat": self.seat,
            "sub": str(self.actor), "on_behalf_of": None if self.on_behalf_of is None else str(self.on_behalf_of),
            "meaning": self.meaning, "comment_sha256": _sha256(self.comment), "content_sha256": self.content_hash,
            "at": self.at.isoformat(), "auth_time": self.signed_in_at,
            "chain": {"seq": self.chain_seq, "hash": self.chain_hash.hex()},
        }  # fmt: skip


class KeyRing:
    """`folder` holds `<key id>.pem` files; the first is made where there is none."""

    def __init__(self, folder: Path) -> None:
        self._private = {path.stem: _load(path) for path in sorted(folder.glob("*.pem"))}
        if not self._private:
            raise LookupError(f"there is no signing key in {folder}")
        self.current = max(self._private)

    def sign(self, vote: Vote) -> str:
        headers = {"typ": TYPE, "kid": self.current}
        return jwt.encode(vote.claims(), self._private[self.current], algorithm=ALGORITHM, headers=headers)

    def published(self) -> dict[str, Any]:
        """The public halves, as a JSON Web Key Set."""
        return {"keys": [_as_jwk(kid, key.public_key()) for kid, key in self._private.items()]}


_ring: list[KeyRing] = []
"""This process's keys, read once; a process without them signs nothing."""


def use_keys(folder: Path, now: datetime) -> KeyRing:
    """Called when a process starts; the first start makes the first key."""
    if not any(folder.glob("*.pem")):
        make_key(folder, now)
    _ring[:] = [KeyRing(folder)]
    return _ring[0]


def key_ring() -> KeyRing | None:
    return _ring[0] if _ring else None


def make_key(folder: Path, now: datetime) -> str:
    """A new key that signs from now on; older ones stay, so that what they signed can be checked."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kid = now.strftime("%Y%m%dT%H%M%S%fZ")
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{kid}.pem"
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(pem)
    return kid


def verify(token: str, key_set: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of a genuine receipt; needs nothing but the published keys."""
    try:
        header = jwt.get_unverified_header(token)
        keys = [jwt.PyJWK(one) for one in key_set["keys"] if one.get("kid") == header.get("kid")]
        if header.get("typ") != TYPE or not keys:
            raise ReceiptIsFalse("This is not a receipt that one of these keys has signed.")
        claims: dict[str, Any] = jwt.decode(
            token, keys[0].key, algorithms=[ALGORITHM], issuer=ISSUER, options={"require": ["iss", "iat", "sub", "jti"]}
        )
        return claims
    except (jwt.InvalidTokenError, jwt.PyJWKError, KeyError, TypeError, ValueError) as error:
        raise ReceiptIsFalse(
            "The signature does not fit: this receipt was changed, or signed by somebody else."
        ) from error


def read_key_set(path: Path) -> Mapping[str, Any]:
    key_set: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return key_set


def receipts_in(text: str) -> Sequence[str]:
    """A file holds one receipt a line; empty lines and comments are passed over."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _load(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name} is not an Ed25519 key")
    return key


def _as_jwk(kid: str, key: Ed25519PublicKey) -> dict[str, str]:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": kid,
        "x": base64url_encode(raw).decode(),
    }


def _sha256(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()
