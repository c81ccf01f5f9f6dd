"""Each macro is drawn with hostile text, as a page would draw it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment
from markupsafe import Markup

from app.actor import SYSTEM, Actor, acting_as
from app.web.paging import Count
from app.web.shell import MenuView, Shell
from app.web.templates import environment

ROOT = Path(__file__).parents[2]
HOSTILE = "\"'><script>alert(1)</script><b onclick=x style=y>&amp;"
IMPORTS = (
    '{% import "components/ui.html" as ui %}{% import "components/forms.html" as forms %}'
    '{% import "components/charts.html" as charts %}{% import "layouts/navigation.html" as navigation %}'
)
Draw = Callable[..., str]

AT = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
PERSON = SimpleNamespace(name=HOSTILE, initials=HOSTILE, hue=3)
OPTIONS = [
    {"value": 1, "label": HOSTILE, "help": HOSTILE, "person": PERSON},
    {"value": HOSTILE, "label": "Two", "disabled": True},
]
ROWS = [{"label": HOSTILE, "values": [3, 5]}, {"label": "W2", "values": [1, 0], "partial": True}]
BARS = [{"label": HOSTILE, "href": HOSTILE, "parts": [(1, "w1"), (2, "w4")], "total": 3, "detail": HOSTILE}]

UI_MACROS = {
    "icon": "ui.icon('bell', label=x)",
    "kbd": "ui.kbd(x)",
    "logo": "ui.logo()",
    "avatar": "ui.avatar(person, 'lg', mark='ok')",
    "avatar of the system": "ui.avatar(none)",
    "avatars": "ui.avatars([person, person])",
    "who": "ui.who(person)",
    "status": "ui.status('waiting_approval', x, pill=true)",
    "priority as a glyph": "ui.priority('high', x)",
    "priority in words": "ui.priority('urgent', x, text=true)",
    "trail": "ui.trail(['done', 'now', 'skip'], x, large=true)",
    "badge": "ui.badge(x, 'warn', icon='clock')",
    "restricted_badge": "ui.restricted_badge()",
    "dot": "ui.dot('warn')",
    "time": "ui.time(at, x, href=x)",
    "change": "ui.change(x, x, x)",
    "button": "ui.button(x, 'primary', icon='check', label=x, key=x, name=x, value=x, attrs={'data-act': x})",
    "button_link": "ui.button_link(x, href=x, icon='check', label=x)",
    "note": "ui.note('neg', x, title=x)",
    "empty_state": "ui.empty_state(x, x)",
    "counted": "ui.counted(x)",
    "tabs": "ui.tabs([{'label': x, 'href': x, 'count': x, 'current': true}], label=x)",
    "breadcrumbs": "ui.breadcrumbs([{'label': x, 'href': x}, {'label': x}], heading=true)",
    "pager": "ui.pager(next_url=x, previous_url=x, text=x)",
    "sort_heading": "ui.sort_heading(x, x, direction='ascending')",
    "confirm_dialog": "ui.confirm_dialog('d', x, x, x, x, csrf='')",
    "toast": "ui.toast(x, undo_url=x, csrf='')",
    "skeleton": "ui.skeleton(x)",
    "meter": "charts.meter([(1, 'w1'), (2, 'w2')], 0)",
    "spark": "charts.spark([2, 2, 2])",
    "bar_chart": "charts.bar_chart(x, x, [x, 'B'], rows, 80)",
    "series_legend": "charts.series_legend([x, 'B'])",
    "bar_list": "charts.bar_list(bars, 3)",
    "figure": "charts.figure(x, x, x, unit=x, count=3, trend='up', change=x, comparison=x, points=[1, 2])",
    "error_summary": "forms.error_summary({'a': x, '': [x]}, labels={'a': x})",
}
KINDS = (
    "text", "email", "password", "search", "url", "tel", "number", "money", "date", "datetime", "time", "textarea",
    "select", "radio", "choices", "people", "person", "checkbox", "switch", "file",
)  # fmt: skip
CALLED = {
    "note": "{% call ui.note('warn') %}{{ x }}{% endcall %}",
    "empty_state": "{% call ui.empty_state(x) %}{{ x }}{% endcall %}",
    "menu": "{% call ui.menu('m', text=x, label=x) %}<a href=\"{{ x }}\">{{ x }}</a>{% endcall %}",
    "confirm_dialog": "{% call ui.confirm_dialog('d', x, x, x, x, csrf='') %}{{ x }}{% endcall %}",
    "form": "{% call forms.form(action=x, csrf='', id='f', label=x) %}{{ x }}{% endcall %}",
}


class Tags(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in names]

    def with_id(self, identity: str) -> dict[str, str | None]:
        (attributes,) = [attributes for _, attributes in self.found if attributes.get("id") == identity]
        return attributes


@pytest.fixture(scope="module")
def env() -> Environment:
    return environment(ROOT / "templates", ROOT / "static")


@pytest.fixture(scope="module")
def draw(env: Environment) -> Draw:
    def draw(body: str, **context: Any) -> str:
        return env.from_string(IMPORTS + body).render(
            **{"x": HOSTILE, "at": AT, "person": PERSON, "rows": ROWS, "bars": BARS, "options": OPTIONS, **context}
        )

    return draw


def assert_harmless(html: str) -> None:
    assert "<script" not in html
    assert_no_inline(html)


def assert_no_inline(html: str) -> None:
    for tag, attributes in Tags(html).found:
        assert tag != "style"
        assert tag != "script" or attributes["src"]
        assert not [name for name in attributes if name == "style" or name.startswith("on")], (tag, attributes)


@pytest.mark.parametrize("call", UI_MACROS.values(), ids=UI_MACROS.keys())
def test_a_macro_escapes_what_people_typed_and_needs_no_inline_style_or_script(draw: Draw, call: str) -> None:
    assert_harmless(draw("{{ " + call + " }}"))


@pytest.mark.parametrize("body", CALLED.values(), ids=CALLED.keys())
def test_a_macro_that_wraps_a_block_escapes_what_people_typed(draw: Draw, body: str) -> None:
    assert_harmless(draw(body))


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_escapes_its_label_value_help_and_errors(draw: Draw, kind: str) -> None:
    value = [HOSTILE] if kind in {"choices", "people"} else HOSTILE
    field = (
        "forms.field(x, 'name', value=value, kind=kind, errors=[x], help=x, options=options, placeholder=x, empty=x)"
    )
    assert_harmless(draw("{{ " + field + " }}", kind=kind, value=value))


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_has_a_label_and_says_its_hint_and_error_with_the_control(draw: Draw, kind: str) -> None:
    field = "forms.field('Title', 'title', value='', kind=kind, errors='Fill this in.', help='A hint', options=options)"
    html = draw("{{ " + field + " }}", kind=kind)
    tags, control = Tags(html), Tags(html).with_id("f-title")
    assert control["aria-invalid"] == "true"
    describing = tags.named("fieldset")[0] if kind in {"radio", "choices", "people"} else control
    assert describing["aria-describedby"] == "f-title-hint f-title-error"
    assert tags.with_id("f-title-hint")["class"] == "hint"
    assert tags.with_id("f-title-error")["class"] == "err"
    labelled = {label.get("for") for label in tags.named("label")}
    assert "f-title" in labelled or tags.named("legend")


def test_a_field_without_errors_claims_none(draw: Draw) -> None:
    html = draw("{{ forms.field('Title', 'title') }}")
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html


def test_the_error_summary_links_to_each_field_and_can_take_the_focus(draw: Draw) -> None:
    html = draw("{{ forms.error_summary({'title': 'Fill this in.', '': 'Too late.'}, labels={'title': 'Title'}) }}")
    tags = Tags(html)
    assert [link["href"] for link in tags.named("a")] == ["#f-title"]
    assert "Title: Fill this in." in html
    assert "2 answers need another look" in html
    summary = tags.named("div")[0]
    assert summary["role"] == "alert"
    assert summary["tabindex"] == "-1"


def test_the_error_summary_says_what_is_wrong_as_its_readers_language_does(draw: Draw) -> None:
    with acting_as(replace(SYSTEM, locale="zh_Hant")):
        html = draw("{{ forms.error_summary({'title': '請填寫此欄位。'}, labels={'title': '標題 <1>'}) }}")
    assert "標題 &lt;1&gt;：請填寫此欄位。" in html


def test_there_is_no_error_summary_where_nothing_is_wrong(draw: Draw) -> None:
    assert draw("{{ forms.error_summary({}) }}").strip() == ""


def test_what_was_typed_stands_in_the_field_again(draw: Draw) -> None:
    html = draw("{{ forms.field('Reason', 'reason', value='\\n  two\\nlines', kind='textarea') }}")
    assert ">\n\n  two\nlines</textarea>" in html
    html = draw("{{ forms.field('Roles', 'roles', value=['2'], kind='choices', options=o) }}", o=[
        {"value": 1, "label": "One"}, {"value": 2, "label": "Two"},
    ])  # fmt: skip
    assert ["checked" in box for box in Tags(html).named("input")] == [False, True]


def test_a_chosen_option_is_selected_whether_ids_are_numbers_or_text(draw: Draw) -> None:
    html = draw("{{ forms.field('A', 'a', value='1', kind='select', options=options) }}")
    assert ["selected" in option for option in Tags(html).named("option")] == [True, False]


def test_a_status_has_a_glyph_of_its_own_shape(draw: Draw) -> None:
    codes = [
        "draft",
        "waiting_approval",
        "open",
        "in_progress",
        "resolved",
        "closed",
        "rejected",
        "cancelled",
        "returned",
    ]
    html = draw("{% for code in codes %}{{ ui.status(code, 'x') }}{% endfor %}", codes=codes)
    glyphs = re.findall(r"#(s-[a-z]+)", html)
    assert len(set(glyphs)) == len(codes)
    sprite = (ROOT / "static/icons/sprite.svg").read_text("utf-8")
    assert all(f'<symbol id="{glyph}"' in sprite for glyph in glyphs)


def test_an_icon_is_silent_unless_it_means_something(draw: Draw) -> None:
    assert 'aria-hidden="true"' in draw("{{ ui.icon('bell') }}")
    meaning = draw("{{ ui.icon('lock', label='Restricted') }}")
    assert 'role="img" aria-label="Restricted"' in meaning
    assert "aria-hidden" not in meaning


def test_a_name_is_escaped_though_the_same_was_drawn_as_markup_before(draw: Draw) -> None:
    drawing = "{{ ui.avatar({'name': name, 'initials': 'X', 'hue': 1}) }}{{ ui.icon('bell', label=name) }}"
    assert "<i>A</i>" in draw(drawing, name=Markup("<i>A</i>"))
    assert "<i>A</i>" not in draw(drawing, name="<i>A</i>")


def test_a_time_tells_the_exact_moment_to_mouse_keyboard_and_screen_reader(draw: Draw) -> None:
    html = draw("{{ ui.time(at, '3d ago') }}")
    (span, _) = Tags(html).named("span")
    assert span["data-tip"] == "Fri 20 Nov 2026, 13:05:00 UTC"
    assert span["tabindex"] == "0"
    assert Tags(html).named("time")[0]["datetime"] == "2026-11-20T13:05:00Z"
    assert '<span class="sr">, Fri 20 Nov 2026, 13:05:00 UTC</span>' in html


def test_a_bar_chart_comes_with_its_table(draw: Draw) -> None:
    html = draw("{{ charts.bar_chart('Per week', 'Week', ['Created', 'Resolved'], rows, 8, ticks=4) }}")
    table = html[html.index("<table") :]
    assert "<caption>Per week</caption>" in table
    assert re.findall(r"<td>(\d+)</td>", table) == ["3", "5", "1", "0"]


def test_the_widths_of_a_meter_follow_its_parts(draw: Draw) -> None:
    html = draw("{{ charts.meter([(1, 'pos'), (3, 'neg')], 4) }}")
    assert [rect["x"] for rect in Tags(html).named("rect")] == ["0", "25.0"]
    assert [rect["width"] for rect in Tags(html).named("rect")] == ["24.4", "74.4"]


@pytest.mark.parametrize(
    ("count", "text", "number"), [(Count(7), "7", "7"), (Count(1000, exact=False), "1,000+", None), (Count(0), "", "0")]
)
def test_a_number_in_the_menu_is_absent_at_zero_and_exact_only_while_it_is(
    draw: Draw, count: Count, text: str, number: str | None
) -> None:
    html = draw("{{ navigation.count('approvals', count, hot=false, oob=true) }}", count=count)
    (element,) = Tags(html).named("span")
    assert re.sub(r"<[^>]+>", "", html).strip() == text
    assert element.get("data-count") == number
    assert element["id"] == "nav-approvals-n"
    assert element["hx-swap-oob"] == "true"


@pytest.fixture
def frame() -> dict[str, Any]:
    """What a page of Maya's gets: she is no administrator."""
    settings = SimpleNamespace(secret_key="secret")
    actor = Actor(id=7, name="Maya Lindqvist", title="Finance Lead", locale="zh_TW", theme="dark", single_keys=False)
    shell = Shell(
        actor=actor, company=HOSTILE, demo=True, csrf="token", path="/tickets", active="tickets",
        counts={"approvals": Count(7)}, said="Approved",
        saved_views=[MenuView(HOSTILE, "/tickets?status=open")],
    )  # fmt: skip
    scope = {"visit": SimpleNamespace(csrf="", actor=actor, token="session")}
    request = SimpleNamespace(scope=scope, app=SimpleNamespace(state=SimpleNamespace(settings=settings)))
    return {"shell": shell, "request": request}


