"""What a request costs: the real product on a seeded database, measured in CPU milliseconds (docs/performance.md)."""
