"""Who leads a lesson together with its owner, and who owns it."""
