"""People whom a text calls by `@` and their name."""
