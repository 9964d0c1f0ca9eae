"""Kept figures: what may leave of a place and a period, made by a job beforehand, so that pages answer at once."""
