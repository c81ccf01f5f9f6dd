"""Bearer tokens for the API: one algorithm, all claims required, found again by `jti` so that they can be revoked."""

import secrets
from datetime import datetime, timedelta

import jwt

ISSUER, AUDIENCE, ALGORITHM, TYPE = "countersign", "countersign-api", "HS256", "at+jwt"
LIFETIME = timedelta(hours=1)
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


def new_jti() -> str:
    return secrets.token_urlsafe(24)


def sign(secret: str, *, user_id: int, jti: str, now: datetime, expires_at: datetime) -> str:
    claims = {"sub": str(user_id), "iat": now, "exp": expires_at, "iss": ISSUER, "aud": AUDIENCE, "jti": jti}
    return jwt.encode(claims, secret, algorithm=ALGORITHM, headers={"typ": TYPE})


def read(secret: str, token: str) -> tuple[int, str] | None:
    """(user id, jti) of a token that is ours and not over; None otherwise."""
    if len(token) > 2000:
        return None
    try:
        decoded = jwt.decode_complete(
            token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, leeway=30,
            options={"require": _REQUIRED},
        )  # fmt: skip
        claims = decoded["payload"]
        user_id, jti = str(claims["sub"]), str(claims["jti"])
    except (jwt.InvalidTokenError, ValueError):
        return None
    if decoded["header"].get("typ") != TYPE or not (user_id.isascii() and user_id.isdecimal()):
        return None
    return (int(user_id), jti) if len(user_id) < 19 and jti.isascii() and "\0" not in jti else None
