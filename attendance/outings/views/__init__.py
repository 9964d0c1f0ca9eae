"""Pages of school events: planning them, and calling the roll of those who went."""
