"""Pure rules of teaching groups: their names, who is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app import text
from app.access import Permission, Role, own_class
from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

VIEW_OWN_GROUPS: Final = Permission("groups.own", own_class(Role.TEACHER, Role.HOMEROOM_TEACHER))
"""See the groups that one teaches today, and who is in them; the duty decides which, and no class is opened by it."""
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to make: its name, the subject by its name, who teaches it, from when on."""

    name: str
    subject: str
    staff_id: int
    starts_on: date


def checked_name(typed: str) -> str:
    """Return a group's name as it is kept; raise InvalidError when there is none or it is too long."""
    name = text.clean_text(typed)
    if not text.fold(name) or len(name) > LONGEST_NAME:
        fault = say("Tên nhóm có từ 1 đến %(most)s ký tự, ví dụ Bồi dưỡng Toán 9.", most=LONGEST_NAME)
        raise InvalidError(say("Tên nhóm không hợp lệ."), {"name": fault})
    return name


def newcomers(wanted: Collection[int], at_school: Collection[int], members: Collection[int]) -> set[int]:
    """Return who joins: those who are at the school and not in the group already; raise InvalidError for strangers."""
    if strangers := set(wanted) - set(at_school):
        raise InvalidError(
            say("%(count)s em không học ở trường vào ngày đó. Hãy tải lại trang.", count=len(strangers))
        )
    return set(wanted) - set(members)
