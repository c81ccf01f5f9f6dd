"""One table of keys: the sheet draws it, the script knows its verbs, and no button has a key beside it."""

import re
from collections import Counter
from pathlib import Path

from app.actor import Actor, Capability
from app.web.places import main_places
from app.web.shortcuts import shortcuts

ROOT = Path(__file__).parents[2]
ADMIN = Actor(id=2, name="Ada", capabilities=frozenset({Capability.ADMIN}))


def test_no_key_means_two_things() -> None:
    typed = Counter(
        key for section in shortcuts(main_places(ADMIN)) for one in section.shortcuts for key, _ in one.bindings
    )
    assert [key for key, times in typed.items() if times > 1] == []
    assert {"g d", "g a", "g t", "g m", "j", "k", "?"} <= set(typed)


def test_whatever_a_button_asks_for_is_in_the_table_and_the_script_knows_each_verb() -> None:
    bound = [one for section in shortcuts() for one in section.shortcuts]
    known = {key for one in bound for key, _ in one.bindings}
    asked = {
        key
        for path in (ROOT / "templates").rglob("*.html")
        for key in re.findall(r"data-hotkey['\"]?\s*[=:]\s*['\"]([^'\"]+)", path.read_text(encoding="utf-8"))
    }
    assert asked - known == set()
    script = (ROOT / "static/js/keyboard.js").read_text(encoding="utf-8")
    verbs = script.partition("const VERBS = {")[2].partition("\n};")[0]
    assert {one.verb for one in bound if one.verb} <= set(re.findall(r"^  (\w+): \(", verbs, re.MULTILINE))
