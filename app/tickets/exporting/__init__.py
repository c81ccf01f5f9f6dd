"""Tickets as a file: exactly what is filtered, and only what its reader may see."""
