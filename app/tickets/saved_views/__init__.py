"""Views of the list that somebody named: filters only, so another person's view shows what its reader may see."""
