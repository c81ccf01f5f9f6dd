"""What a rule can speak of, in the words that its sentence is made of."""

from collections.abc import Mapping

from app.web.i18n import N_

APPROVAL_EVENTS: Mapping[str, str] = {
    "approval_submitted": N_("a request is submitted"),
    "approval_step_started": N_("an approval step starts"),
    "approval_approved": N_("somebody approves"),
    "approval_rejected": N_("somebody rejects"),
    "approval_returned": N_("somebody sends a request back"),
    "approval_abstained": N_("somebody abstains"),
    "approval_delegated": N_("a decision is handed over"),
    "approval_seat_added": N_("an approver is added"),
    "approval_seat_replaced": N_("somebody else is asked instead"),
    "approval_retracted": N_("a decision is taken back"),
    "approval_superseded": N_("earlier approvals no longer count"),
    "approval_reminded": N_("approvers are reminded"),
    "approval_overdue": N_("an approval step is overdue"),
    "approval_escalated": N_("an approval step is escalated"),
    "approval_attention": N_("an approval needs attention"),
    "approval_completed": N_("an approval ends"),
    "approval_withdrawn": N_("a request is withdrawn"),
    "approval_cancelled": N_("an approval is cancelled"),
}
TICKET_EVENTS: Mapping[str, str] = {
    "status_change": N_("the status changes"),
    "assignee_change": N_("the assignee changes"),
    "due_date_change": N_("the due date changes"),
    "priority_change": N_("the priority changes"),
    "field_change": N_("fields change"),
    "visibility_change": N_("it is shown to more or fewer people"),
    "permission_grant": N_("somebody is given access"),
    "access_requested": N_("somebody asks for access"),
    "comment": N_("somebody comments"),
}
EVENTS: Mapping[str, str] = {**APPROVAL_EVENTS, **TICKET_EVENTS}
"""By the event's kind. Others (a look at a restricted ticket among them) never notify anybody."""

CREATOR, ASSIGNEE, APPROVERS, ADMINS, ADMITTED = "creator", "assignee", "approvers", "admins", "admitted"
WATCHERS = "watchers"
USER, ROLE = "user", "role"
MENTIONED = "mentioned"
"""By no rule: whoever is called in a text hears of it."""
RECIPIENTS: Mapping[str, str] = {
    CREATOR: N_("the requester"),
    ASSIGNEE: N_("the assignee"),
    APPROVERS: N_("those who have to decide"),
    WATCHERS: N_("those who watch it"),
    ADMINS: N_("the administrators"),
    ADMITTED: N_("those to whom it was opened"),
}
WHY_TOLD: Mapping[str, str] = {
    CREATOR: N_("You asked for this."),
    ASSIGNEE: N_("This was assigned to you or to a role of yours."),
    APPROVERS: N_("You were asked to decide on this."),
    WATCHERS: N_("You watch this ticket."),
    ADMINS: N_("You are an administrator."),
    ADMITTED: N_("This was opened to you."),
    MENTIONED: N_("You were mentioned."),
    USER: N_("The rule names you."),
    ROLE: N_("The rule names a role of yours."),
}
