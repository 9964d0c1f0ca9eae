"""Checks: the cubes computed a second time, by another engine from the raw rows; what differs, with its keys."""
