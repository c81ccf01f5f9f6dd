"""The rules that an installation starts with; an admin may change, switch off or archive each."""

from app.notifications.models import NotificationRule
from app.notifications.rule_repository import rule_keys
from app.notifications.service import RuleContent, Rules
from app.notifications.words import ADMINS, ADMITTED, APPROVERS, ASSIGNEE, CREATOR, WATCHERS

READY_RULES = {
    "approval-requested": RuleContent(
        name="Approval requested",
        events=[
            "approval_step_started",
            "approval_delegated",
            "approval_seat_added",
            "approval_seat_replaced",
            "approval_escalated",
            "approval_reminded",
        ],
        recipients=[APPROVERS],
    ),
    "needs-attention": RuleContent(name="Approval needs attention", events=["approval_attention"], recipients=[ADMINS]),
    "request-decided": RuleContent(
        name="Request decided",
        events=["status_change"],
        condition={"v": 1, "all": [{"field": "status", "op": "changed_from", "value": "waiting_approval"}]},
        recipients=[CREATOR],
    ),
    "work-assigned": RuleContent(
        name="Work assigned",
        events=["assignee_change", "status_change"],
        condition={"v": 1, "all": [{"field": "status", "op": "in", "value": ["open", "in_progress"]}]},
        recipients=[ASSIGNEE],
    ),
    "please-confirm": RuleContent(
        name="Resolved, please confirm",
        events=["status_change"],
        condition={"v": 1, "all": [{"field": "status", "op": "changed_to", "value": "resolved"}]},
        recipients=[CREATOR],
    ),
    "access-requested": RuleContent(name="Access requested", events=["access_requested"], recipients=[CREATOR, ADMINS]),
    "access-given": RuleContent(name="Access given", events=["permission_grant"], recipients=[ADMITTED]),
    "comments": RuleContent(name="Comments", events=["comment"], recipients=[CREATOR, ASSIGNEE, APPROVERS]),
    "watched": RuleContent(
        name="Watched tickets",
        events=[
            "comment",
            "status_change",
            "approval_approved",
            "assignee_change",
            "due_date_change",
            "priority_change",
            "field_change",
        ],
        recipients=[WATCHERS],
    ),
}


async def add_ready_rules(rules: Rules) -> list[NotificationRule]:
    """Those that are not there yet, archived ones counted."""
    there = await rule_keys(rules.session)
    return [await rules.add(content, key=key) for key, content in READY_RULES.items() if key not in there]
