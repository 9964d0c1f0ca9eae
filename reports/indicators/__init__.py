"""Indicators: definitions as data, with versions and validity."""
