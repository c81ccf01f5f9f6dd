"""Who is looking at a ticket just now."""
