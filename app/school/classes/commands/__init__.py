"""Writes of classes: open, rename, close; appoint teachers."""
