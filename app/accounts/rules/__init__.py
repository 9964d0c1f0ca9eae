"""Rules of accounts: how a device is named, what the words for the roles are."""

from __future__ import annotations

from typing import Final

from app.access import Role
from app.accounts.rules.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, password_fault
from app.i18n import N_

__all__ = ("MAX_PASSWORD_LENGTH", "MIN_PASSWORD_LENGTH", "ROLE_NAMES", "device_name", "password_fault")

ROLE_NAMES: Final = {
    Role.TEACHER: N_("Giáo viên bộ môn"),
    Role.HOMEROOM_TEACHER: N_("Giáo viên chủ nhiệm"),
    Role.OFFICE_CLERK: N_("Văn thư"),
    Role.PRINCIPAL: N_("Hiệu trưởng"),
    Role.DEPARTMENT_OFFICER: N_("Chuyên viên Sở"),
    Role.HUB_OPERATOR: N_("Quản lý kho dữ liệu dùng chung"),
    Role.SYSTEM_ADMINISTRATOR: N_("Quản trị hệ thống"),
    Role.GUARDIAN: N_("Phụ huynh"),
    Role.PUPIL: N_("Học sinh"),
}


def device_name(user_agent: str) -> str:
    """Return a short name of a device for the list of sign-ins, such as "Chrome · Android"."""
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    browsers = (("Edg/", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    system = next((name for mark, name in systems if mark in user_agent), "")
    browser = next((name for mark, name in browsers if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or "?"
