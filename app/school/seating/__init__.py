"""Seat plans: who sits where in a class's room, from a day on."""
