"""Pages of the organisation: the tree and the list of any day, a unit with its past."""

from __future__ import annotations

from app.school.organisation.views import unit  # noqa: F401 - importing it is what adds its pages
from app.school.organisation.views.tree import bp

__all__ = ["bp"]
