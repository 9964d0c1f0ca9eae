"""Pages of timetables: substitutions, versions, the grid, files."""

from __future__ import annotations

from app.school.timetables.views import files, grid, weeks  # noqa: F401 - importing them is what adds their pages
from app.school.timetables.views.versions import bp

__all__ = ["bp"]
