"""Reads of timetables: single days, versions and their grids, files."""
