"""Tickets from a table: each row goes through the door of a request that somebody types."""
