"""Extracts: indicators of a place and a period in the form in which they may leave."""
