"""Rules of OneRoster."""
