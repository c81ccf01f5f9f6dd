"""Draws `static/icons/sprite.svg`: the lucide icons the product uses, and the product's own glyphs.

A status or a priority has a glyph of its own shape, so that colour is never the only signal.
"""

import re
from collections.abc import Mapping

LUCIDE_ICONS = """
    activity align-left archive archive-restore arrow-down arrow-down-up arrow-left arrow-right arrow-up
    arrow-up-right asterisk at-sign badge-check ban banknote bell bell-off bell-ring bookmark bot briefcase bug
    building-2 calculator calendar calendar-days car chart-no-axes-column check check-check chevron-down
    chevron-left chevron-right chevron-up chevrons-up-down circle circle-alert circle-check circle-dot
    circle-minus circle-off circle-plus circle-question-mark circle-x clock cloud-off columns-3 command copy
    corner-up-left credit-card database download ellipsis external-link eye eye-off factory file file-image
    file-spreadsheet file-text fingerprint flag flask-conical folder folder-tree forward gavel git-branch
    git-compare globe graduation-cap grid-2x2 grip-vertical hand handshake hard-drive hash heart-pulse history
    hourglass house image inbox info key-round keyboard languages laptop layout-dashboard layout-template leaf
    lightbulb link list list-checks list-filter loader-circle lock lock-open log-in log-out mail map-pin megaphone
    menu message-square message-square-lock minus monitor moon network package palette paperclip pause pen-line
    pencil percent phone plane play plus printer receipt redo-2 refresh-cw repeat rotate-ccw rows-3 rows-4 save
    scale scroll-text search send server settings shield shield-alert shield-check shopping-cart sigma
    sliders-horizontal
    smartphone split square-check stamp star sun sun-moon table-2 tag tags ticket ticket-check timer toggle-right
    trash-2 triangle-alert truck type undo-2 unplug upload user user-check user-minus user-plus user-x users
    wand-sparkles
    webhook wifi-off workflow wrench x zap
"""
ICON_NAMES = tuple(LUCIDE_ICONS.split())

RING = '<circle cx="8" cy="8" r="6"/>'
DISC = '<circle cx="8" cy="8" r="6.8" fill="currentColor" stroke="none"/>'
ON_DISC = 'stroke="var(--surface)"'
FAINT = ' opacity=".28"'


def bars(*faint: bool) -> str:
    """Three rising bars; the faint ones are the priority that is missing."""
    shapes = ('x="1.6" y="9.5" height="4.6"', 'x="6.4" y="6" height="8.1"', 'x="11.2" y="2.5" height="11.6"')
    drawn = (
        f'<rect {shape} width="3.2" rx="1"{FAINT if is_faint else ""}/>'
        for shape, is_faint in zip(shapes, faint, strict=True)
    )
    return f'<g fill="currentColor" stroke="none">{"".join(drawn)}</g>'


GLYPHS = {
    "s-draft": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.1 2.1"/>',
    "s-waiting": f'{RING}<path d="M8 4.9V8l2 1.4"/>',
    "s-open": RING,
    "s-progress": f'{RING}<path d="M8 4.4a3.6 3.6 0 0 1 0 7.2z" fill="currentColor" stroke="none"/>',
    "s-resolved": f'{RING}<path d="m5.4 8.1 1.8 1.8 3.4-3.6"/>',
    "s-closed": f'{DISC}<path d="m5.3 8.1 1.9 1.9 3.5-3.8" {ON_DISC}/>',
    "s-rejected": f'{DISC}<path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" {ON_DISC}/>',
    "s-cancelled": f'{RING}<path d="m3.8 12.2 8.4-8.4"/>',
    "s-sentback": f'{RING}<path d="M10.4 8H5.6m1.9-2L5.5 8l2 2"/>',
    "p-urgent": '<rect x="1.5" y="1.5" width="13" height="13" rx="3.2" fill="currentColor" stroke="none"/>'
    f'<path d="M8 4.7v4M8 11.2v.05" {ON_DISC} stroke-width="1.9"/>',
    "p-high": bars(False, False, False),
    "p-medium": bars(False, False, True),
    "p-low": bars(False, True, True),
}
LOGO = (
    '<rect width="28" height="28" rx="7.5" fill="currentColor" stroke="none"/>'
    f'<g {ON_DISC} stroke-width="2.6">'
    '<path d="M19.4 9.2A7.3 7.3 0 1 0 21.2 15"/><path d="m10.6 13.7 3.2 3.2 8-8.6"/></g>'
)
STROKED = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'


def sprite(lucide: Mapping[str, str]) -> str:
    """One symbol an icon; line width and colour come from the `<svg class="icon">` that uses it."""
    symbols = [symbol(name, "0 0 24 24", inner_of(svg)) for name, svg in lucide.items()]
    symbols += [symbol(name, "0 0 16 16", drawing) for name, drawing in GLYPHS.items()]
    symbols.append(symbol("logo", "0 0 28 28", LOGO))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def symbol(name: str, view_box: str, drawing: str) -> str:
    return f'<symbol id="{name}" viewBox="{view_box}" {STROKED}>{drawing}</symbol>'


def inner_of(svg: str) -> str:
    inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inside is None:
        raise ValueError("An icon without an <svg> element")
    return re.sub(r"\s+", " ", inside[1]).strip().replace(" />", "/>").replace("> <", "><")
