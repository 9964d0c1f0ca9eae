"""Exports: what leaves as a file."""
