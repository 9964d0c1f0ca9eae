"""Rules of a class's school year: what its sheet shows, what goes into the school record."""
