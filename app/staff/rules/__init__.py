"""Rules of staff: who may see the list, and how a roster of staff is understood."""

from __future__ import annotations

from typing import Final

from app.access import Permission, Role, everywhere

VIEW_STAFF: Final = Permission(
    "staff.view", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
)
IMPORT_STAFF: Final = Permission("staff.import", everywhere(Role.OFFICE_CLERK, Role.SYSTEM_ADMINISTRATOR))
