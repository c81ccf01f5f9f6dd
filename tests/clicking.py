"""A condition as a browser sends it, put together in its editor."""

import json
from typing import Any

from app.condition_editor import ConditionRows


def clicked(place: str, tree: Any) -> dict[str, Any]:
    """`tree`: the condition that was clicked together, as JSON or as its text."""
    return dict(ConditionRows.showing(json.loads(tree) if isinstance(tree, str) else tree, place).typed())
