"""Administering people."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.accounts import directory_repository as directory
from app.accounts import repository
from app.accounts.forms import NewPersonForm, PasswordForm, PersonForm, PickForm, time_zones
from app.accounts.models import User
from app.accounts.people import People
from app.accounts.roles import Roles
from app.errors import Refused
from app.web.forms import submitted
from app.web.guards import ADMIN, access
from app.web.i18n import LOCALES
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.paging import capped
from app.web.params import row_id
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
ThePeople = NamedDependency[SkipValidation[People]]
TheRoles = NamedDependency[SkipValidation[Roles]]


async def provide_people(db: Db, actor: Who) -> People:
    return People(db, actor)


async def provide_roles(db: Db, actor: Who) -> Roles:
    return Roles(db, actor)


class UserPages(Controller):
    path = "/admin/users"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"people": Provide(provide_people), "roles": Provide(provide_roles)}

    @get()
    async def index(self, request: AnyRequest, db: Db) -> Template:
        q, state = request.query_params.get("q", "").strip()[:200].replace("\0", ""), request.query_params.get("state")
        state = state if state in directory.STATES else "active"
        users = await directory.page_of_users(db, q=q, state=state, cursor=request.query_params.get("cursor"))
        total = await directory.count_users(db, q=q, state=state)
        return await page(
            request, "accounts/users", active="users", users=users, total=capped(total), q=q, state=state,
            roles=await directory.roles_of(db, [user.id for user in users.rows]),
            managers=await repository.people(db, [user.manager_id for user in users.rows if user.manager_id]),
        )  # fmt: skip

    @get("/new")
    async def new(self, request: AnyRequest, db: Db) -> Template:
        return await _new_page(request, db, NewPersonForm.fresh(time_zone="Europe/Berlin", locale="en"))

    @post(status_code=200)
    async def create(self, request: AnyRequest, people: ThePeople, db: Db) -> Template | Response[Any]:
        form = NewPersonForm(await submitted(request))
        if form.errors:
            return await _new_page(request, db, form)
        try:
            user = await people.add(**form.details, manager_id=form.manager_id, password=form.password)
        except Refused as refused:
            form.refuse(refused)
            return await _new_page(request, db, form)
        return go(request, f"{self.path}/{user.id}", say=_("%(name)s was added.") % {"name": user.name})

    @get("/{user_id:str}")
    async def show(self, request: AnyRequest, user_id: FromPath[str], people: ThePeople, state: State) -> Template:
        user = await people.find(row_id(user_id))
        return await _user_page(request, people, state, user, form=_as_they_are(user))

    @post("/{user_id:str}", status_code=200)
    async def update(
        self, request: AnyRequest, user_id: FromPath[str], people: ThePeople, state: State
    ) -> Template | Response[Any]:
        user = await people.find(row_id(user_id))
        form = PersonForm(await submitted(request))
        if form.errors:
            return await _user_page(request, people, state, user, form=form)
        try:
            await people.reshape(user, **form.details, manager_id=form.manager_id)
        except Refused as refused:
            form.refuse(refused)
            return await _user_page(request, people, state, user, form=form)
        return go(request, f"{self.path}/{user.id}", say=_("%(name)s was saved.") % {"name": user.name})

    @post("/{user_id:str}/password", status_code=200)
    async def set_password(
        self, request: AnyRequest, user_id: FromPath[str], people: ThePeople, state: State
    ) -> Template | Response[Any]:
        user = await people.find(row_id(user_id))
        form = PasswordForm(await submitted(request))
        if not form.errors:
            try:
                await people.set_password(user, form.password)
            except Refused as refused:
                form.refuse(refused)
        if form.errors:
            return await _user_page(request, people, state, user, form=_as_they_are(user), password=form)
        said = _("%(name)s has a new password, and is signed out everywhere.") % {"name": user.name}
        return go(request, f"{self.path}/{user.id}", say=said)

    @get("/{user_id:str}/deactivation")
    async def ask_before_deactivating(
        self, request: AnyRequest, user_id: FromPath[str], people: ThePeople, state: State
    ) -> Template:
        user = await people.find(row_id(user_id))
        uses = (await state.where_used(people.session, people.actor, "users", [user.id])).get(user.id, ())
        consequences = await directory.consequences_of_leaving(people.session, user.id)
        return await page(
            request, "accounts/deactivation", active="users", user=user, uses=uses, consequences=consequences
        )

    @post("/{user_id:str}/deactivation", status_code=200)
    async def deactivate(self, request: AnyRequest, user_id: FromPath[str], people: ThePeople) -> Response[Any]:
        user = await people.find(row_id(user_id))
        await people.deactivate(user)
        return go(request, f"{self.path}/{user.id}", say=_("%(name)s is deactivated.") % {"name": user.name})

    @post("/{user_id:str}/reactivation", status_code=200)
    async def reactivate(self, request: AnyRequest, user_id: FromPath[str], people: ThePeople) -> Response[Any]:
        user = await people.find(row_id(user_id))
        await people.reactivate(user)
        return go(request, f"{self.path}/{user.id}", say=_("%(name)s is active again.") % {"name": user.name})

    @post("/{user_id:str}/memberships", status_code=200)
    async def admit(
        self, request: AnyRequest, user_id: FromPath[str], people: ThePeople, roles: TheRoles
    ) -> Response[Any]:
        user = await people.find(row_id(user_id))
        role = await roles.find(PickForm(await submitted(request), "role_id").picked)
        await roles.admit(role, user)
        said = _("%(name)s is in %(role)s now.") % {"name": user.name, "role": role.name}
        return go(request, f"{self.path}/{user.id}", say=said)

    @post("/{user_id:str}/memberships/{role_id:str}/removal", status_code=200)
    async def dismiss(
        self, request: AnyRequest, user_id: FromPath[str], role_id: FromPath[str], people: ThePeople, roles: TheRoles
    ) -> Response[Any]:
        user, role = await people.find(row_id(user_id)), await roles.find(row_id(role_id))
        await roles.dismiss(role, user)
        said = _("%(name)s is not in %(role)s any more.") % {"name": user.name, "role": role.name}
        return go(request, f"{self.path}/{user.id}", say=said)


def _as_they_are(user: User) -> PersonForm:
    return PersonForm.fresh(
        name=user.name, email=user.email, title=user.title, manager_id=str(user.manager_id or ""), locale=user.locale,
        time_zone=user.time_zone,
    )  # fmt: skip


async def _choices(db: Db, *, but: int | None = None) -> dict[str, Any]:
    """What the forms' lists offer."""
    people = [(row.id, row.name, row.title) for row in await repository.active_people(db) if row.id != but]
    return {
        "people": [{"value": id_, "label": f"{name} ({title})" if title else name} for id_, name, title in people],
        "roles": [{"value": row.id, "label": row.name} for row in await repository.active_roles(db)],
        "locales": [{"value": code, "label": name} for code, name in LOCALES.items()],
        "zones": [{"value": zone, "label": zone} for zone in time_zones()],
    }


async def _new_page(request: AnyRequest, db: Db, form: NewPersonForm) -> Template:
    status = 422 if form.errors else 200
    return await page(
        request, "accounts/new_user", active="users", status=status, form=form, choices=await _choices(db)
    )


async def _user_page(
    request: AnyRequest,
    people: People,
    state: State,
    user: User,
    *,
    form: PersonForm,
    password: PasswordForm | None = None,
) -> Template:
    db, password = people.session, PasswordForm.fresh() if password is None else password
    mine = (await directory.roles_of(db, [user.id]))[user.id]
    choices = await _choices(db, but=user.id)
    left = [role for role in choices["roles"] if role["value"] not in {one.id for one in mine}]
    uses = (await state.where_used(db, people.actor, "users", [user.id])).get(user.id, ())
    return await page(
        request, "accounts/user", active="users", status=422 if form.errors or password.errors else 200, user=user,
        form=form, password=password, choices=choices, memberships=mine, roles_left=left, uses=uses,
        is_self=user.id == people.actor.id,
    )  # fmt: skip
