"""Inputs: the few figures that no register knows, entered once a year with their source."""
