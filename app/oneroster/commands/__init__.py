"""Writes of OneRoster: what came in, what is handed out, and who may read it."""
