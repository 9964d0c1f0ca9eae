"""Repeatable measurements; never part of the test run."""
