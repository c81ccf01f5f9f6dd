"""Whatever is done to tickets and to people's rights, in each channel a person finds what the oracle says (L17).

`make test` tells a few histories, always the same; COUNTERSIGN_PROFILE=nightly tells many, and others every night.
"""

import os
from collections.abc import AsyncIterator, Awaitable
from typing import Any, ClassVar

import httpx
import pytest
from anyio import from_thread, to_thread
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text

from app.actor import SYSTEM, acting_as
from app.db.session import Database
from app.main import create_app
from app.seeds.cast import PEOPLE
from app.tickets.models import Ticket
from app.tickets.seers import seers_of
from app.tickets.visibility import visible, who_may_see
from tests.cast import at_a_browser, furnish, hire, settings_for
from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread
from tests.secrecy.acts_on_approvals import OnApprovals
from tests.secrecy.acts_on_people import OnPeople
from tests.secrecy.acts_on_tickets import OnTickets
from tests.secrecy.channels import CHANNELS, counted
from tests.secrecy.house import CFO, GROUP, TWO, drawn
from tests.secrecy.oracle import Oracle
from tests.story import ask, republish_flow

NIGHTLY = os.environ.get("COUNTERSIGN_PROFILE") == "nightly"
HISTORIES, STEPS_OF_ONE = (60, 40) if NIGHTLY else (5, 16)
ASKING = ("hana", "omar", "daniel")
EVERYBODY = ("hana", "omar", "daniel", "lucas", "elena", "ingrid", "maya", "tomas", "jonas", "otto", "nora", "ada")
ROLES = ("Finance", "Procurement", "Quality", "Admins")
JOINING = tuple(key for key in EVERYBODY if key not in ASKING)
"""Nobody who asks joins those who approve: rule 4 bars them and their stand-ins, which the oracle leaves out."""
MOST_TICKETS = 3

restricted_mostly = st.sampled_from([True, True, False])
voters = st.sampled_from([*TWO, "maya", "tomas", CFO, "otto"])
anybody, joining = st.sampled_from(EVERYBODY), st.sampled_from(JOINING)
a_role, one_of_them = st.sampled_from(ROLES), st.integers(0, MOST_TICKETS - 1)
maybe = st.booleans()
decisions = st.sampled_from(["approve"] * 6 + ["reject", "return"])


class House(OnTickets, OnApprovals, OnPeople):
    pass


