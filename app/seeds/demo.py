"""The demo company, told through the services so that timelines, approvals and bells fill themselves."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User
from app.accounts.people import People
from app.accounts.roles import Roles
from app.actor import SYSTEM, SYSTEM_ID, Actor, acting_as
from app.approvals.proxies import Proxies
from app.approvals.service import ApprovalTemplates
from app.attachments.storage import storage_for, use
from app.catalogue.business_time import WEEKDAYS, calendar_from_json
from app.catalogue.calendars import Calendars
from app.catalogue.categories import Categories
from app.catalogue.labels import Labels
from app.catalogue.matrices import Matrices
from app.clock import telling_of, utc_now
from app.config import Settings
from app.db.session import Database
from app.flow_forms import forms_of_flow
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import Rules
from app.seeds.cast import GROUPS, PASSWORD, PEOPLE
from app.seeds.flows import budget_transfer as transfer_flow
from app.seeds.flows import flows
from app.seeds.forms import CATEGORIES, LABELS, forms
from app.seeds.forms import budget_transfer as transfer_form
from app.seeds.stories import stories
from app.seeds.teller import Teller, moment_of
from app.ticket_templates.service import TicketTemplates

OFFICE_HOURS = {
    "zone": "Europe/Berlin",
    "hours": {day: [["08:00", "17:00"]] for day in WEEKDAYS[:5]},
    "holidays": ["2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01"],
}
FOUNDED = 60
"""Days ago: before the first story."""


async def seed(settings: Settings) -> None:
    """Does nothing where there is anybody already."""
    use(storage_for(settings))
    database = Database(settings.database_url or "", role=settings.app_role, pool_size=2, max_overflow=2)
    try:
        if await _is_empty(database):
            await _found(database)
    finally:
        await database.close()


_AS_IT_HAPPENED = text("""
    WITH retold AS (
        SELECT told.id, nextval(pg_get_serial_sequence('ticket.outbox', 'id')) AS number
        FROM (SELECT id FROM ticket.outbox WHERE dispatched_at IS NULL ORDER BY created_at, id) told
    )
    UPDATE ticket.outbox SET id = retold.number FROM retold WHERE outbox.id = retold.id
""")
"""The stories are told one after another, and lie over each other in time: people hear of them as it went."""


async def _is_empty(database: Database) -> bool:
    async with database.session() as session:
        people = select(func.count()).select_from(User).where(User.id != SYSTEM_ID)
        return (await session.execute(people)).scalar_one() == 0


async def _found(database: Database) -> None:
    with telling_of(moment_of(FOUNDED, "08:00")):
        async with database.in_its_own() as session:
            with acting_as(SYSTEM):
                people, roles = await _hire(session)
        teller = Teller(database, {})
        ada = await teller.actor("ada")
        async with database.in_its_own() as session:
            with acting_as(ada):
                labels = await _furnish(session, ada, people, roles)
    teller = Teller(database, labels)
    for story in stories():
        await teller.tell(story)
    await _away(database, teller, people)
    async with database.in_its_own() as session:
        await session.execute(_AS_IT_HAPPENED)


async def _hire(session: AsyncSession) -> tuple[dict[str, int], dict[str, int]]:
    directory, groups = People(session, SYSTEM), Roles(session, SYSTEM)
    people: dict[str, User] = {}
    for person in PEOPLE:
        people[person.key] = await directory.add(
            name=person.name, email=person.email, title=person.title, password=PASSWORD, locale=person.locale,
            time_zone=person.time_zone,
        )  # fmt: skip
    for person in PEOPLE:
        if person.manager:
            await directory.place_under(people[person.key], manager_id=people[person.manager].id)
    roles: dict[str, Role] = {}
    for group in GROUPS:
        roles[group.name] = await groups.add(
            name=group.name, description=group.description, capabilities=group.capabilities, capacity=group.capacity
        )
    for person in PEOPLE:
        for name in person.roles:
            await groups.admit(roles[name], people[person.key])
    return {key: user.id for key, user in people.items()}, {name: role.id for name, role in roles.items()}


async def _furnish(
    session: AsyncSession, ada: Actor, people: Mapping[str, int], roles: Mapping[str, int]
) -> dict[str, int]:
    """Everything that Ada shaped before the first ticket; returns the labels by name."""
    catalogue, tags = Categories(session, ada), Labels(session, ada)
    office = calendar_from_json(OFFICE_HOURS)
    await Calendars(session, ada).add(key="head-office", name="Head office", hours=office, is_default=True)
    await _tabulate(Matrices(session, ada), people, roles)
    categories = {name: (await catalogue.add(name=name, icon=icon)).id for name, icon in CATEGORIES}
    labels = {name: (await tags.add(name=name, color=color)).id for name, color in LABELS}
    flow_shelf = ApprovalTemplates(session, ada, forms_of_flow)
    for definition in (*flows(roles, people), transfer_flow(roles)):
        await flow_shelf.publish(await flow_shelf.create(definition))
    form_shelf = TicketTemplates(session, ada)
    for definition in (*forms(roles, categories), transfer_form(roles)):
        await form_shelf.publish(await form_shelf.create(definition))
    await add_ready_rules(Rules(session, ada))
    return labels


async def _tabulate(matrices: Matrices, people: Mapping[str, int], roles: Mapping[str, int]) -> None:
    """Who answers for which cost centre: budget transfers ask them."""
    matrix = await matrices.add(key="cost-centres", name="Cost centres")
    for value, person in (("cc_4410", "daniel"), ("cc_2200", "maya")):
        await matrices.add_row(matrix, value=value, user_id=people[person])
    await matrices.add_row(matrix, value="cc_1100", role_id=roles["Finance"])


async def _away(database: Database, teller: Teller, people: Mapping[str, int]) -> None:
    """Ingrid is at a board meeting this week; Maya signs for her."""
    ingrid = await teller.actor("ingrid")
    async with database.in_its_own() as session:
        with acting_as(ingrid):
            now = utc_now()
            await Proxies(session, ingrid).set(
                people["ingrid"], people["maya"], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=6),
                reason="Board meeting in Oslo",
            )  # fmt: skip
