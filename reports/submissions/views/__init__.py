"""The pages on which reports are handed in, approved and accepted."""

from __future__ import annotations

from reports.submissions.views import steps as _steps  # noqa: F401 - its routes
from reports.submissions.views.pages import bp, home_card

__all__ = ["bp", "home_card"]
