"""Words and components that are the same each time are written out when a template is compiled, in each language."""

from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment

from app.actor import SYSTEM, acting_as
from app.config import resource
from app.web.templates import environment

UI = """{% macro badge(text, tone='') %}<b class="{{ tone }}">{{ text }}</b>{% endmacro %}
{% macro box(title) %}<p>{{ title }}{{ caller() }}</p>{% endmacro %}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "components").mkdir()
    (tmp_path / "components/ui.html").write_text(UI)
    return tmp_path


def opened(folder: Path, text: str, locale: str) -> tuple[Environment, str]:
    """The environment of a language, and the source of a page that uses the components."""
    with acting_as(replace(SYSTEM, locale=locale)):
        return environment(folder, resource("static")), "{% import 'components/ui.html' as ui %}" + text


def drawn(folder: Path, text: str, locale: str = "en", **context: object) -> str:
    env, source = opened(folder, text, locale)
    with acting_as(replace(SYSTEM, locale=locale)):
        return env.from_string(source).render(context)


def test_each_reader_has_their_own_language(folder: Path) -> None:
    assert drawn(folder, "{{ _('Tickets') }}") == "Tickets"
    assert drawn(folder, "{{ _('Tickets') }}", "zh_Hant") == "工單"


def test_words_and_components_of_constants_are_in_the_compiled_template(folder: Path) -> None:
    env, source = opened(folder, "{{ ui.badge(_('Tickets'), tone='ok') }}", "zh_Hant")
    assert '<b class="ok">工單</b>' in str(env.compile(source, raw=True))


def test_what_they_are_given_is_still_escaped(folder: Path) -> None:
    assert drawn(folder, "{{ ui.badge('<i>') }}") == '<b class="">&lt;i&gt;</b>'
    assert drawn(folder, "{{ _('%(n)s of 5', n='<i>') }}") == "&lt;i&gt; of 5"


def test_a_variable_is_read_each_time(folder: Path) -> None:
    assert drawn(folder, "{{ ui.badge(_('Tickets'), tone=tone) }}", tone="<x>") == '<b class="&lt;x&gt;">Tickets</b>'
    assert drawn(folder, "{{ _('%(n)s of 5', n=n) }}", n=3) == "3 of 5"


def test_a_component_with_a_block_is_drawn_with_it(folder: Path) -> None:
    assert (
        drawn(folder, "{% call ui.box(_('Tickets')) %}{{ n }}{{ _('Close') }}{% endcall %}", n=3)
        == "<p>Tickets3Close</p>"
    )
