"""Rules of accounts: what a password must be, how a device is named, what the words for the roles are."""

from __future__ import annotations

from typing import Final

from app.access import Role
from app.i18n import N_, Phrase, say

MIN_PASSWORD_LENGTH: Final = 10
MAX_PASSWORD_LENGTH: Final = 128
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


def password_fault(password: str, username: str) -> Phrase | None:
    """Return what is wrong with a new password, None if it will do (NIST SP 800-63B: length, not composition)."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return say("Mật khẩu cần ít nhất %(count)s ký tự.", count=MIN_PASSWORD_LENGTH)
    if len(password) > MAX_PASSWORD_LENGTH:
        return say("Mật khẩu dài nhất %(count)s ký tự.", count=MAX_PASSWORD_LENGTH)
    if len(set(password)) < 4 or username.casefold() in password.casefold():  # noqa: PLR2004 - four different characters
        return say("Mật khẩu quá dễ đoán. Hãy chọn một câu dài mà chỉ bạn nhớ.")
    return None


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
