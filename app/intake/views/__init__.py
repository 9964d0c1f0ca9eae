"""Pages of the intake: imports themselves, and what a person explains to the reader."""

from __future__ import annotations

from app.intake.views import mending  # noqa: F401 - importing it is what adds its pages
from app.intake.views.imports import bp

__all__ = ["bp"]
