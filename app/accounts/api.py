"""The token, oneself, people and roles as JSON."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from litestar import Controller, delete, get, patch, post, put
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType, field

from app.accounts import directory_repository as directory
from app.accounts import repository, sign_in, tokens
from app.accounts.access_tokens import AccessTokens
from app.accounts.forms import is_email, time_zones
from app.accounts.models import Details, Role, User
from app.accounts.people import People
from app.accounts.roles import Roles
from app.actor import Actor, Capability, Channel, acting_as
from app.errors import Refused
from app.web.api import (
    PAGED,
    AnyRequest,
    Id,
    Json,
    Named,
    Query,
    Sent,
    answer,
    begin,
    cleaned,
    described,
    limit_of,
    nothing,
    query_of,
)
from app.web.door import client_address, visit_of
from app.web.guards import API, API_ADMIN, PUBLIC, access
from app.web.i18n import LOCALES
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import row_id
from app.web.transaction import Db, Who


class Credentials(Sent):
    email: Annotated[str, Meta(max_length=320)]
    password: Annotated[str, Meta(max_length=1000)]


class TokenOut(Struct):
    access_token: str
    expires_in: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105


class MeOut(Struct):
    id: int
    name: str
    email: str
    roles: list[Named]
    capabilities: list[Capability]
    locale: str
    time_zone: str


class UserOut(Struct, kw_only=True):
    """For whoever does not administer: `id` and `name` only."""

    id: int
    name: str
    email: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    manager: Named | UnsetType | None = UNSET
    locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    roles: list[Named] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class UsersOut(Struct):
    items: list[UserOut]
    next_cursor: str | None


class NewUser(Sent, kw_only=True):
    name: str
    email: str
    title: str = ""
    password: str | None = None
    manager_id: Id | None = None
    locale: str = "en"
    time_zone: str = "Europe/Berlin"


class UserChange(Sent, kw_only=True):
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    manager_id: Id | UnsetType | None = UNSET
    locale: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class RoleOut(Struct, kw_only=True):
    """For whoever does not administer: `id` and `name` only."""

    id: int
    name: str
    description: str | UnsetType = UNSET
    capabilities: list[str] | UnsetType = UNSET
    capacity: int | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET
    members: list[Named] | UnsetType = UNSET


class RolesOut(Struct):
    items: list[RoleOut]
    next_cursor: None = None


Capacity = Annotated[int, Meta(ge=1, le=10_000)]


class NewRole(Sent, kw_only=True):
    name: str
    description: str = ""
    capabilities: list[Capability] = field(default_factory=list)
    capacity: Capacity | None = None


class RoleChange(Sent, kw_only=True):
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    capabilities: list[Capability] | UnsetType = UNSET
    capacity: Capacity | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET


class Tokens(Controller):
    path = "/api/v1/auth/token"
    opt = access(PUBLIC)

    @post(**described("A token for an hour", takes=Credentials, gives=TokenOut, refuses=(429,)))
    async def create(self, request: AnyRequest, db: Db, state: State) -> Json:
        sent = await read(request, Credentials)
        address = client_address(request.scope, visit_of(request).headers, state.settings.trusted_proxies)
        found = await sign_in.check_credentials(state.database, sent.email, sent.password, address)
        user = await sign_in.still_as(db, found)
        with acting_as(Actor(id=user.id, name=user.name, channel=Channel.API, address=address)) as actor:
            token = await AccessTokens(db, actor).issue(
                state.settings.secret_key, name=_("Signed in"), lifetime=tokens.LIFETIME, by_password=True
            )
        return answer(TokenOut(token, int(tokens.LIFETIME.total_seconds())))


class MyselfApi(Controller):
    path = "/api/v1/me"
    opt = access(API)

    @get(**described("Who the token speaks for", gives=MeOut))
    async def show(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        names = await repository.role_names(db, actor.role_ids)
        roles = [Named(role_id, name) for role_id, name in sorted(names.items(), key=lambda one: one[1].lower())]
        capabilities = [one for one in Capability if one in actor.capabilities]
        return answer(MeOut(actor.id, actor.name, actor.email, roles, capabilities, actor.locale, actor.time_zone))


_WORDS = Query("q", "Words in the name.")
_STATE = Query("state", "For administrators.", {"type": "string", "enum": list(directory.STATES), "default": "active"})


class UsersApi(Controller):
    path = "/api/v1/users"
    opt = access(API)

    @get(**described("People by name", gives=UsersOut, query=(_WORDS, _STATE, *PAGED)))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        asked = query_of(request, (_WORDS, _STATE, *PAGED))
        state = asked.get("state", "active")
        if state not in directory.STATES or (state != "active" and not actor.is_admin):
            raise Refused.at("state", _("Choose one of the options."))
        found = await directory.page_of_users(
            db, q=cleaned("q", asked.get("q", ""), limit=200, required=False), state=state,
            cursor=asked.get("cursor"), size=limit_of(request), names_only=not actor.is_admin,
        )  # fmt: skip
        return answer(UsersOut(await _users_out(db, actor, found.rows), found.next_cursor))

    @get("/{user_id:str}", **described("One person", gives=UserOut))
    async def show(self, request: AnyRequest, user_id: FromPath[str], db: Db, actor: Who) -> Json:
        user = await People(db, actor).find(row_id(user_id))
        query_of(request)
        return await _one_user(db, actor, user)

    @post(**described("Add a person", may=API_ADMIN, takes=NewUser, gives=UserOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewUser)
        details = _details(sent.name, sent.email, sent.title, sent.locale, sent.time_zone)
        user = await People(db, actor).add(**details, password=sent.password, manager_id=sent.manager_id)
        return await command.keep(await _one_user(db, actor, user, status=201, location=f"{self.path}/{user.id}"))

    @patch("/{user_id:str}", **described("Change a person", may=API_ADMIN, takes=UserChange, gives=UserOut))
    async def change(self, request: AnyRequest, user_id: FromPath[str], db: Db, actor: Who) -> Json:
        people = People(db, actor)
        user = await people.find(row_id(user_id))
        sent = await read(request, UserChange)
        await people.reshape(
            user, manager_id=_given(sent.manager_id, user.manager_id), **_changed_details(user, sent)
        )  # fmt: skip
        if sent.password is not UNSET:
            await people.set_password(user, sent.password)
        if sent.active is not UNSET and sent.active != user.is_active:
            await (people.reactivate(user) if sent.active else people.deactivate(user))
        return await _one_user(db, actor, user)

    @delete("/{user_id:str}", **described("Deactivate a person", may=API_ADMIN, status=204, refuses=(409,)))
    async def deactivate(self, request: AnyRequest, user_id: FromPath[str], db: Db, actor: Who) -> Json:
        people = People(db, actor)
        await people.deactivate(await people.find(row_id(user_id)))
        return nothing()


class RolesApi(Controller):
    path = "/api/v1/roles"
    opt = access(API)

    @get(**described("Roles by name", gives=RolesOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        every = await directory.all_roles(db)
        shown = every if actor.is_admin else [role for role in every if role.archived_at is None]
        return answer(RolesOut(await _roles_out(db, actor, shown)))

    @get("/{role_id:str}", **described("One role", gives=RoleOut))
    async def show(self, request: AnyRequest, role_id: FromPath[str], db: Db, actor: Who) -> Json:
        role = await Roles(db, actor).find(row_id(role_id))
        query_of(request)
        return await _one_role(db, actor, role)

    @post(**described("Add a role", may=API_ADMIN, takes=NewRole, gives=RoleOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewRole)
        role = await Roles(db, actor).add(
            name=cleaned("name", sent.name, limit=120), capabilities=sent.capabilities, capacity=sent.capacity,
            description=_description(sent.description),
        )  # fmt: skip
        return await command.keep(await _one_role(db, actor, role, status=201, location=f"{self.path}/{role.id}"))

    @patch(
        "/{role_id:str}", **described("Change a role", may=API_ADMIN, takes=RoleChange, gives=RoleOut, refuses=(409,))
    )
    async def change(self, request: AnyRequest, role_id: FromPath[str], db: Db, actor: Who) -> Json:
        roles = Roles(db, actor)
        role = await roles.find(row_id(role_id))
        sent = await read(request, RoleChange)
        await roles.change(
            role,
            name=role.name if sent.name is UNSET else cleaned("name", sent.name, limit=120),
            description=role.description if sent.description is UNSET else _description(sent.description),
            capabilities=_given(sent.capabilities, role.capabilities),
            capacity=_given(sent.capacity, role.capacity),
        )
        if sent.archived is not UNSET and sent.archived != (role.archived_at is not None):
            await (roles.archive(role) if sent.archived else roles.restore(role))
        return await _one_role(db, actor, role)

    @delete("/{role_id:str}", **described("Archive a role", may=API_ADMIN, status=204, refuses=(409,)))
    async def archive(self, request: AnyRequest, role_id: FromPath[str], db: Db, actor: Who) -> Json:
        roles = Roles(db, actor)
        await roles.archive(await roles.find(row_id(role_id)))
        return nothing()


class MembersApi(Controller):
    path = "/api/v1/roles/{role_id:str}/members/{user_id:str}"
    opt = access(API_ADMIN)

    @put(**described("Add a member", status=204, refuses=(409,)))
    async def admit(self, role_id: FromPath[str], user_id: FromPath[str], db: Db, actor: Who) -> Json:
        role, user = await _role_and_user(db, actor, role_id, user_id)
        await Roles(db, actor).admit(role, user)
        return nothing()

    @delete(**described("Remove a member", status=204, refuses=(409,)))
    async def dismiss(self, role_id: FromPath[str], user_id: FromPath[str], db: Db, actor: Who) -> Json:
        role, user = await _role_and_user(db, actor, role_id, user_id)
        await Roles(db, actor).dismiss(role, user)
        return nothing()


ACCOUNTS_API = [Tokens, MyselfApi, UsersApi, RolesApi, MembersApi]


async def _role_and_user(db: Db, actor: Actor, role_id: str, user_id: str) -> tuple[Role, User]:
    return await Roles(db, actor).find(row_id(role_id)), await People(db, actor).find(row_id(user_id))


async def _one_user(db: Db, actor: Actor, user: User, *, status: int = 200, location: str = "") -> Json:
    return answer((await _users_out(db, actor, [user]))[0], status=status, location=location)


async def _users_out(db: Db, actor: Actor, users: Sequence[User]) -> list[UserOut]:
    if not actor.is_admin:
        return [UserOut(id=user.id, name=user.name) for user in users]
    managers = await repository.people(db, [user.manager_id for user in users if user.manager_id])
    roles = await directory.roles_of(db, [user.id for user in users])
    return [
        UserOut(
            id=user.id, name=user.name, email=user.email, title=user.title, locale=user.locale,
            time_zone=user.time_zone, active=user.is_active,
            manager=Named(user.manager_id, managers[user.manager_id].name) if user.manager_id else None,
            roles=[Named(role.id, role.name) for role in roles[user.id]],
        )
        for user in users
    ]  # fmt: skip


async def _one_role(db: Db, actor: Actor, role: Role, *, status: int = 200, location: str = "") -> Json:
    return answer((await _roles_out(db, actor, [role]))[0], status=status, location=location)


async def _roles_out(db: Db, actor: Actor, roles: Sequence[Role]) -> list[RoleOut]:
    if not actor.is_admin:
        return [RoleOut(id=role.id, name=role.name) for role in roles]
    members = await repository.members_of(db, [role.id for role in roles])
    return [
        RoleOut(
            id=role.id, name=role.name, description=role.description, capabilities=role.capabilities,
            capacity=role.capacity, archived=role.archived_at is not None,
            members=[Named(user.id, user.name) for user in members[role.id]],
        )
        for role in roles
    ]  # fmt: skip


def _given(sent: Any, before: Any) -> Any:
    return before if sent is UNSET else sent


def _description(text: str) -> str:
    return cleaned("description", text, limit=500, required=False)


def _changed_details(user: User, sent: UserChange) -> Details:
    fields = ("name", "email", "title", "locale", "time_zone")
    return _details(*(_given(getattr(sent, name), getattr(user, name)) for name in fields))


def _details(name: str, email: str, title: str, locale: str, time_zone: str) -> Details:
    """The same rules as the form's."""
    address = cleaned("email", email, limit=320).lower()
    if not is_email(address):
        raise Refused.at("email", _("An e-mail address like hana@example.com."))
    if locale not in LOCALES:
        raise Refused.at("locale", _("Choose one of the options."))
    if time_zone not in time_zones():
        raise Refused.at("time_zone", _("Choose one of the options."))
    return {
        "name": cleaned("name", name, limit=200), "email": address,
        "title": cleaned("title", title, limit=200, required=False), "locale": locale, "time_zone": time_zone,
    }  # fmt: skip
