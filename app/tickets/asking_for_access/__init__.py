"""Somebody asks to see a ticket of which they know the number, and learns nothing by asking (product.md, section 4)."""
