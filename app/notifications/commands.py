"""What the command line does to notification rules."""

from dataclasses import replace

from app.accounts.commands import transaction
from app.actor import SYSTEM, Channel, acting_as
from app.config import Settings
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import Rules


async def bring_ready_rules(settings: Settings) -> None:
    """With the first administrator, so that nobody has to wonder why the bell is silent."""
    with acting_as(replace(SYSTEM, channel=Channel.CLI)) as actor:
        async with transaction(settings) as session:
            await add_ready_rules(Rules(session, actor))
