"""Seats: a pupil in a lesson, and the one device that answers for the pupil."""
