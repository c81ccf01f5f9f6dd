"""Every string a person reads, in that person's language; catalogues live in `app/locale`."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from gettext import NullTranslations, translation
from pathlib import Path

from babel import Locale, UnknownLocaleError

from app.actor import current_actor

LOCALES = {"en": "English", "zh_Hant": "繁體中文"}
_FOLDER = Path(__file__).parent.parent / "locale"


@lru_cache
def _catalogue(locale: str) -> NullTranslations:
    return translation("countersign", localedir=_FOLDER, languages=[locale], fallback=True)


def N_(message: str) -> str:  # noqa: N802  (gettext's name for it)
    """Marks a message that is written here and translated where it is told (or by the error handler)."""
    return message


def gettext(message: str) -> str:
    return _catalogue(current_actor().locale).gettext(message) if message else message


def translator(locale: str) -> Callable[[str], str]:
    """For what is recorded, and read in several languages later."""
    return _catalogue(locale).gettext


def elsewhere(message: str) -> dict[str, str]:
    """The message in the languages besides English, for what is recorded."""
    return {locale: translator(locale)(message) for locale in LOCALES if locale != "en"}


def own_words(sentence: str, others: Mapping[str, str] | None) -> str:
    """Of a sentence that was recorded in several languages, this reader's."""
    return (others or {}).get(current_actor().locale) or sentence


def ngettext(one: str, many: str, count: int) -> str:
    return _catalogue(current_actor().locale).ngettext(one, many, count)


def pgettext(sense: str, message: str) -> str:
    """Of a word that has several senses in English, and as many words elsewhere."""
    return _catalogue(current_actor().locale).pgettext(sense, message)


def series(parts: Iterable[str]) -> str:
    """One after the other, as this language separates them."""
    return gettext(", ").join(parts)


def labelled(what: str, said: str) -> str:
    return gettext("%(what)s: %(said)s") % {"what": what, "said": said}


def in_quotes(words: str) -> str:
    return gettext("“%(words)s”") % {"words": words}


def language() -> str:
    """For the attribute `lang`."""
    return current_actor().locale.replace("_", "-")


_RANGE = re.compile(r"\s*([A-Za-z0-9-]{1,35})\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII)
MOST_RANGES = 20


@lru_cache(maxsize=1000)
def preferred(accept_language: str) -> str:
    """Which of ours somebody wants to read whom nobody knows yet, by their browser's `Accept-Language`.

    A range means all that it does not rule out (RFC 4647): `zh` and `zh-TW` are content with 繁體中文, `zh-CN` is not.
    """
    found = [one for one in map(_RANGE.fullmatch, accept_language.split(",")[:MOST_RANGES]) if one]
    wanted = sorted((one for one in found if float(one[2] or 1)), key=lambda one: -float(one[2] or 1))
    return next((ours for one in wanted for ours in LOCALES if _is_content(one[1], ours)), "en")


def _is_content(wanted: str, ours: str) -> bool:
    try:
        asked, has = Locale.parse(wanted, sep="-"), Locale.parse(ours)
    except (ValueError, UnknownLocaleError):
        return False
    return asked.language == has.language and asked.script in (None, has.script)
