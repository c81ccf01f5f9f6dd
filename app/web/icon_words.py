"""What an icon shows, for whoever chooses one by its name."""

from app.web.i18n import N_
from app.web.i18n import gettext as _

ICON_WORDS = {
    "badge-check": N_("badge check"), "banknote": N_("banknote"), "briefcase": N_("briefcase"), "bug": N_("bug"),
    "building-2": N_("building 2"), "calculator": N_("calculator"), "calendar": N_("calendar"),
    "calendar-days": N_("calendar days"), "car": N_("car"), "credit-card": N_("credit card"),
    "database": N_("database"), "factory": N_("factory"), "file-text": N_("file text"),
    "flask-conical": N_("flask conical"), "folder": N_("folder"), "gavel": N_("gavel"), "globe": N_("globe"),
    "graduation-cap": N_("graduation cap"), "handshake": N_("handshake"), "heart-pulse": N_("heart pulse"),
    "house": N_("house"), "key-round": N_("key round"), "laptop": N_("laptop"), "leaf": N_("leaf"),
    "lightbulb": N_("lightbulb"), "lock": N_("lock"), "map-pin": N_("map pin"), "megaphone": N_("megaphone"),
    "network": N_("network"), "package": N_("package"), "percent": N_("percent"), "plane": N_("plane"),
    "receipt": N_("receipt"), "scale": N_("scale"), "server": N_("server"), "settings": N_("settings"),
    "shield": N_("shield"), "shield-check": N_("shield check"), "shopping-cart": N_("shopping cart"),
    "smartphone": N_("smartphone"), "truck": N_("truck"), "user": N_("user"), "user-plus": N_("user plus"),
    "users": N_("users"), "wrench": N_("wrench"), "zap": N_("zap"),
}  # fmt: skip


def icon_words(name: str) -> str:
    return _(ICON_WORDS[name])
