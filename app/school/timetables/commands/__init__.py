"""Writes of timetables: single days, versions, cells of a draft, files."""
