"""Setting up a school: what is done and what is missing, computed from what the school has."""