def test_the_frame_of_a_page_says_where_one_is_and_what_waits(env: Environment, frame: dict[str, Any]) -> None:
    html = env.get_template("layouts/app.html").render(**frame)
    assert_no_inline(html)
    tags = Tags(html)
    page = tags.named("html")[0]
    assert (page["lang"], page["data-theme"], page["data-single-keys"]) == ("zh-TW", "dark", "off")
    assert {link["href"] for link in tags.named("a") if link.get("aria-current")} == {"/tickets"}
    assert "7<span" in html
    assert "Approved" in html
    assert "demo-banner" in html
    assert tags.named("body")[0]["hx-headers:inherited"] == '{"x-csrf-token": "token"}'
    identities = [attributes["id"] for _, attributes in tags.found if attributes.get("id")]
    assert len(identities) == len(set(identities))


def test_signing_out_and_changing_the_theme_are_plain_forms_with_the_sessions_token(
    env: Environment, frame: dict[str, Any]
) -> None:
    tags = Tags(env.get_template("layouts/app.html").render(**frame))
    forms = [form for form in tags.named("form") if form.get("method") == "post"]
    assert {"/sign-out", "/me/display"} <= {form["action"] for form in forms}
    tokens = [field for field in tags.named("input") if field.get("name") == "_csrf"]
    assert len(tokens) == len(forms)
    assert all(token["value"] for token in tokens)


@pytest.mark.parametrize(("capabilities", "sees"), [(frozenset(), False), (frozenset({"admin"}), True)])
def test_only_administrators_see_the_admin_places(
    env: Environment, frame: dict[str, Any], capabilities: frozenset[str], sees: bool
) -> None:
    shell = replace(frame["shell"], actor=replace(frame["shell"].actor, capabilities=capabilities))
    html = env.get_template("layouts/app.html").render(**{**frame, "shell": shell})
    assert ("/admin/" in html) is sees


def test_a_page_without_a_person_needs_nothing_from_the_web_layer(env: Environment, frame: dict[str, Any]) -> None:
    frame["request"].scope["visit"].actor = None
    html = env.get_template("layouts/plain.html").render(request=frame["request"])
    assert_no_inline(html)
    assert "x-csrf-token" not in html
    assert "/me/display" not in html


@pytest.mark.parametrize("template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_inline_style_script_or_handler(template: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", template.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"<[^>]*\s(style|on[a-z]+|hx-on[^=]*)=", source)
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)", source)
