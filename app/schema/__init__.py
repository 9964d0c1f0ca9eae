"""The state of the database's schema, as the command line meets it."""
