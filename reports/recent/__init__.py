"""Sums of many schools, remembered for minutes: what was written since is counted again, school by school."""
