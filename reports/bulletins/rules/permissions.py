"""Who has bulletins made."""

from __future__ import annotations

from typing import Final

from app.access import Permission, Role, everywhere

FILE_REPORT: Final = Permission("report.file", everywhere(Role.PRINCIPAL, Role.DEPARTMENT_OFFICER))
