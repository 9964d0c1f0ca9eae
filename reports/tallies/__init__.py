"""Tallies: everything that indicators are made of, counted for a place and a period, each pupil once."""
