"""Administering roles and who is in them."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Template

from app.accounts import directory_repository as directory
from app.accounts import repository
from app.accounts.forms import PickForm, RoleForm
from app.accounts.models import Role
from app.accounts.roles import Roles
from app.accounts.user_controller import ThePeople, TheRoles, provide_people, provide_roles
from app.actor import Capability
from app.errors import Refused
from app.web.forms import Submitted, submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.params import row_id

AnyRequest = Request[Any, Any, Any]


class RolePages(Controller):
    path = "/admin/roles"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"people": Provide(provide_people), "roles": Provide(provide_roles)}

    @get()
    async def index(self, request: AnyRequest, roles: TheRoles) -> Template:
        return await page(
            request, "accounts/roles", active="roles", roles=await directory.all_roles(roles.session),
            counts=await directory.member_counts(roles.session), capabilities=_words(),
        )  # fmt: skip

    @get("/new")
    async def new(self, request: AnyRequest) -> Template:
        return await _new_page(request, RoleForm.fresh())

    @post(status_code=200)
    async def create(self, request: AnyRequest, roles: TheRoles) -> Template | Response[Any]:
        form = RoleForm(await submitted(request))
        if form.errors:
            return await _new_page(request, form)
        try:
            role = await roles.add(
                name=form.name, description=form.description, capabilities=form.capabilities, capacity=form.capacity
            )
        except Refused as refused:
            form.refuse(refused)
            return await _new_page(request, form)
        return go(request, f"{self.path}/{role.id}", say=_("%(name)s was added.") % {"name": role.name})

    @get("/{role_id:str}")
    async def show(self, request: AnyRequest, role_id: FromPath[str], roles: TheRoles, state: State) -> Template:
        role = await roles.find(row_id(role_id))
        return await _role_page(request, roles, state, role, _as_it_is(role))

    @post("/{role_id:str}", status_code=200)
    async def update(
        self, request: AnyRequest, role_id: FromPath[str], roles: TheRoles, state: State
    ) -> Template | Response[Any]:
        role = await roles.find(row_id(role_id))
        form = RoleForm(await submitted(request))
        if form.errors:
            return await _role_page(request, roles, state, role, form)
        try:
            await roles.change(
                role, name=form.name, description=form.description, capabilities=form.capabilities,
                capacity=form.capacity,
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
            return await _role_page(request, roles, state, role, form)
        return go(request, f"{self.path}/{role.id}", say=_("%(name)s was saved.") % {"name": role.name})

    @post("/{role_id:str}/members", status_code=200)
    async def admit(
        self, request: AnyRequest, role_id: FromPath[str], roles: TheRoles, people: ThePeople
    ) -> Response[Any]:
        role = await roles.find(row_id(role_id))
        user = await people.find(PickForm(await submitted(request), "user_id").picked)
        await roles.admit(role, user)
        said = _("%(name)s is in %(role)s now.") % {"name": user.name, "role": role.name}
        return go(request, f"{self.path}/{role.id}", say=said)

    @post("/{role_id:str}/members/{user_id:str}/removal", status_code=200)
    async def dismiss(
        self, request: AnyRequest, role_id: FromPath[str], user_id: FromPath[str], roles: TheRoles, people: ThePeople
    ) -> Response[Any]:
        role, user = await roles.find(row_id(role_id)), await people.find(row_id(user_id))
        await roles.dismiss(role, user)
        said = _("%(name)s is not in %(role)s any more.") % {"name": user.name, "role": role.name}
        return go(request, f"{self.path}/{role.id}", say=said)

    @post("/{role_id:str}/archival", status_code=200)
    async def archive(self, request: AnyRequest, role_id: FromPath[str], roles: TheRoles) -> Response[Any]:
        role = await roles.find(row_id(role_id))
        await roles.archive(role)
        return go(request, self.path, say=_("%(name)s is archived.") % {"name": role.name})

    @post("/{role_id:str}/restoration", status_code=200)
    async def restore(self, request: AnyRequest, role_id: FromPath[str], roles: TheRoles) -> Response[Any]:
        role = await roles.find(row_id(role_id))
        await roles.restore(role)
        return go(request, f"{self.path}/{role.id}", say=_("%(name)s is in use again.") % {"name": role.name})


def _words() -> dict[str, str]:
    return {
        Capability.ADMIN: _("Administrator"),
        Capability.MANAGER: _("Manager"),
        Capability.AUDITOR: _("Auditor"),
    }


def _capability_options() -> list[dict[str, str]]:
    helps = {
        Capability.ADMIN: _("Shapes forms, flows, people and roles, and may read every ticket"),
        Capability.MANAGER: _("Sees the dashboards, assigns and cancels tickets"),
        Capability.AUDITOR: _("Reads the audit trail and takes evidence away"),
    }
    return [{"value": code, "label": label, "help": helps[Capability(code)]} for code, label in _words().items()]


def _as_it_is(role: Role) -> RoleForm:
    values = {"name": [role.name], "description": [role.description], "capabilities": list(role.capabilities)}
    return RoleForm(Submitted(values | {"capacity": [str(role.capacity or "")]}))


async def _new_page(request: AnyRequest, form: RoleForm) -> Template:
    status = 422 if form.errors else 200
    return await page(
        request, "accounts/new_role", active="roles", status=status, form=form, capabilities=_capability_options()
    )


async def _role_page(request: AnyRequest, roles: Roles, state: State, role: Role, form: RoleForm) -> Template:
    db = roles.session
    members = (await repository.members_of(db, [role.id]))[role.id]
    inside = {member.id for member in members}
    outside = [row for row in await repository.active_people(db) if row.id not in inside | {roles.actor.id}]
    people = [{"value": row.id, "label": f"{row.name} ({row.title})" if row.title else row.name} for row in outside]
    uses = (await state.where_used(db, roles.actor, "roles", [role.id])).get(role.id, ())
    return await page(
        request, "accounts/role", active="roles", status=422 if form.errors else 200, role=role, form=form,
        members=members, people=people, uses=uses, capabilities=_capability_options(),
    )  # fmt: skip
