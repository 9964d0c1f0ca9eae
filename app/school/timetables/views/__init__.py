"""Pages of timetables: substitutions, versions, the grid, files."""
