"""Every key that does something, once: the sheet is drawn from this, and static/js/keyboard.js reads it there.

Each has a visible button or link that does the same, and single keys can be switched off (ux.md, 7).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.web.i18n import gettext as _
from app.web.i18n import pgettext
from app.web.places import Place


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys`: one after the other, or for `either` one as well as another. `verb`: keyboard.js's, with `whats`.

    Without a verb the browser or another script does it, also where single keys are switched off.
    """

    does: str
    keys: tuple[str, ...]
    verb: str = ""
    whats: tuple[str, ...] = ()
    either: bool = False

    @property
    def bindings(self) -> list[tuple[str, str]]:
        """(what is typed, with what the verb is done)."""
        typed = [key.lower() for key in self.keys] if self.either else [" ".join(self.keys).lower()]
        return list(zip(typed, self.whats or ("",) * len(typed), strict=True)) if self.verb else []


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    shortcuts: list[Shortcut]


def shortcuts(places: Iterable[Place] = ()) -> list[Section]:
    """`places`: where this person can go to."""
    return [
        Section(_("Everywhere"), [*_everywhere(), *_going(places)]),
        Section(_("In a list"), _in_a_list()),
        Section(_("On a request"), _on_a_request()),
        Section(_("While you write or arrange"), _writing()),
    ]


def _everywhere() -> list[Shortcut]:
    return [
        Shortcut(_("Search or jump to"), ("Ctrl", "K")),
        Shortcut(_("New request"), ("C",), "press", ("c",)),
        Shortcut(_("This list"), ("?",), "sheet"),
        Shortcut(_("Undo, while it is offered"), ("Z",), "undo"),
        Shortcut(_("Close, cancel, clear the selection"), ("Esc",)),
    ]


def _going(places: Iterable[Place]) -> list[Shortcut]:
    return [Shortcut(one.name, ("G", one.go.upper()), "go", (one.url,)) for one in places if one.go]


def _in_a_list() -> list[Shortcut]:
    return [
        Shortcut(_("Search this list"), ("/",), "focus", ("filter",)),
        Shortcut(_("Add a filter"), ("F",), "press", ("f",)),
        Shortcut(_("Next, previous; also on a ticket opened from it"), ("J", "K"), "move", ("1", "-1"), either=True),
        Shortcut(_("Select; with Shift, up to here"), ("X",), "check"),
        Shortcut(pgettext("go there", "Open"), ("↵",)),
    ]


def _on_a_request() -> list[Shortcut]:
    return [
        Shortcut(_("Approve"), ("A",), "decide", ("approve",)),
        Shortcut(_("Send back"), ("B",), "decide", ("sendback",)),
        Shortcut(_("Reject"), ("R",), "decide", ("reject",)),
        Shortcut(_("Hand over"), ("D",), "decide", ("delegate",)),
        Shortcut(_("Comment"), ("M",), "focus", ("comment",)),
        Shortcut(_("Edit"), ("E",), "press", ("e",)),
        Shortcut(_("Assign, also in a list"), ("I",), "change", ("assignee",)),
        Shortcut(_("Status, also in a list"), ("S",), "change", ("move_to",)),
        Shortcut(_("Priority, also in a list"), ("P",), "change", ("priority",)),
    ]


def _writing() -> list[Shortcut]:
    return [
        Shortcut(_("Send what you are writing"), ("Ctrl", "↵")),
        Shortcut(_("Move a field or step up, down"), ("Alt ↑", "Alt ↓"), either=True),
    ]
