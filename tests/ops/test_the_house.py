"""What import-linter cannot say in its own words (style.md, Where things live)."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from app.config import PACKAGE

SPEAKS_HTTP = re.compile(r"main\.py|web/.*|.*\b(?:\w+_)?(?:controller|controllers|api)(?:/\w+)?\.py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_only_controllers_api_web_and_main_import_litestar_or_jinja() -> None:
    offenders = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if {"litestar", "jinja2"} & set(imported(path))
        and not SPEAKS_HTTP.fullmatch(path.relative_to(PACKAGE).as_posix())
    }
    assert offenders == set()


def test_the_engine_and_the_conditions_import_only_the_standard_library() -> None:
    """RE2 because a pattern comes from a person; what compiles conditions to SQL is the exception."""
    pure = [*PACKAGE.glob("approvals/core/*.py"), *PACKAGE.glob("conditions/*.py")]
    allowed = sys.stdlib_module_names | {"app", "re2"}
    offenders = {
        f"{path.name} imports {name}"
        for path in pure
        if not path.name.startswith("sql")
        for name in set(imported(path)) - allowed
    }
    assert offenders == set()


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    }
    assert long == set()


def test_no_module_hides_what_its_annotations_mean_at_run_time() -> None:
    """Litestar and SQLAlchemy read annotations while running (style.md, 17)."""
    offenders = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "from __future__ import annotations" in path.read_text(encoding="utf-8").splitlines()
    }
    assert offenders == set()
