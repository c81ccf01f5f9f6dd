"""The tickets that somebody looked at last, for finding them again."""
