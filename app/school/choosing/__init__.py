"""Choosing: which of several schools, before any page that is about one."""
