"""What a check finds before anything goes live."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` names the place in the definition (`fields.2.key`); what is not `blocking` is a warning."""

    path: str
    sentence: str
    blocking: bool = True


def by_path(problems: Iterable[Problem]) -> dict[str, str]:
    """As the errors of a refused form: one place, one text."""
    sentences: dict[str, str] = {}
    for problem in problems:
        known = sentences.get(problem.path)
        sentences[problem.path] = f"{known} {problem.sentence}" if known else problem.sentence
    return sentences
