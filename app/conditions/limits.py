"""How large a condition may be. Its cost is linear, so these are the only budget it needs."""

NODES = 200
DEPTH = 8
LIST = 200
VALUES = 2_000
"""In all lists of one tree together: each is a bound parameter, of which PostgreSQL takes 32,767."""
TEXT = 1_000
EXPONENT = 30
DAYS = 36_500
HOURS = 24 * 366
YEARS = range(1000, 9999)
ID = 10**18
PROBLEMS = 50
"""Nobody reads more, and whoever sends garbage shall not make us collect it."""
