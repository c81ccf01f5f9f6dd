"""The product as it would be if nobody asked who may see a ticket: what the recordings must notice."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import _lru_cache_wrapper
from typing import Any

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.accounts.recognise import person_acting
from app.actor import Actor
from app.mailing import jobs, reader
from app.tickets import visibility
from app.tickets.models import Ticket


def everything(_actor: Actor) -> ColumnElement[bool]:
    return Ticket.deleted_at.is_(None)


async def always(*_: Any) -> bool:
    return True


async def everybody(_session: AsyncSession, _ticket_id: int, user_ids: Iterable[int]) -> set[int]:
    return set(user_ids)


def forget_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten = {visibility.visible: everything, visibility.may_see: always, visibility.who_may_see: everybody}
    for module in [module for name, module in sys.modules.items() if name.startswith("app.")]:
        for name, known in [(name, value) for name, value in vars(module).items() if callable(value)]:
            if known.__hash__ and known in forgotten:
                monkeypatch.setattr(module, name, forgotten[known])
            elif isinstance(
                known, _lru_cache_wrapper
            ):  # statements that were made when it was still asked, and none kept of now
                monkeypatch.setattr(module, name, known.__wrapped__)
    write_to_somebody_else(monkeypatch)


def write_to_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked by mail, Otto gets one too."""
    asked, checked = reader._asked, jobs._asked

    async def otto_too(session: AsyncSession, row: Any) -> set[int]:
        return await asked(session, row) | {await _id_of(session, "otto")}

    async def anybody(session: AsyncSession, who: Actor, delivery: Any) -> Any:
        ingrid = await person_acting(session, await _id_of(session, "ingrid"))
        return await checked(session, replace(ingrid or who), delivery)

    monkeypatch.setattr(reader, "_asked", otto_too)
    monkeypatch.setattr(jobs, "_asked", anybody)


async def _id_of(session: AsyncSession, key: str) -> int:
    return (await session.execute(select(User.id).where(User.email == f"{key}@aldermoor.example"))).scalar_one()
