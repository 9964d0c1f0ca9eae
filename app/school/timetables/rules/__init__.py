"""Pure rules of timetables: single days, weeks, the grid and its conflicts, files, sheets to print."""
