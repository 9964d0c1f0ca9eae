"""Who keeps the desk for late arrivals. Pure."""

from __future__ import annotations

from typing import Final

from app.access import Permission, Role, everywhere

RECORD_ARRIVALS: Final = Permission("arrivals.record", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
MOST_FOUND: Final = 12
"""Whoever is not among so many types more of the name."""
