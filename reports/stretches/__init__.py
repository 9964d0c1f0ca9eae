"""Stretches: what registers say of each pupil, and lessons of each class, in the days of a month in one semester."""
