"""Backups: everything of an installation in one folder, and back from it on an empty machine."""
