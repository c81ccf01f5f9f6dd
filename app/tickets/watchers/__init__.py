"""Who wants to hear of a ticket, beside those whom it concerns anyway."""
