"""Releases: the figures of a school in the form in which they may leave."""
