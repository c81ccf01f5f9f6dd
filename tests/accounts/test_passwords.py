"""What a password has to be (promises.md, S6)."""

import pytest

from app.accounts import passwords
from app.errors import Refused

OWN = ("Hana Sato", "hana@aldermoor.example")


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop", "1234567890", "0987654321", "1q2w3e4r5t", "q1w2e3r4t5", "1q2w3e4r5t6y", "qwerty12345",
        "1029384756", "1qaz2wsx3edc", "123456789a", "123456789q", "1234554321", "password123", "Passw0rd123",
        "P@ssw0rd!!", "12345678910", "123qweasdzxc", "basketball", "manchester", "1111111111", "aaaaaaaaaa",
        "abcabcabcabc", "welcome2026!", "iloveyou12", "administrator", "letmein2222", "Summer2026!",
        "hanasato99", "hana.sato", "sato-hana-1", "aldermoor123", "asdfghjkl1", "zxcvbnm123", "changeme123",
        "secret12345", "monkeydragon",
    ],
)  # fmt: skip
def test_what_everybody_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        passwords.check_strength(password, own_words=OWN)


@pytest.mark.parametrize(
    "password",
    [
        "violet harbour lamp",
        "demo-password",
        "kX9#mQ2$vL",
        "採購申請單很長的密碼一二三",
        "correct horse battery staple",
    ],
)
def test_what_takes_some_guessing_is_taken(password: str) -> None:
    passwords.check_strength(password, own_words=OWN)


@pytest.mark.parametrize("password", ["", "a" * 9, "ab cd ef " * 30, "violet\0harbour", "violet\ud800harbour"])
def test_what_cannot_be_typed_or_kept_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        passwords.check_strength(password)


async def test_a_password_is_compared_whole() -> None:
    """Some hashes look at the first 72 bytes only."""
    long = "violet harbour lamp " * 9
    kept = await passwords.hash_password(long)
    assert await passwords.matches(kept, long)
    assert not await passwords.matches(kept, long[:-1])
    assert not await passwords.matches(None, long)
    assert not await passwords.matches(kept, "violet\ud800")
