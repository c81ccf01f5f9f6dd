"""One's own page: profile, language and looks, password, sessions, access tokens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.accounts import directory_repository as directory
from app.accounts import repository, session_repository, sign_in
from app.accounts.access_tokens import AccessTokens
from app.accounts.controller import keep_signed_in
from app.accounts.forms import OwnPasswordForm, SettingsForm, TokenForm, time_zones
from app.accounts.recognise import hashed
from app.actor import Actor, become
from app.errors import DomainError, Refused
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import LOCALES
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.params import row_id
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheTokens = NamedDependency[SkipValidation[AccessTokens]]


async def provide_tokens(db: Db, actor: Who) -> AccessTokens:
    return AccessTokens(db, actor)


class Me(Controller):
    path = "/me"
    opt = access(SIGNED_IN)
    dependencies: Mapping[str, Provide] = {"tokens": Provide(provide_tokens)}

    @get()
    async def show(self, request: AnyRequest, tokens: TheTokens) -> Template:
        return await _my_page(request, tokens)

    @post("/settings", status_code=200)
    async def settle(self, request: AnyRequest, tokens: TheTokens, db: Db, actor: Who) -> Template | Response[Any]:
        form = SettingsForm(await submitted(request))
        if form.errors:
            return await _my_page(request, tokens, settings=form)
        await repository.set_display(db, actor.id, form.chosen)
        become(replace(actor, locale=form.chosen["locale"]))  # it is said in the language that was chosen
        return go(request, self.path, say=_("Your settings were saved."))

    @post("/password", status_code=200)
    async def change_password(
        self, request: AnyRequest, tokens: TheTokens, db: Db, actor: Who, state: State
    ) -> Template | Response[Any]:
        form = OwnPasswordForm(await submitted(request))
        if form.errors:
            return await _my_page(request, tokens, password=form)
        try:
            token = await sign_in.change_own_password(
                db,
                state.database,
                actor,
                current=form.current,
                new=form.new,
                agent=request.headers.get("user-agent", ""),
            )
        except Refused as refused:
            form.refuse(refused)
            return await _my_page(request, tokens, password=form)
        except DomainError as error:
            form.errors["current"] = _("This is not your password.") if error.status_code == 401 else _(error.sentence)
            return await _my_page(request, tokens, password=form)
        response = go(request, self.path, say=_("You have a new password. Other browsers and scripts are signed out."))
        keep_signed_in(response, state, token)
        return response

    @post("/sessions/{session_id:str}/end", status_code=200)
    async def end_session(self, request: AnyRequest, session_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        await sign_in.end_one_of(db, actor, row_id(session_id))
        return go(request, self.path, say=_("That browser is signed out."))

    @post("/sessions/end-of-others", status_code=200)
    async def end_other_sessions(self, request: AnyRequest, db: Db, actor: Who) -> Response[Any]:
        await sign_in.end_others_of(db, actor, visit_of(request).token)
        return go(request, self.path, say=_("All other browsers are signed out."))

    @post("/tokens", status_code=200)
    async def create_token(self, request: AnyRequest, tokens: TheTokens, state: State) -> Template:
        form = TokenForm(await submitted(request))
        if form.errors:
            return await _my_page(request, tokens, token=form)
        made = await tokens.create(state.settings.secret_key, name=form.name, lifetime=timedelta(days=form.days))
        return await _my_page(request, tokens, made=made)

    @post("/tokens/{token_id:str}/revocation", status_code=200)
    async def revoke_token(self, request: AnyRequest, token_id: FromPath[str], tokens: TheTokens) -> Response[Any]:
        await tokens.revoke(row_id(token_id))
        return go(request, self.path, say=_("The token is revoked."))


async def _my_page(
    request: AnyRequest,
    tokens: AccessTokens,
    *,
    settings: SettingsForm | None = None,
    password: OwnPasswordForm | None = None,
    token: TokenForm | None = None,
    made: str = "",
) -> Template:
    db, actor = tokens.session, tokens.actor
    forms = {
        "settings": _as_chosen(actor) if settings is None else settings,
        "password": OwnPasswordForm.fresh() if password is None else password,
        "token": TokenForm.fresh(days="90") if token is None else token,
    }
    known = await repository.people(db, [actor.id])
    manager_id = known[actor.id].manager_id
    wrong = any(form.errors for form in forms.values())
    return await page(
        request, "accounts/me", active="me", status=422 if wrong else 200, forms_by_name=forms, made=made,
        sessions=await session_repository.open_sessions(db, actor.id), this_one=hashed(visit_of(request).token),
        tokens=await tokens.all(), roles=(await directory.roles_of(db, [actor.id]))[actor.id],
        manager=(await repository.people(db, [manager_id or 0])).get(manager_id or 0), choices=_choices(),
    )  # fmt: skip


def _as_chosen(actor: Actor) -> SettingsForm:
    return SettingsForm.fresh(
        locale=actor.locale, time_zone=actor.time_zone, theme=actor.theme, density=actor.density,
        single_keys="on" if actor.single_keys else "",
    )  # fmt: skip


def _choices() -> dict[str, Any]:
    return {
        "locales": [{"value": code, "label": name} for code, name in LOCALES.items()],
        "zones": [{"value": zone, "label": zone} for zone in time_zones()],
        "themes": [
            {"value": "", "label": _("Like the system")},
            {"value": "light", "label": _("Light")},
            {"value": "dark", "label": _("Dark")},
        ],
        "densities": [{"value": "", "label": _("Comfortable rows")}, {"value": "compact", "label": _("Compact rows")}],
    }
