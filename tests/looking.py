"""A page as a strict reader looks at it: axe, and whether it scrolls sideways."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = EVERYTHING | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that a dark scheme can change."""
NARROW = EVERYTHING | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "scrollable-region-focusable", "target-size"]}
}
"""All that a dark scheme and a narrow page can change; at night everything is asked again."""
NARROWEST = 320
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return null;
  const beyond = (element) => element.getBoundingClientRect().right > width + 1;
  return [...document.querySelectorAll("main *")].filter(beyond).slice(0, 3).map((one) => one.outerHTML.slice(0, 90));
}"""


async def accessible(page: Any, look: str, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """What axe finds; its half a megabyte is read once a page, however often that is looked at."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [
        f"in {look}: {one['id']}: {node['target']} {node['html'][:120]}" for one in found for node in one["nodes"][:2]
    ]
