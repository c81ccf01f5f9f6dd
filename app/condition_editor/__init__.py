"""A condition as people put it together by clicking: rows of field, operator and value, in groups.

Typed rows become the tree that is stored, and the tree becomes rows again; every click is a round trip through the
form that the editor stands in, so that it works without a script.
"""

from app.condition_editor.editor import Editor
from app.condition_editor.parts import ConditionRows, act_on
from app.condition_editor.words import Words, words_for

__all__ = ["ConditionRows", "Editor", "Words", "act_on", "words_for"]
