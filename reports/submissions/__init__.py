"""Submissions: the month of a school, from computed to accepted and locked."""