class WhoSeesWhat(RuleBasedStateMachine):
    house: ClassVar[House]

    def _do(self, act: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await act

        return from_thread.run(done)

    def _number(self, which: int) -> str:
        numbers = list(self.house.oracle.cases)
        return numbers[which % len(numbers)]

    @property
    def _has_tickets(self) -> bool:
        return bool(self.house.oracle.cases)

    @initialize()
    def begin(self) -> None:
        self.house.oracle = first_day()
        self._do(self.house.begin())

    @precondition(lambda self: len(self.house.oracle.cases) < MOST_TICKETS)
    @rule(who=st.sampled_from(ASKING), restricted=restricted_mostly, team=st.one_of(st.none(), a_role))
    def ask(self, who: str, restricted: bool, team: str | None) -> None:
        other = "otto" if who == "daniel" and "otto" not in self.house.oracle.away else None
        self._do(self.house.ask(who, on_behalf_of=other, restricted=restricted, team=team))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them)
    def submit(self, which: int) -> None:
        self._do(self.house.submit(self._number(which)))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them, by=voters, decision=decisions)
    def vote(self, which: int, by: str, decision: str) -> None:
        self._do(self.house.vote(self._number(which), by, decision))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them)
    def everybody_approves(self, which: int) -> None:
        for by in (*TWO, "tomas", "maya"):
            self._do(self.house.vote(self._number(which), by, "approve"))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them, by=anybody)
    def take_back(self, which: int, by: str) -> None:
        self._do(self.house.take_back(self._number(which), by))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them, by=st.sampled_from([*TWO, CFO]), to=anybody)
    def hand_over(self, which: int, by: str, to: str) -> None:
        self._do(self.house.hand_over(self._number(which), by, to))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them)
    def withdraw(self, which: int) -> None:
        self._do(self.house.withdraw(self._number(which)))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them, user=anybody, role=a_role, is_role=maybe, takes=maybe)
    def share(self, which: int, user: str, role: str, is_role: bool, takes: bool) -> None:
        act = self.house.revoke if takes else self.house.grant
        self._do(act(self._number(which), user=None if is_role else user, role=role if is_role else None))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them, user=st.one_of(st.none(), anybody), role=st.one_of(st.none(), a_role))
    def assign(self, which: int, user: str | None, role: str | None) -> None:
        self._do(self.house.assign(self._number(which), user=user, role=role))

    @precondition(lambda self: self._has_tickets)
    @rule(which=one_of_them, restricted=maybe)
    def restrict(self, which: int, restricted: bool) -> None:
        self._do(self.house.restrict(self._number(which), restricted=restricted))

    @precondition(lambda self: len(self.house.oracle.cases) == MOST_TICKETS)
    @rule(which=one_of_them, by=st.sampled_from([*ASKING, "ada"]))
    def delete(self, which: int, by: str) -> None:
        self._do(self.house.delete(self._number(which), by))

    @rule(principal=st.sampled_from([*TWO, "maya", CFO]), proxy=anybody, now=maybe, covers=maybe)
    def stand_in(self, principal: str, proxy: str, now: bool, covers: bool) -> None:
        self._do(self.house.stand_in(principal, proxy, now=now or covers, covers=covers or now))

    @precondition(lambda self: self.house.oracle.stand_ins)
    @rule(which=st.integers(0, 9))
    def stop_standing_in(self, which: int) -> None:
        stand_ins = self.house.oracle.stand_ins
        self._do(self.house.stop_standing_in(stand_ins[which % len(stand_ins)]))

    @rule(role=a_role, who=joining, leaves=maybe)
    def join_or_leave(self, role: str, who: str, leaves: bool) -> None:
        self._do((self.house.dismiss if leaves else self.house.admit)(role, who))

    @rule(role=a_role)
    def archive_or_restore(self, role: str) -> None:
        is_archived = role in self.house.oracle.archived
        self._do((self.house.restore if is_archived else self.house.archive)(role))

    @rule(who=st.sampled_from([key for key in EVERYBODY if key != "ada"]))
    def leave_or_come_back(self, who: str) -> None:
        is_away = who in self.house.oracle.away
        self._do((self.house.reactivate if is_away else self.house.deactivate)(who))

    @precondition(lambda self: self._has_tickets)
    @rule(who=anybody)
    def look_around(self, who: str) -> None:
        self._do(agrees_in_every_channel(self.house, who))

    def teardown(self) -> None:
        self._do(agrees_about_everybody(self.house))


def first_day() -> Oracle:
    people = {name: {key for key in EVERYBODY if name in roles_of(key)} for name in ROLES}
    return Oracle(members=people, admin_role="Admins", pair=frozenset(TWO), pool=GROUP, last=CFO)


def roles_of(key: str) -> tuple[str, ...]:
    return next(person.roles for person in PEOPLE if person.key == key)


async def agrees_in_every_channel(house: House, who: str) -> None:
    expected = house.oracle.seen_by(who)
    for name, look in CHANNELS.items():
        seen = await look(house.app, house.browsers[who], house.files, house.opened)
        assert seen == expected, f"{who}, by {name}"
    count = await counted(house.browsers[who])
    assert count == (None if who in house.oracle.away else len(expected)), f"{who}, counted"


