"""What a person may type about accounts, and what is wrong with it."""

import re
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from app.accounts.models import Details
from app.actor import Capability
from app.web.forms import Form, Submitted
from app.web.i18n import LOCALES
from app.web.i18n import gettext as _
from app.web.security import safe_next

THEMES, DENSITIES = ("", "light", "dark"), ("", "compact")
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\]+\.[^@\s<>\"',;:()\[\]\\.]+")


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


@lru_cache
def time_zones() -> tuple[str, ...]:
    """As people know them: `Europe/Berlin`, `UTC`."""
    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


class SignInForm(Form):
    """The password is kept as typed: it is not text to be tidied."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.email = self.text("email", required=True, limit=320)
        self.password = values.get("password")
        self.next = safe_next(values.get("next") or "/")
        if not self.password:
            self.errors["password"] = _("Fill this in.")


class DisplayForm(Form):
    """Only what was sent is chosen: one button sends one thing."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.chosen: dict[str, Any] = {}
        if "theme" in values:
            self.chosen["theme"] = self.choice("theme", THEMES)
        if "density" in values:
            density = self.choice("density", (*DENSITIES, "comfortable"))
            self.chosen["density"] = "" if density == "comfortable" else density
        if "single_keys" in values:
            self.chosen["single_keys"] = self.flag("single_keys")


class SettingsForm(Form):
    """One's own language, time zone and looks."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.chosen: dict[str, Any] = {
            "locale": self.choice("locale", LOCALES),
            "time_zone": self.choice("time_zone", time_zones()),
            "theme": self.choice("theme", THEMES),
            "density": self.choice("density", DENSITIES),
            "single_keys": self.flag("single_keys"),
        }


class OwnPasswordForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.current, self.new = values.get("current"), values.get("password")
        for name in ("current", "password"):
            if not values.get(name):
                self.errors[name] = _("Fill this in.")
        if self.new != values.get("again"):
            self.errors["again"] = _("The two are not the same.")


class TokenForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.name = self.text("name", required=True, limit=120)
        self.days = self.integer("days", low=1, high=365, required=True) or 0


class PersonForm(Form):
    """Somebody as they shall be from now on."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.details: Details = {
            "name": self.text("name", required=True, limit=200),
            "email": self.text("email", required=True, limit=320).lower(),
            "title": self.text("title", limit=200),
            "locale": self.choice("locale", LOCALES, default="en"),
            "time_zone": self.choice("time_zone", time_zones(), default="Europe/Berlin"),
        }
        self.manager_id = self.row("manager_id")
        if "email" not in self.errors and not is_email(self.details["email"]):
            self.errors["email"] = _("An e-mail address like hana@example.com.")


class NewPersonForm(PersonForm):
    """Without a password they cannot sign in yet."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.password = values.get("password") or None


class PasswordForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.password = values.get("password")
        if not self.password:
            self.errors["password"] = _("Fill this in.")


class RoleForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.name = self.text("name", required=True, limit=120)
        self.description = self.text("description", limit=500)
        self.capabilities = self.choices("capabilities", [str(one) for one in Capability])
        self.capacity = self.integer("capacity", low=1, high=100_000)


class PickForm(Form):
    """One row picked from a list: a person, or a role."""

    def __init__(self, values: Submitted, name: str) -> None:
        super().__init__(values)
        self.picked = self.row(name, required=True) or 0
