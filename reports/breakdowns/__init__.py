"""Breakdowns: attendance by place and by what pupils are, complete, for those on duty."""
