"""Whatever the OpenAPI file allows, and much that it does not, gets an answer below 500 (promises.md, X1)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar
from schemathesis import Case, GenerationMode
from schemathesis.core.errors import InvalidSchema

from app.db.session import Database
from app.main import create_app
from app.web.openapi import document
from tests.cast import Browser, Company, at_a_browser, furnish, hire, settings_for
from tests.database import WorkersDatabase
from tests.story import ask

MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@dataclass
class House:
    """The product on a loop of its own, with committed rows, and two who call it: an administrator and a requester."""

    runner: asyncio.Runner
    app: Litestar
    turns: Iterator[Browser]
    numbers: list[str]

    def send(self, case: Case, who: Browser) -> httpx.Response:
        return self.runner.run(self._send(case, who))

    async def _send(self, case: Case, who: Browser) -> httpx.Response:
        kwargs = case.as_transport_kwargs(base_url="http://test/api/v1")
        headers = {**dict(kwargs.pop("headers") or {}), "authorization": f"Bearer {who.bearer}"}
        request = who.client.build_request(
            kwargs["method"], kwargs["url"], params=_pairs(kwargs.get("params")), headers=_sendable(headers),
            **({"json": kwargs["json"]} if "json" in kwargs else {"content": _bytes(kwargs.get("data"))}),
        )  # fmt: skip
        return await who.client.send(request)


@pytest.fixture
def house(clean_database: WorkersDatabase) -> Iterator[House]:
    with asyncio.Runner() as runner:
        database = Database(clean_database.app_url, pool_size=4)
        app = create_app(settings_for(clean_database.app_url), database=database)
        yield runner.run(_furnished(runner, app, database))
        runner.run(database.close())


async def _furnished(runner: asyncio.Runner, app: Litestar, database: Database) -> House:
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://test"
    )
    async with database.session() as session:
        cast = await hire(session)
        await session.commit()
        company: Company = await furnish(session, cast)
        callers = [await at_a_browser(session, client, app, company.cast[key]) for key in ("ada", "hana")]
        numbers = [(await ask(session, callers[1], title=f"Request {number}")).ticket_no for number in range(3)]
    return House(runner, app, cycle(callers), numbers)


def _sendable(headers: dict[str, Any]) -> dict[str, str]:
    """What no client could put on the wire is left out."""
    told = {str(name): str(value) for name, value in headers.items()}
    return {name: value for name, value in told.items() if value.isprintable() and value.isascii() and name.isascii()}


def _pairs(params: Any) -> list[tuple[str, str]]:
    found = []
    for name, value in (params or {}).items():
        for one in value if isinstance(value, list) else [value]:
            found.append((str(name), str(one).encode("utf-8", "replace").decode()))
    return found


def _bytes(data: Any) -> bytes | None:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data if isinstance(data, bytes) else None


def _fuzz(house: House, examples: int) -> None:
    schema = schemathesis.openapi.from_dict(document(house.app.routes))
    for found in schema.get_all_operations():
        operation = found.ok()
        tried = [mode for mode in MODES if _is_tried_out(house, operation, mode, examples)]
        assert tried, f"nothing could be made up for {operation.label}"


def _is_tried_out(house: House, operation: Any, mode: GenerationMode, examples: int) -> bool:
    """Schemathesis sometimes finds no wrong value for a shape that contains itself (a flow's rules)."""
    strategy = operation.as_strategy(generation_mode=mode)

    @given(case=strategy)
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def no_call_breaks_it(case: Case) -> None:
        if isinstance(case.path_parameters, dict) and "ticket_no" in case.path_parameters:
            case.path_parameters["ticket_no"] = house.numbers[0]
        answer = house.send(case, next(house.turns))
        assert answer.status_code < 500, (operation.label, case.body, answer.text)

    try:
        no_call_breaks_it()
    except InvalidSchema:
        return False
    return True


def test_no_call_breaks_the_server(house: House) -> None:
    _fuzz(house, examples=3)


@pytest.mark.nightly
def test_no_call_breaks_the_server_in_the_night_either(house: House) -> None:
    _fuzz(house, examples=300)
