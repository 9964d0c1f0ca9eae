"""Readers: protected figures for other programs, read with a key."""
