"""What an administrator may type about a notification rule."""

from app.actor import current_actor
from app.condition_editor import ConditionRows, act_on
from app.notifications.models import NotificationRule
from app.notifications.rule_repository import RuleRecipients
from app.notifications.service import RuleContent
from app.notifications.words import EVENTS, RECIPIENTS
from app.web.formats import zone_of
from app.web.forms import Form, Submitted


class RuleForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.name = self.text("name", required=True, limit=120)
        self.events = self.choices("events", EVENTS)
        self.template_ids = self.rows("template_ids")
        self.recipients = self.choices("recipients", RECIPIENTS)
        self.user_ids = self.rows("user_ids")
        self.role_ids = self.rows("role_ids")
        self.enabled = self.flag("enabled")
        self.if_rows = ConditionRows.read(values, "condition")
        act_on(values.get("act"), {"condition": self.if_rows})
        self.condition = self.if_rows.tree(zone_of(current_actor().time_zone), self.errors)

    @classmethod
    def as_it_is(cls, found: RuleRecipients) -> "RuleForm":
        form = cls(Submitted(_values(found.rule, found)))
        form.errors.clear()
        return form

    @property
    def content(self) -> RuleContent:
        return RuleContent(
            name=self.name, events=self.events, template_ids=self.template_ids or None, condition=self.condition,
            recipients=self.recipients, user_ids=self.user_ids, role_ids=self.role_ids, enabled=self.enabled,
        )  # fmt: skip


def _values(rule: NotificationRule, found: RuleRecipients) -> dict[str, list[str]]:
    values = {
        "name": [rule.name],
        "events": list(rule.events),
        "template_ids": [str(template) for template in rule.template_ids or ()],
        "recipients": list(rule.recipients),
        "user_ids": [str(user) for user in found.user_ids],
        "role_ids": [str(role) for role in found.role_ids],
        "enabled": ["true"] if rule.enabled else [],
        **ConditionRows.showing(rule.condition, "condition").typed(),
    }
    return {name: those for name, those in values.items() if those}
