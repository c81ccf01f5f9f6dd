"""Every string a person reads, in that person's language; catalogues live in `app/locale`."""

from functools import lru_cache
from gettext import NullTranslations, translation
from pathlib import Path

from app.actor import current_actor

LOCALES = {"en": "English"}
_FOLDER = Path(__file__).parent.parent / "locale"


@lru_cache
def _catalogue(locale: str) -> NullTranslations:
    return translation("countersign", localedir=_FOLDER, languages=[locale], fallback=True)


def gettext(message: str) -> str:
    return _catalogue(current_actor().locale).gettext(message) if message else message


def ngettext(one: str, many: str, count: int) -> str:
    return _catalogue(current_actor().locale).ngettext(one, many, count)
