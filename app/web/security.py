"""Headers of every answer, and the token that ties a form to its session."""

import hashlib
import hmac
from urllib.parse import quote, urlsplit

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}
NO_STORE = b"no-store"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(secret: str, session_token: str) -> str:
    """Bound to the session: another person's token, planted, opens nothing."""
    return hmac.new(secret.encode(), b"csrf:" + session_token.encode(), hashlib.sha256).hexdigest()


def same_token(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def from_elsewhere(headers: dict[str, str], public_origin: str, *, has_session: bool) -> bool:
    """What the browser says about where a request comes from; scripts that say nothing are not browsers."""
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site and site not in {"same-origin", "none"}:
        return True
    if origin == "null":
        # So says a page of ours too that keeps its address to itself (`no-referrer`: the one behind a mailed link).
        # Without https a browser adds nothing to it; then the session's token, asked for next, is the proof.
        return site != "same-origin" and not (has_session and not site)
    return bool(origin) and origin not in {
        public_origin,
        f"http://{headers.get('host', '')}",
        f"https://{headers.get('host', '')}",
    }


_ALL_ASCII = "".join(map(chr, range(33, 127)))


def safe_next(target: str) -> str:
    """A path on this origin, whatever the spelling; otherwise the home page."""
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target or len(target) > 2000:
        return "/"
    if any(ord(character) < 33 or ord(character) == 127 for character in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else quote(target, safe=_ALL_ASCII)
