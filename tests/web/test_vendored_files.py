import re
from pathlib import Path

import pytest

from scripts.icon_sprite import GLYPHS, ICON_NAMES
from scripts.vendor import SPRITE, SPRITE_SHA256, STATIC, VENDORED_FILES, VendoredFile, sha256

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.mark.parametrize("vendored", VENDORED_FILES, ids=lambda vendored: vendored.target)
def test_a_vendored_file_is_byte_for_byte_the_one_that_was_reviewed(vendored: VendoredFile) -> None:
    assert sha256((STATIC / vendored.target).read_bytes()) == vendored.sha256


def test_the_sprite_is_the_one_the_vendor_script_drew() -> None:
    assert sha256((STATIC / SPRITE).read_bytes()) == SPRITE_SHA256


def test_the_sprite_has_a_symbol_for_each_icon_and_glyph() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / SPRITE).read_text("utf-8")))
    assert drawn == {*ICON_NAMES, *GLYPHS, "logo"}


def test_nothing_lies_in_the_vendored_folders_that_the_table_does_not_name() -> None:
    named = {vendored.target for vendored in VENDORED_FILES}
    found = {str(path.relative_to(STATIC)) for folder in ("vendor", "fonts") for path in (STATIC / folder).iterdir()}
    assert found == {target for target in named if not target.startswith("icons/")}


def test_each_vendored_package_comes_with_its_licence() -> None:
    licensed = {vendored.package for vendored in VENDORED_FILES if "LICENSE" in vendored.target}
    assert licensed == {vendored.package for vendored in VENDORED_FILES}


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    named = {
        name
        for page in TEMPLATES.rglob("*.html")
        for name in re.findall(r"\b(?:icon\(|(?:icon|trailing)=)'([a-z0-9-]+)'(?! ~)", page.read_text("utf-8"))
    }
    assert named - {*ICON_NAMES, *GLYPHS, "logo"} == set()
