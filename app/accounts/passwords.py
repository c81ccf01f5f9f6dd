"""argon2id, off the event loop; a wrong name costs what a wrong password costs."""

import asyncio
import re
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import Refused

MIN_LENGTH, MAX_LENGTH, FEWEST_DIFFERENT, FEWEST_LETTERS = 10, 200, 5, 3
_COMMON_WORDS = frozenset({
    "password", "passwort", "passw", "passwd", "pass", "letmein", "welcome", "iloveyou", "loveyou", "admin",
    "administrator", "administrador", "root", "user", "changeme", "default", "secret", "monkey", "dragon", "master",
    "football", "baseball", "basketball", "hockey", "soccer", "superman", "batman", "spiderman", "starwars",
    "pokemon", "princess", "sunshine", "shadow", "michael", "jennifer", "jordan", "charlie", "daniel", "thomas",
    "computer", "internet", "samsung", "liverpool", "manchester", "barcelona", "arsenal", "chelsea", "juventus",
    "trustno", "access", "login", "hello", "test", "testing", "qwerty", "azerty", "qwertz", "asdf", "asdfgh",
    "zxcv", "zxcvbn", "abc", "abcd", "abcdef", "abcdefgh", "abcdefghij", "summer", "winter", "spring", "autumn",
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november",
    "december", "monday", "friday", "company", "countersign",
})  # fmt: skip
_WALKS = (
    "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
    "mnbvcxzlkjhgfdsapoiuytrewq",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm",
    "zaq12wsxcde34rfv", "zaq1xsw2cde3vfr4", "123qweasdzxc", "qweasdzxc123", "abcdefghijklmnopqrstuvwxyz",
    "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j", "a1s2d3f4g5h6j7k8l9",
)  # fmt: skip
_LOOKALIKES = str.maketrans("@$!013457", "asioleast")


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher().hash("nobody has this password")


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(_hasher().hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Without a hash the same work is done, so that time does not tell which accounts exist."""
    if len(password) > MAX_LENGTH:
        return False
    return await asyncio.to_thread(_verify, password_hash or _decoy(), password) and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def check_strength(password: str, *, own_words: tuple[str, ...] = ()) -> None:
    """`own_words`: the person's name and e-mail, which are the first things that somebody else would try."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Refused.at("password", "A password has 10 to 200 characters.")
    if not password.isprintable():
        raise Refused.at("password", "A password has characters that can be typed.")
    if is_easy_to_guess(password, own_words):
        raise Refused.at("password", "This password is too easy to guess. Several unrelated words make a good one.")


def is_easy_to_guess(password: str, own_words: tuple[str, ...] = ()) -> bool:
    """What the lists of leaked passwords are made of: a word and digits, a walk over the keyboard, a repetition."""
    plain = password.lower()
    letters = re.sub(r"[\W\d_]", "", plain)
    if len(set(plain)) < FEWEST_DIFFERENT or len(letters) < FEWEST_LETTERS:
        return True
    if any(plain in walk * 2 for walk in _WALKS) or re.fullmatch(r"(.{1,6}?)\1+.{0,2}", plain):
        return True
    trimmed = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    words = _COMMON_WORDS | _parts_of(own_words)
    candidates = {trimmed, trimmed.translate(_LOOKALIKES), letters}
    return any(_made_of(candidate, words) for candidate in candidates) or any(
        len(trimmed) > 3 and trimmed in walk for walk in _WALKS
    )


def _parts_of(own_words: tuple[str, ...]) -> frozenset[str]:
    parts = {part for word in own_words for part in re.split(r"[\W_]+", word.lower()) if len(part) > 2}
    return frozenset(parts | {re.sub(r"[\W_]", "", word.lower()) for word in own_words})


def _made_of(text: str, words: frozenset[str]) -> bool:
    """One or two of the words, and nothing else."""
    return not text or text in words or any(text[:cut] in words and text[cut:] in words for cut in range(1, len(text)))
