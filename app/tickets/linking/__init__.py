"""Links between tickets: relates, blocks, duplicates, parent of."""
