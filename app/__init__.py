"""The kernel that every feature stands on; it knows nothing of lessons, registers or indicators."""
