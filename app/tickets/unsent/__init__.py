"""What somebody has typed on a ticket and not sent."""
