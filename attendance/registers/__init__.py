"""Registers: which are due, how they are taken and merged, what they add up to."""
