"""Small pieces that a page has by the hundred, drawn in Python: a template takes ten times as long."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from app.web import formats
from app.web.compiled import shown

_OPTION = ("value", "label", "disabled")
_MARKS = {"ok": "check", "wait": "ellipsis", "no": "x"}


class Drawings:
    """`sprite`: the address of the icons. What was drawn is kept by type too: a text and the same text marked as safe
    are equal, and only one of them is escaped."""

    def __init__(self, sprite: str) -> None:
        self._sprite = sprite
        self.draw_icon = lru_cache(maxsize=2000, typed=True)(self._draw_icon)
        self._draw_face = lru_cache(maxsize=4000, typed=True)(self._draw_a_face)

    def _draw_icon(self, name: str, cls: str = "", label: str | None = None) -> Markup:
        """`draw_icon("lock", "s", _("Restricted"))`: without a label it is hidden from who listens."""
        spoken = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
        drawing = Markup('<svg class="icon{}"{}><use href="{}#{}"/></svg>')
        return drawing.format(f" {cls}" if cls else "", spoken, self._sprite, name)

    def draw_avatar(self, person: Any, size: str = "", mark: str | None = None) -> Markup:
        """`person`: name, initials, hue (1 to 8), as a User, an Actor or a dictionary has them; none is the system.

        The name stands beside it or in a label.
        """
        if isinstance(person, dict):
            return self._draw_face(person["name"], person["initials"], person["hue"], size, mark)
        if person is None or getattr(person, "is_system", False):
            return self._draw_face("", "", 0, size, None)
        return self._draw_face(person.name, person.initials, person.hue, size, mark)

    def _draw_a_face(self, name: str, initials: str, hue: int, size: str, mark: str | None) -> Markup:
        """Without a hue, the system's."""
        sized = f" {size}" if size else ""
        if not hue:
            drawing = Markup('<span class="av sys{}" aria-hidden="true">{}</span>')
            return drawing.format(sized, self.draw_icon("zap"))
        marked = Markup('<span class="mk {}">{}</span>').format(mark, self.draw_icon(_MARKS[mark])) if mark else ""
        drawing = Markup('<span class="av h{}{}" title="{}" aria-hidden="true">{}{}</span>')
        return drawing.format(hue, sized, name, initials, marked)


def draw_time(moment: datetime, said: str, href: str = "", *, relative: bool = True) -> Markup:
    """`said`: how it is told. The exact moment shows on hover and on focus, and is read out; what is told as `relative`
    to now is kept current by times.js."""
    exact, tag = escape(formats.exact(moment)), "a" if href else "span"
    place = f'href="{escape(href)}"' if href else 'tabindex="0"'
    marked = " data-relative" if relative else ""
    return Markup(  # noqa: S704  (each part is escaped)
        f'<{tag} class="time" {place} data-tip="{exact}"><time datetime="{formats.iso(moment)}"{marked}>{escape(said)}'
        f'</time><span class="sr">, {exact}</span></{tag}>'
    )


def draw_options(options: Iterable[Any], value: Any) -> Markup:
    """Of a select, whatever number of people it offers."""
    chosen, parts = str(value), list[str]()
    for option in options:
        of = option if isinstance(option, dict) else {name: getattr(option, name, "") for name in _OPTION}
        own = str(of["value"])
        marks = (" selected" if own == chosen else "") + (" disabled" if of.get("disabled") else "")
        parts.append(f'<option value="{shown(own)}"{marks}>{shown(of["label"])}</option>')
    return Markup("".join(parts))  # noqa: S704  (each part is escaped)
