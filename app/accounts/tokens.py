"""Bearer tokens for the API: one algorithm, all claims required, found again by `jti` so that they can be revoked."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

ISSUER, AUDIENCE, ALGORITHM, TYPE = "countersign", "countersign-api", "HS256", "at+jwt"
LIFETIME = timedelta(hours=1)
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


def new_jti() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Known:
    """What a token that is ours and not over says; `signed_in_at` where a password was given for it."""

    user_id: int
    jti: str
    signed_in_at: datetime | None = None


def sign(secret: str, *, user_id: int, jti: str, now: datetime, expires_at: datetime, by_password: bool = False) -> str:
    claims = {"sub": str(user_id), "iat": now, "exp": expires_at, "iss": ISSUER, "aud": AUDIENCE, "jti": jti}
    if by_password:
        claims["auth_time"] = int(now.timestamp())
    return jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"typ": TYPE})


def read(secret: str, token: str) -> Known | None:
    """None for a token that is not ours, or over."""
    if len(token) > 2000:
        return None
    try:
        decoded = jwt.decode_complete(
            token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, leeway=30,
            options={"require": _REQUIRED},
        )  # fmt: skip
        claims = decoded["payload"]
        user_id, jti = str(claims["sub"]), str(claims["jti"])
        signed_in_at = datetime.fromtimestamp(claims["auth_time"], UTC) if "auth_time" in claims else None
    except (jwt.InvalidTokenError, ValueError):
        return None
    if decoded["header"].get("typ") != TYPE or not (user_id.isascii() and user_id.isdecimal()):
        return None
    if len(user_id) > 18 or not jti.isascii() or "\0" in jti:
        return None
    return Known(int(user_id), jti, signed_in_at)
