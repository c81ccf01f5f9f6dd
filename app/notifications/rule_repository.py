"""Queries on notification rules and on what they name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.notifications.models import NotificationRule, NotificationRuleRole, NotificationRuleUser
from app.publishing.models import VersionStatus
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.models import TicketTemplateVersion
from app.ticket_templates.repository import form_of

MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class RuleRecipients:
    """A rule and the people and roles that it names."""

    rule: NotificationRule
    user_ids: Sequence[int] = field(default_factory=list)
    role_ids: Sequence[int] = field(default_factory=list)


async def all_rules(session: AsyncSession, *, archived: bool = False) -> Sequence[RuleRecipients]:
    away = NotificationRule.archived_at.is_not(None)
    query = select(NotificationRule).where(away if archived else ~away).order_by(NotificationRule.id)
    return await _with_recipients(session, (await session.execute(query.limit(MOST_RULES))).scalars().all())


async def rules_in_force(session: AsyncSession) -> Sequence[RuleRecipients]:
    return [each for each in await all_rules(session) if each.rule.enabled]


async def find_rule(session: AsyncSession, rule_id: int) -> RuleRecipients | None:
    """Archived ones too."""
    rules = (await session.execute(select(NotificationRule).where(NotificationRule.id == rule_id))).scalars().all()
    return next(iter(await _with_recipients(session, rules)), None)


async def find_rule_by_key(session: AsyncSession, key: str) -> RuleRecipients | None:
    """Archived ones too."""
    rules = (await session.execute(select(NotificationRule).where(NotificationRule.key == key))).scalars().all()
    return next(iter(await _with_recipients(session, rules)), None)


async def rule_keys(session: AsyncSession) -> set[str]:
    return set((await session.execute(select(NotificationRule.key))).scalars())


async def name_recipients(session: AsyncSession, rule_id: int, users: Iterable[int], roles: Iterable[int]) -> None:
    """Makes the people and roles that a rule names exactly these."""
    await session.execute(delete(NotificationRuleUser).where(NotificationRuleUser.rule_id == rule_id))
    await session.execute(delete(NotificationRuleRole).where(NotificationRuleRole.rule_id == rule_id))
    if named := [{"rule_id": rule_id, "user_id": user} for user in users]:
        await session.execute(insert(NotificationRuleUser), named)
    if teams := [{"rule_id": rule_id, "role_id": role} for role in roles]:
        await session.execute(insert(NotificationRuleRole), teams)


async def published_forms(session: AsyncSession, template_ids: Iterable[int]) -> dict[int, FormDefinition]:
    wanted = set(template_ids)
    if not wanted:
        return {}
    live = TicketTemplateVersion.status == VersionStatus.PUBLISHED
    query = select(TicketTemplateVersion).where(TicketTemplateVersion.template_id.in_(wanted), live)
    return {version.template_id: form_of(version) for version in (await session.execute(query)).scalars()}


async def _with_recipients(session: AsyncSession, rules: Sequence[NotificationRule]) -> list[RuleRecipients]:
    ids = [rule.id for rule in rules]
    if not ids:
        return []
    named, teams = NotificationRuleUser, NotificationRuleRole
    users, roles = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for rule_id, user_id in await session.execute(select(named.rule_id, named.user_id).where(named.rule_id.in_(ids))):
        users[rule_id].append(user_id)
    for rule_id, role_id in await session.execute(select(teams.rule_id, teams.role_id).where(teams.rule_id.in_(ids))):
        roles[rule_id].append(role_id)
    return [RuleRecipients(rule, users[rule.id], roles[rule.id]) for rule in rules]
