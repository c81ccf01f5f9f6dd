"""Notification rules as JSON, for administrators. A rule is in force as it is saved: it has no versions."""

from typing import Annotated, Any

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType, field

from app.errors import Refused
from app.notifications.rule_repository import RuleRecipients, all_rules
from app.notifications.service import RuleContent, Rules
from app.web.api import AnyRequest, Id, Json, Query, Sent, answer, begin, cleaned, described, nothing, query_of
from app.web.guards import API_ADMIN, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import is_key
from app.web.params import key as canonical
from app.web.transaction import Db, Who

Tree = dict[str, Any]
Ids = Annotated[list[Id], Meta(max_length=200)]
Words = Annotated[list[str], Meta(max_length=100)]


class RuleOut(Struct):
    key: str
    name: str
    enabled: bool
    events: list[str]
    template_ids: list[int] | None
    condition: Tree | None
    recipients: list[str]
    user_ids: list[int]
    role_ids: list[int]
    archived: bool


class RulesOut(Struct):
    items: list[RuleOut]
    next_cursor: None = None


class NewRule(Sent, kw_only=True):
    """`recipients` are parts in the ticket: `creator`, `assignee`, `approvers`; `template_ids` null is every ticket."""

    name: str
    events: Words
    key: str | None = None
    enabled: bool = True
    template_ids: Ids | None = None
    condition: Tree | None = None
    recipients: Words = field(default_factory=list)
    user_ids: Ids = field(default_factory=list)
    role_ids: Ids = field(default_factory=list)


class RuleChange(Sent, kw_only=True):
    name: str | UnsetType = UNSET
    events: Words | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    template_ids: Ids | UnsetType | None = UNSET
    condition: Tree | UnsetType | None = UNSET
    recipients: Words | UnsetType = UNSET
    user_ids: Ids | UnsetType = UNSET
    role_ids: Ids | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


_ARCHIVED = Query("archived", "The archived ones instead.", {"type": "string", "enum": ["true"]})


class NotificationRulesApi(Controller):
    path = "/api/v1/notification-rules"
    opt = access(API_ADMIN)

    @get(**described("All of them", gives=RulesOut, query=(_ARCHIVED,)))
    async def index(self, request: AnyRequest, db: Db) -> Json:
        archived = "archived" in query_of(request, (_ARCHIVED,))
        return answer(RulesOut([_rule(found) for found in await all_rules(db, archived=archived)]))

    @get("/{key:str}", **described("One rule", gives=RuleOut))
    async def show(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        found = await Rules(db, actor).find_by_key(canonical(key))
        query_of(request)
        return answer(_rule(found))

    @post(**described("Add a rule", takes=NewRule, gives=RuleOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent, rules = await read(request, NewRule), Rules(db, actor)
        if sent.key is not None and not is_key(sent.key):
            raise Refused.at("key", _("Small letters, digits and hyphens, a letter first."))
        content = RuleContent(
            name=_name(sent.name), events=sent.events, template_ids=sent.template_ids, condition=sent.condition,
            recipients=sent.recipients, user_ids=sent.user_ids, role_ids=sent.role_ids, enabled=sent.enabled,
        )  # fmt: skip
        rule = await rules.add(content, key=sent.key or "")
        made = _rule(await rules.find(rule.id))
        return await command.keep(answer(made, status=201, location=f"{self.path}/{rule.key}"))

    @patch("/{key:str}", **described("Change a rule", takes=RuleChange, gives=RuleOut, refuses=(409,)))
    async def change(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        rules = Rules(db, actor)
        found = await rules.find_by_key(canonical(key))
        sent = await read(request, RuleChange)
        if sent.archived is False and found.rule.archived_at is not None:
            await rules.restore(found.rule)
        await rules.change(found.rule, _changed(found, sent))
        if sent.archived is True:
            await rules.archive(found.rule)
        return answer(_rule(await rules.find(found.rule.id)))

    @delete("/{key:str}", **described("Archive a rule", status=204, refuses=(409,)))
    async def archive(self, key: FromPath[str], db: Db, actor: Who) -> Json:
        rules = Rules(db, actor)
        await rules.archive((await rules.find_by_key(canonical(key))).rule)
        return nothing()


def _rule(found: RuleRecipients) -> RuleOut:
    rule = found.rule
    return RuleOut(
        rule.key, rule.name, rule.enabled, list(rule.events), rule.template_ids, rule.condition, list(rule.recipients),
        list(found.user_ids), list(found.role_ids), rule.archived_at is not None,
    )  # fmt: skip


def _changed(found: RuleRecipients, sent: RuleChange) -> RuleContent:
    """What is absent stays."""
    rule = found.rule
    before = {
        "name": rule.name, "events": rule.events, "template_ids": rule.template_ids, "condition": rule.condition,
        "recipients": rule.recipients, "user_ids": found.user_ids, "role_ids": found.role_ids, "enabled": rule.enabled,
    }  # fmt: skip
    new = {name: getattr(sent, name) for name in before if getattr(sent, name) is not UNSET}
    if "name" in new:
        new["name"] = _name(new["name"])
    return RuleContent(**{**before, **new})


def _name(text: str) -> str:
    return cleaned("name", text, limit=120)
