"""Answers: each stored once before it is acknowledged, every replacement kept."""
