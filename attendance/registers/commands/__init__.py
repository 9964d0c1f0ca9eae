"""Writing registers: take and correct them, open them, lay out those that are due."""
