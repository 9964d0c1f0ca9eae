"""Rules of OneRoster: who may take a school's roster out, and who may let another system read it."""

from __future__ import annotations

from typing import Final

from app.access import Permission, Role, everywhere

EXPORT_ROSTER: Final = Permission("roster.export", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
MANAGE_CLIENTS: Final = Permission("clients.manage", everywhere(Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR))
"""A client reads every pupil of its unit for as long as nobody revokes it: not an office clerk's decision."""
