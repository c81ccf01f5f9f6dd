"""Two definitions side by side: what was added, removed, changed or moved, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.web.i18n import gettext as _
from app.web.i18n import in_quotes, series

Path = tuple[str, ...]
Name = Callable[[Path], str]
"""What a person calls the place: `("fields", "amount", "required")` is "Amount: required"."""
Say = Callable[[Path, Any], str]
"""How a value at that place is written: an id as its name, a tree as its sentence."""


class How(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    path: Path
    how: How
    before: Any = None
    after: Any = None


def compare(old: Mapping[str, Any], new: Mapping[str, Any], *, name: Name, say: Say | None = None) -> list[str]:
    """One sentence a difference, in the order of the new definition."""
    return [_sentence(difference, name, say or plainly) for difference in differences(old, new)]


def differences(old: Mapping[str, Any], new: Mapping[str, Any], path: Path = ()) -> list[Difference]:
    """Null, absent and an empty list are one: nobody sees a difference between them."""
    found: list[Difference] = []
    for key in dict.fromkeys([*new, *old]):
        found += _between(old.get(key), new.get(key), (*path, key))
    return found


def plainly(_path: Path, value: Any) -> str:
    if value in (None, "", [], {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return series(plainly(_path, member) for member in value)
    if isinstance(value, Mapping):
        return str(value.get("label") or value.get("name") or value.get("key") or _("a rule"))
    return in_quotes(str(value))


def _between(before: Any, after: Any, path: Path) -> list[Difference]:
    if before == after or (_is_nothing(before) and _is_nothing(after)):
        return []
    if _has_keys(before) and _has_keys(after):
        return _between_lists(before or [], after or [], path)
    return [Difference(path, How.CHANGED, before, after)]


def _is_nothing(value: Any) -> bool:
    return value is None or value in ([], "")


def _has_keys(value: Any) -> bool:
    """A list of things that have a key is compared thing by thing."""
    return value is None or (
        isinstance(value, list) and all(isinstance(each, dict) and "key" in each for each in value)
    )


def _between_lists(before: Sequence[Any], after: Sequence[Any], path: Path) -> list[Difference]:
    old, new = {each["key"]: each for each in before}, {each["key"]: each for each in after}
    found: list[Difference] = []
    moved = _moved([key for key in old if key in new], [key for key in new if key in old])
    for key, thing in new.items():
        place = (*path, key)
        if key not in old:
            found.append(Difference(place, How.ADDED, None, thing))
            continue
        if key in moved:
            found.append(Difference(place, How.MOVED, None, thing))
        found += differences(old[key], thing, place)
    return found + [Difference((*path, key), How.REMOVED, old[key], None) for key in old if key not in new]


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The fewest that must have been moved: all but a longest run that kept its order."""
    place = {key: number for number, key in enumerate(before)}
    runs: list[list[str]] = []
    for key in after:
        earlier = [run for run in runs if place[run[-1]] < place[key]]
        runs.append([*_longest(earlier), key])
    return set(after) - set(_longest(runs))


def _longest(runs: Sequence[list[str]]) -> list[str]:
    return max(runs, key=len) if runs else []


def _sentence(difference: Difference, name: Name, say: Say) -> str:
    what = name(difference.path)
    if difference.how is How.ADDED:
        return _("%(what)s was added") % {"what": what}
    if difference.how is How.REMOVED:
        return _("%(what)s was removed") % {"what": what}
    if difference.how is How.MOVED:
        return _("%(what)s was moved") % {"what": what}
    before, after = say(difference.path, difference.before), say(difference.path, difference.after)
    return _("%(what)s: %(before)s became %(after)s") % {"what": what, "before": before, "after": after}
