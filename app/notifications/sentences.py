"""A rule as people read it: "When an approval step starts on Purchase request, tell those who have to decide"."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import people, role_names
from app.conditions.fields import Field
from app.notifications.conditions import condition_in_words, fields_of
from app.notifications.rule_repository import RuleRecipients, published_forms
from app.notifications.words import EVENTS, RECIPIENTS
from app.ticket_templates.repository import template_names
from app.web.i18n import gettext as _
from app.web.i18n import series


@dataclass(frozen=True, slots=True)
class RuleSentence:
    when: str
    on: str
    condition: str
    tell: str

    @property
    def whole(self) -> str:
        message = _("When {when} on {on} and {condition}, tell {tell}.")
        if not self.condition:
            message = _("When {when} on {on}, tell {tell}.")
        return message.format(when=self.when, on=self.on, condition=self.condition, tell=self.tell)


async def sentences(session: AsyncSession, rules: Sequence[RuleRecipients]) -> dict[int, RuleSentence]:
    """By the rule's id; names are loaded once for all of them."""
    users = await people(session, {user for each in rules for user in each.user_ids})
    roles = await role_names(session, {role for each in rules for role in each.role_ids})
    templates = await template_names(session)
    forms = await published_forms(session, {one for each in rules for one in each.rule.template_ids or ()})
    told = {}
    for each in rules:
        fields = fields_of(each.rule.template_ids, forms)
        named = [users[user].name for user in each.user_ids if user in users]
        teams = [roles[role] for role in each.role_ids if role in roles]
        told[each.rule.id] = _sentence(each, [*named, *teams], templates, fields)
    return told


def _sentence(
    each: RuleRecipients, named: Sequence[str], templates: Mapping[int, str], fields: Mapping[str, Field]
) -> RuleSentence:
    rule = each.rule
    parts = [_(RECIPIENTS[code]) for code in rule.recipients if code in RECIPIENTS]
    forms = [templates[template] for template in rule.template_ids or () if template in templates]
    return RuleSentence(
        when=either([_(EVENTS[code]) for code in rule.events if code in EVENTS]),
        on=either(forms) or _("any ticket"),
        condition=condition_in_words(rule.condition, fields) if rule.condition else "",
        tell=both([*parts, *named]) or _("nobody"),
    )


def either(parts: Sequence[str]) -> str:
    return _listed(parts, lambda left, right: _("{left} or {right}").format(left=left, right=right))


def both(parts: Sequence[str]) -> str:
    return _listed(parts, lambda left, right: _("{left} and {right}").format(left=left, right=right))


def _listed(parts: Sequence[str], last: Callable[[str, str], str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return last(series(parts[:-1]), parts[-1])
