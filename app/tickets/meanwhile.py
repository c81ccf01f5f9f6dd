"""Two people at one thing: different parts of a ticket change freely, of the same part the second is told."""

from datetime import datetime

from app.errors import Stale
from app.web.formats import local
from app.web.forms import Submitted
from app.web.i18n import gettext as _


def day_of(moment: datetime | None) -> str:
    """As the form for a date shows it."""
    return local(moment).date().isoformat() if moment else ""


def whom(person: int | None, role: int | None) -> str:
    """As the form for the assignee says what it showed."""
    return f"{person or ''}/{role or ''}"


def is_overtaken(sent: Submitted, now: str, chosen: str) -> bool:
    """`seen`: what the form showed. A form that showed nothing, as a script's, overwrites nothing unseen either way."""
    return "seen" in sent and now not in {sent.get("seen"), chosen}


def overtaken(theirs: str, yours: str) -> Stale:
    """Both are said; the form comes back with what is there now, so that choosing again is on purpose."""
    told = {"theirs": theirs, "yours": yours}
    return Stale(_("Somebody chose “%(theirs)s” meanwhile, and you “%(yours)s”. Choose again to change it.") % told)
