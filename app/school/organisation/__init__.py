"""The organisation tree as it was, as it is, and what became of what."""
