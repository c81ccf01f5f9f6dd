"""Debian's Chromium through Playwright; where there is none, the journeys say so."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

INSTALL = "apt-get install -y --no-install-recommends chromium-headless-shell fonts-noto-cjk"
NAMES = ("chromium-headless-shell", "chromium")
"""The same engine; without windows it takes less than half of the time (11 s of CPU, 4 s: 8 contexts, 32 pages)."""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
NIGHTLY = os.environ.get("COUNTERSIGN_PROFILE") == "nightly"
LOOKS = [("desk", "light"), *([("phone", "dark"), ("desk", "dark"), ("phone", "light")] if NIGHTLY else [])]
"""Devices and schemes: by day one of them, for each kind of page is looked at narrow and dark by the crawl of all."""


def chromium_path() -> str | None:
    chosen = (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES))
    return next((path for path in chosen if path and Path(path).is_file()), None)


@asynccontextmanager
async def launched_chromium() -> AsyncIterator[Any]:
    path = chromium_path() or report_missing()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


def report_missing() -> str:
    sentence = f"No Chromium was found, so the browser journeys cannot run. Install it with: {INSTALL}"
    if os.environ.get("CI"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
