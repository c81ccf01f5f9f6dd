"""The ready rules."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM
from app.notifications import reader
from app.notifications.models import NotificationRule
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import Rules
from tests.cast import Cast

assert reader


@pytest.fixture
async def rules(session: AsyncSession, cast: Cast) -> dict[str, NotificationRule]:
    ready = await add_ready_rules(Rules(session, SYSTEM))
    await session.commit()
    return {rule.key: rule for rule in ready}
