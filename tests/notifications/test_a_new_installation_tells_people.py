"""`countersign admin create` brings the ready rules: a bell that nobody set up rings all the same."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.clock import utc_now
from app.notifications.commands import bring_ready_rules
from app.notifications.models import NotificationRule
from app.notifications.ready_rules import READY_RULES
from tests.cast import settings_for
from tests.database import WorkersDatabase


async def test_the_ready_rules_come_once_and_stay_as_an_admin_left_them(
    clean_database: WorkersDatabase, engine: AsyncEngine
) -> None:
    settings = settings_for(clean_database.app_url)
    await bring_ready_rules(settings)
    async with AsyncSession(engine) as session:
        rule = NotificationRule
        await session.execute(update(rule).where(rule.key == "comments").values(archived_at=utc_now()))
        await session.commit()
    await bring_ready_rules(settings)
    async with AsyncSession(engine) as session:
        rules = (await session.execute(select(NotificationRule))).scalars().all()
    assert {rule.key for rule in rules} == set(READY_RULES)
    assert len(rules) == len(READY_RULES)
    assert [rule.key for rule in rules if rule.archived_at] == ["comments"]
