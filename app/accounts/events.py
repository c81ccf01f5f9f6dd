"""What can happen to people, roles, sessions and tokens."""

from app.activity.kinds import EventKind
from app.web.i18n import N_

SIGNED_IN = EventKind("signed_in", N_("{actor} signed in"), "key-round")
SIGNED_IN_AGAIN = EventKind("signed_in_again", N_("{actor} signed in again to decide"), "key-round")
SIGNED_OUT = EventKind("signed_out", N_("{actor} signed out"), "log-out")
SESSIONS_ENDED = EventKind("sessions_ended", N_("{actor} signed {user} out elsewhere"), "log-out", people=("user",))
SIGN_IN_FAILED = EventKind(
    "sign_in_failed", N_("Somebody failed to sign in as {who}"), "shield-alert", "warn", people=("who",)
)
SIGN_IN_UNKNOWN = EventKind(
    "sign_in_unknown", N_("Somebody failed to sign in with an e-mail that nobody has"), "shield-alert", "warn"
)
ACCESS_REFUSED = EventKind("access_refused", N_("{actor} was refused: {reason}"), "shield-alert", "warn")
TOKEN_CREATED = EventKind("token_created", N_("{actor} created the access token {name}"), "key-round")
TOKEN_REVOKED = EventKind("token_revoked", N_("{actor} revoked the access token {name}"), "key-round")
USER_CREATED = EventKind("user_created", N_("{actor} added {user}"), "user-plus", people=("user",))
USER_CHANGED = EventKind("user_changed", N_("{actor} changed {user}"), "user", people=("user",))
MANAGER_CHANGED = EventKind(
    "manager_changed",
    N_("{actor} made {new} the manager of {user}"),
    "users",
    people=("user", "old", "new"),
    alternatives={"nobody": N_("{actor} left {user} without a manager")},
)
USER_DEACTIVATED = EventKind("user_deactivated", N_("{actor} deactivated {user}"), "user-x", "warn", people=("user",))
USER_REACTIVATED = EventKind("user_reactivated", N_("{actor} reactivated {user}"), "user-check", people=("user",))
PASSWORD_SET = EventKind("password_set", N_("{actor} set a new password for {user}"), "key-round", people=("user",))
ROLE_CREATED = EventKind("role_created", N_("{actor} added the role {name}"), "users")
ROLE_CHANGED = EventKind("role_changed", N_("{actor} changed the role {name}"), "users")
ROLE_ARCHIVED = EventKind("role_archived", N_("{actor} archived the role {name}"), "archive")
ROLE_RESTORED = EventKind("role_restored", N_("{actor} restored the role {name}"), "archive-restore")
MEMBER_ADDED = EventKind("member_added", N_("{actor} added {member} to {role_name}"), "user-plus", people=("member",))
MEMBER_REMOVED = EventKind(
    "member_removed", N_("{actor} removed {member} from {role_name}"), "user-x", people=("member",)
)
