"""Signing in and out, and how the product looks to this person."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.response import Template

from app.accounts import repository, sign_in
from app.accounts.forms import DisplayForm, SignInForm
from app.accounts.models import User
from app.errors import DomainError
from app.web.door import client_address, visit_of
from app.web.forms import submitted
from app.web.guards import PUBLIC, SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go
from app.web.security import safe_next
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]


class SignIn(Controller):
    path = "/sign-in"
    opt = access(PUBLIC)

    @get()
    async def show(self, request: AnyRequest, db: Db, state: State) -> Template | Response[Any]:
        form = SignInForm.fresh(next=request.query_params.get("next", "/"))
        if visit_of(request).actor:
            return go(request, form.next)
        return await _sign_in_page(db, state, form)

    @post(status_code=200)
    async def create(self, request: AnyRequest, db: Db, state: State) -> Template | Response[Any]:
        form = SignInForm(await submitted(request))
        address = client_address(request.scope, visit_of(request).headers, state.settings.trusted_proxies)
        try:
            user = await _whoever_signs_in(form, db, state, address)
        except DomainError as error:
            form.errors["password"] = _(error.sentence)
            return await _sign_in_page(db, state, form, status=error.status_code)
        if user is None:
            return await _sign_in_page(db, state, form, status=422)
        token = await sign_in.start_session(
            db, user, address=address, agent=request.headers.get("user-agent", ""), replacing=visit_of(request).token
        )
        response = go(request, form.next)
        keep_signed_in(response, state, token)
        return response


def keep_signed_in(response: Response[Any], state: State, token: str) -> None:
    response.set_cookie(
        state.session_cookie,
        token,
        path="/",
        httponly=True,
        secure=state.settings.is_secure,
        samesite="lax",
        max_age=int(sign_in.LIFETIME.total_seconds()),
    )


async def _whoever_signs_in(form: SignInForm, db: Db, state: State, address: str) -> User | None:
    """Demo mode offers its cast for one-click sign-in; everywhere else it takes the password."""
    persona = form.typed.get("persona")
    if persona and state.settings.demo:
        return await repository.demo_persona(db, persona)
    if form.errors:
        return None
    return await sign_in.check_credentials(state.database, form.email, form.password, address)


async def _sign_in_page(db: Db, state: State, form: SignInForm, *, status: int = 200) -> Template:
    cast = await repository.demo_cast(db) if state.settings.demo else []
    context = {"form": form, "cast": cast, "company": state.settings.company, "demo": state.settings.demo}
    return Template("accounts/sign_in.html", context=context, status_code=status)


class SignOut(Controller):
    path = "/sign-out"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def create(self, request: AnyRequest, db: Db, actor: Who, state: State) -> Response[Any]:
        await sign_in.end_session(db, actor, visit_of(request).token)
        response = go(request, "/sign-in")
        response.delete_cookie(state.session_cookie, path="/")
        response.headers["clear-site-data"] = '"cache"'
        return response


class Display(Controller):
    """Theme, density and single-key shortcuts: one click, no event, nobody else's business."""

    path = "/me/display"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def update(self, request: AnyRequest, db: Db, actor: Who) -> Response[Any]:
        form = DisplayForm(await submitted(request))
        if form.chosen and not form.errors:
            await repository.set_display(db, actor.id, form.chosen)
        if visit_of(request).htmx:
            return Response(content=b"", status_code=204, media_type="text/html")
        return go(request, safe_next(form.typed.get("back") or "/"))
