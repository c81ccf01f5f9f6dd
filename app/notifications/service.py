"""The verbs of notification rules."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.policy import insist_on_admin
from app.activity.log import ActivityLog
from app.actor import Actor
from app.clock import database_now
from app.conditions.tree import ConditionError
from app.errors import NotFound, NotPossible, Refused
from app.notifications import events, rule_repository
from app.notifications.conditions import fields_for, read_condition
from app.notifications.models import NotificationRule
from app.notifications.rule_repository import RuleRecipients
from app.notifications.words import EVENTS, RECIPIENTS
from app.ticket_templates.repository import present_people, present_roles, template_names
from app.web.i18n import N_

LONGEST_KEY = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContent:
    """When one of `events` happens to a ticket of `template_ids` (none: of any), and `condition` holds, tell these."""

    name: str
    events: Sequence[str]
    template_ids: Sequence[int] | None = None
    condition: Mapping[str, Any] | None = None
    recipients: Sequence[str] = ()
    user_ids: Sequence[int] = field(default_factory=list)
    role_ids: Sequence[int] = field(default_factory=list)
    enabled: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "events": list(self.events), "condition": self.condition,
            "templates": list(self.template_ids) if self.template_ids else None,
            "recipients": list(self.recipients), "users": list(self.user_ids), "roles": list(self.role_ids),
            "enabled": self.enabled,
        }  # fmt: skip


class Rules:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def find(self, rule_id: int) -> RuleRecipients:
        found = await rule_repository.find_rule(self.session, rule_id)
        if found is None:
            raise NotFound
        return found

    async def find_by_key(self, key: str) -> RuleRecipients:
        found = await rule_repository.find_rule_by_key(self.session, key)
        if found is None:
            raise NotFound
        return found

    async def add(self, content: RuleContent, *, key: str = "") -> NotificationRule:
        insist_on_admin(self.actor)
        await self._insist_on_sense(content)
        rule = NotificationRule(key=await self._free_key(key or _key_from(content.name)))
        await self._shape(rule, content)
        await self.activity.audit(events.RULE_ADDED, rule, key=rule.key, **content.to_json())
        return rule

    async def change(self, rule: NotificationRule, content: RuleContent) -> None:
        insist_on_admin(self.actor)
        _refuse_archived(rule)
        await self._insist_on_sense(content)
        old = _content_of(await self.find(rule.id))
        if old.to_json() == content.to_json():
            return
        await self._shape(rule, content)
        await self.activity.audit(events.RULE_CHANGED, rule, **content.to_json(), old=old.to_json())

    async def switch(self, rule: NotificationRule, *, on: bool) -> None:
        insist_on_admin(self.actor)
        _refuse_archived(rule)
        if rule.enabled != on:
            rule.enabled = on
            await self.session.flush()
            kind = events.RULE_SWITCHED_ON if on else events.RULE_SWITCHED_OFF
            await self.activity.audit(kind, rule, name=rule.name)

    async def archive(self, rule: NotificationRule) -> None:
        """What it told stays told."""
        insist_on_admin(self.actor)
        _refuse_archived(rule)
        rule.archived_at = await database_now(self.session)
        await self.session.flush()
        await self.activity.audit(events.RULE_ARCHIVED, rule, name=rule.name)

    async def restore(self, rule: NotificationRule) -> None:
        insist_on_admin(self.actor)
        if rule.archived_at is None:
            raise NotPossible("This rule is in use already.")
        rule.archived_at = None
        await self.session.flush()
        await self.activity.audit(events.RULE_RESTORED, rule, name=rule.name)

    async def _shape(self, rule: NotificationRule, content: RuleContent) -> None:
        rule.name, rule.enabled = content.name, content.enabled
        rule.events, rule.recipients = list(content.events), list(content.recipients)
        rule.template_ids = list(content.template_ids) if content.template_ids else None
        rule.condition = dict(content.condition) if content.condition else None
        self.session.add(rule)
        await self.session.flush()
        await rule_repository.name_recipients(self.session, rule.id, content.user_ids, content.role_ids)

    async def _insist_on_sense(self, content: RuleContent) -> None:
        """All that is wrong with it at once."""
        wrong: dict[str, str] = {}
        if not content.events or set(content.events) - set(EVENTS):
            wrong["events"] = N_("Choose at least one event.")
        if set(content.recipients) - set(RECIPIENTS):
            wrong["recipients"] = N_("Choose from the options.")
        elif not (content.recipients or content.user_ids or content.role_ids):
            wrong["recipients"] = N_("Say who is told: choose at least one person, role or part in the ticket.")
        wrong |= await self._unknown(content)
        if content.condition and "template_ids" not in wrong:
            wrong |= await self._faults_of(content)
        if wrong:
            raise Refused("This rule cannot be saved as it is.", wrong)

    async def _unknown(self, content: RuleContent) -> dict[str, str]:
        templates = await template_names(self.session)
        known = {
            "template_ids": set(content.template_ids or ()) <= templates.keys(),
            "user_ids": set(content.user_ids) <= await present_people(self.session, content.user_ids),
            "role_ids": set(content.role_ids) <= await present_roles(self.session, content.role_ids),
        }
        return {name: "One of these is not in use any more." for name, is_known in known.items() if not is_known}

    async def _faults_of(self, content: RuleContent) -> dict[str, str]:
        try:
            read_condition(content.condition, await fields_for(self.session, content.template_ids))
        except ConditionError as error:
            return {"condition": str(error)}
        return {}

    async def _free_key(self, wanted: str) -> str:
        taken = await rule_repository.rule_keys(self.session)
        numbered = (f"{wanted[: LONGEST_KEY - 5]}-{number}" for number in range(2, 10_000))
        return next(key for key in (wanted, *numbered) if key not in taken)


def _content_of(found: RuleRecipients) -> RuleContent:
    rule = found.rule
    return RuleContent(
        name=rule.name, events=rule.events, template_ids=rule.template_ids, condition=rule.condition,
        recipients=rule.recipients, user_ids=found.user_ids, role_ids=found.role_ids, enabled=rule.enabled,
    )  # fmt: skip


def _key_from(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return (key if key[:1].isalpha() else f"rule-{key}".rstrip("-"))[:LONGEST_KEY]


def _refuse_archived(rule: NotificationRule) -> None:
    if rule.archived_at is not None:
        raise NotPossible("This rule is archived. Restore it first.")
