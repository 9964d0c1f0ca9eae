"""Cubes: counts per class and day, recomputed from registers and lessons, never incremented."""
