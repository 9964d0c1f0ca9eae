"""The accounts of the demonstration: one for each role, with what to try first. The same ones every time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.access import Role
from app.accounts.models import Grant, User
from app.accounts.rules import ROLE_NAMES
from app.school.models import ClassMembership, OrgUnit, Pupil, PupilCard, SchoolClass

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PASSPHRASE: Final = "hoc-thu-bang-xanh"  # noqa: S105 - it is printed for every visitor
"""Everybody's password in a demonstration. It may be known because `demo` refuses to run in production."""
HUB_OPERATOR: Final = "quanlykho"
PUPILS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Guide:
    """A user name of the demonstration and what to try with it."""

    username: str
    role: Role
    first_steps: str


HOMEROOM: Final = Guide(
    "gvcn",
    Role.HOMEROOM_TEACHER,
    "Điểm danh buổi sáng lớp 4/2; mở tiết học tương tác từ thời khóa biểu hôm nay.",
)
SUBJECT_TEACHER: Final = Guide(
    "gvbm", Role.TEACHER, "Xem các tiết dạy hôm nay, mở một tiết học tương tác ở lớp mình dạy."
)
CLERK: Final = Guide("vanthu", Role.OFFICE_CLERK, "Xem lớp và thẻ học sinh; in thẻ; đính chính sổ điểm danh.")
NEW_CLERK: Final = Guide(
    "vanthu.moi",
    Role.OFFICE_CLERK,
    "Nhập từ Excel: trường này chưa có học sinh, hãy thử tệp danh sách của mình.",
)
PRINCIPAL: Final = Guide(
    "hieutruong", Role.PRINCIPAL, "Xem sáng nay lớp nào đã điểm danh, lớp nào còn thiếu."
)
OFFICER: Final = Guide(
    "chuyenvien",
    Role.DEPARTMENT_OFFICER,
    "Xem tỷ lệ chuyên cần theo trường và lớp; chốt số liệu tháng trước; xuất Excel.",
)
ADMINISTRATOR: Final = Guide(
    "quantri", Role.SYSTEM_ADMINISTRATOR, "Quản lý tài khoản; nhập danh sách cho một trường."
)
GUARDIAN: Final = Guide("phuhuynh", Role.GUARDIAN, "Chỉ xem được con mình.")
PUPIL: Final = Guide(
    "hocsinh", Role.PUPIL, "Chỉ xem được thông tin của mình. Vào tiết học không cần tài khoản."
)
OPERATOR: Final = Guide(HUB_OPERATOR, Role.HUB_OPERATOR, "Xem số liệu đã tiếp nhận từ nơi gửi.")
SCHOOL_GUIDES: Final = (
    HOMEROOM, SUBJECT_TEACHER, CLERK, NEW_CLERK, PRINCIPAL, OFFICER, ADMINISTRATOR, GUARDIAN, PUPIL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """A line of the table that a visitor reads."""

    username: str
    role: str
    full_name: str
    place: str
    first_steps: str


@dataclass(frozen=True, slots=True)
class JoinHint:
    """A pupil who can join a lesson of the homeroom teacher's class, with the code on the card."""

    class_name: str
    full_name: str
    card: str


def shown_accounts(session: Session, guides: tuple[Guide, ...] = SCHOOL_GUIDES) -> list[ShownAccount]:
    """Return the accounts of these guides that exist, with the place of their first grant."""
    found = []
    for guide in guides:
        row = session.execute(
            select(User.full_name, OrgUnit.name, SchoolClass.name)
            .join(Grant, Grant.user_id == User.id)
            .join(OrgUnit, OrgUnit.id == Grant.unit_id)
            .outerjoin(SchoolClass, SchoolClass.id == Grant.class_id)
            .where(User.username == guide.username, Grant.role == guide.role.value)
            .order_by(Grant.id)
            .limit(1)
        ).one_or_none()
        if row is not None:
            full_name, unit, class_name = row
            place = (
                f"{unit}, lớp {class_name}" if class_name and guide.role is Role.HOMEROOM_TEACHER else unit
            )
            found.append(
                ShownAccount(guide.username, ROLE_NAMES[guide.role], full_name, place, guide.first_steps)
            )
    return found


def join_hints(session: Session) -> list[JoinHint]:
    """Return some pupils of the homeroom teacher's class with their card codes."""
    rows = session.execute(
        select(SchoolClass.name, Pupil.full_name, PupilCard.code)
        .join(Grant, Grant.class_id == SchoolClass.id)
        .join(User, User.id == Grant.user_id)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .join(PupilCard, PupilCard.pupil_id == Pupil.id)
        .where(
            User.username == HOMEROOM.username,
            Grant.role == Role.HOMEROOM_TEACHER.value,
            ClassMembership.ends_on.is_(None),
            PupilCard.revoked_at.is_(None),
        )
        .order_by(Pupil.name_sort)
        .limit(PUPILS_SHOWN)
    )
    return [JoinHint(class_name, full_name, card) for class_name, full_name, card in rows]
