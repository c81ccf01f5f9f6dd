"""The palette: as the list under its field, and as a page of its own where there is no script."""

from typing import Any

from litestar import Controller, Request, get
from litestar.response import Template

from app.web.guards import SIGNED_IN, access
from app.web.htmx import is_fragment
from app.web.pages import page, partial
from app.web.transaction import Db, Who
from app.work.palette import Palette

LONGEST_WORDS = 200


class PalettePage(Controller):
    path = "/palette"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: Request[Any, Any, Any], db: Db, actor: Who) -> Template:
        asked = request.query_params
        words = " ".join("".join(sign if sign.isprintable() else " " for sign in asked.get("q", "")).split())
        palette = Palette(db, actor)
        if is_fragment(request):
            return partial("work/palette_choices", found=await palette.find(words[:LONGEST_WORDS]))
        found = await palette.find(words[:LONGEST_WORDS], page=asked.get("on", ""))
        return await page(request, "work/palette", found=found, on=asked.get("on", "")[:LONGEST_WORDS])