async def agrees_about_everybody(house: House) -> None:
    """The predicate itself from both of its sides, what somebody sees and who sees it; and what tells of that."""
    known = {house.id_of(key): key for key in EVERYBODY}
    async with house.database.session() as session:
        for key in EVERYBODY:
            actor = await house.browsers[key].recogniser.by_session(house.browsers[key].session_token)
            found = select(Ticket.ticket_no).where(visible(actor), Ticket.ticket_no != house.opened) if actor else None
            seen = set((await session.execute(found)).scalars()) if found is not None else set()
            assert seen == house.oracle.seen_by(key), key
        tickets = select(Ticket).where(Ticket.ticket_no.in_(house.oracle.cases))
        for ticket in (await session.execute(tickets, execution_options={"include_deleted": True})).scalars():
            expected = {key for key in EVERYBODY if house.oracle.sees(key, ticket.ticket_no)}
            assert {known[one] for one in await who_may_see(session, ticket.id, known)} == expected, ticket.ticket_no
            if ticket.deleted_at is None and not ticket.open_to_all:
                told = {known.get(seer.person.id) for seer in await seers_of(session, ticket)} - {None}
                assert told == expected, ticket.ticket_no


@pytest.fixture(scope="module")
async def house(database: WorkersDatabase) -> AsyncIterator[House]:
    own = Database(database.app_url)
    app = create_app(settings_for(database.app_url), database=own)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        with acting_as(SYSTEM):
            async with own.session() as session:
                company = await furnish(session, await hire(session))
                await republish_flow(session, "change", lambda definition: drawn(company, definition))
        async with own.session() as session:
            people = company.cast.people.items()
            browsers = {key: await at_a_browser(session, client, app, user) for key, user in people if key in EVERYBODY}
            newest = (await session.execute(text("SELECT max(id) FROM ticket.user_roles"))).scalar_one()
            with acting_as(await browsers["jonas"].actor()):
                opened = await ask(session, browsers["jonas"], title="For everybody")
        house = House(app, own, company, browsers, Oracle({}, "", frozenset(), "", ""), newest, opened.ticket_no)
        yield house
    in_a_thread(restore_what_migrations_brought(database.superuser_dsn))


async def test_in_every_channel_each_person_finds_what_they_may_see_and_nothing_else(house: House) -> None:
    class Told(WhoSeesWhat):
        pass

    Told.house = house
    many = settings(
        max_examples=HISTORIES,
        stateful_step_count=STEPS_OF_ONE,
        derandomize=not NIGHTLY,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await to_thread.run_sync(lambda: run_state_machine_as_test(Told, settings=many))


async def test_who_stands_in_for_somebody_who_may_not_decide_sees_nothing_by_it(house: House) -> None:
    """As a member of a group that is in use no more, or not here any more."""
    number = await _asked_of_the_group(house)
    await house.stand_in("maya", "otto", now=True, covers=True)
    assert house.oracle.sees("otto", number)
    for act, undo in ((house.archive(GROUP), house.restore), (house.deactivate("maya"), house.reactivate)):
        await agrees_in_every_channel(house, "otto")
        await act
        assert not house.oracle.sees("otto", number)
        await agrees_in_every_channel(house, "otto")
        await agrees_about_everybody(house)
        await undo(GROUP if undo == house.restore else "maya")


async def test_who_stands_in_for_somebody_who_has_voted_sees_nothing_by_it_unless_the_vote_is_taken_back(
    house: House,
) -> None:
    """The group's step stays open for a second vote, but nothing is asked of her any more (L17)."""
    number = await _asked_of_the_group(house)
    await house.stand_in("maya", "otto", now=True, covers=True)
    await house.vote(number, "maya", "approve")
    await house.take_back(number, "maya")
    assert house.oracle.sees("otto", number)
    await _agrees(house)
    await house.vote(number, "maya", "approve")
    assert not house.oracle.sees("otto", number)
    assert house.oracle.sees("maya", number)
    await _agrees(house)
    await house.stand_in("tomas", "omar", now=True, covers=True)
    await house.vote(number, "omar", "approve")
    assert house.oracle.sees("omar", number), "who acted goes on reading"
    await _agrees(house)


async def _agrees(house: House) -> None:
    await agrees_in_every_channel(house, "otto")
    await agrees_about_everybody(house)


async def _asked_of_the_group(house: House) -> str:
    house.oracle = first_day()
    await house.begin()
    await house.ask("hana", on_behalf_of=None, restricted=True, team=None)
    [number] = house.oracle.cases
    await house.submit(number)
    for by in TWO:
        await house.vote(number, by, "approve")
    return number
