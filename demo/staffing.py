"""Writing the people who work at a school: office and teachers, their accounts and grants."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from app import text
from app.access import SYSTEM, Role
from app.accounts.commands import new_user
from app.accounts.models import Grant, User
from app.school.models import (
    Staff,
)
from app.staff.models import StaffDetail
from demo.bulk import row_of, write_dicts
from demo.curricula import SUBJECTS
from demo.founded import FoundedSchool, FoundedStaff, Founding
from demo.names import FEMALE, MALE, InventedPerson, NameGiver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.schools import SchoolPlan, Teaching

WOMEN_AMONG_TEACHERS: Final = {"1": 0.8, "2": 0.65, "3": 0.6}
OFFICE: Final = (("QL01", Role.PRINCIPAL), ("QL02", Role.PRINCIPAL), ("VT01", Role.OFFICE_CLERK))
"""Principal, vice-principal and clerk of every school: staff code and role."""
POSITIONS: Final = {"QL01": "Hiệu trưởng", "QL02": "Phó hiệu trưởng", "VT01": "Nhân viên văn thư"}
TEACHER: Final = "Giáo viên"
MOST_SUBJECTS: Final = 4
"""A primary homeroom teacher gives nearly all; a staff roster names the main ones."""


def found_staff(
    founding: Founding, school_id: int, plan: SchoolPlan, teaching: Teaching, usernames: Mapping[str, str]
) -> tuple[tuple[FoundedStaff, ...], tuple[FoundedStaff, ...]]:
    """Add office and teachers; return both. With a password hash everybody gets an account."""
    names, known = NameGiver(founding.chance), set[str]()
    codes = [code for code, _ in OFFICE] + [f"GV{number:02d}" for number, _ in enumerate(teaching.groups, 1)]
    people = []
    for code in codes:
        sex = FEMALE if founding.chance.random() < WOMEN_AMONG_TEACHERS[plan.level.value] else MALE
        person = names.adult(sex, known)
        known.add(person.full_name)
        people.append(_staff_member(founding, plan, code, person, usernames))
    if founding.password_hash is not None:
        write_dicts(
            founding.current,
            User,
            (
                user_row(founding, member.user_id, member.username, member.name)
                for member in people
                if member.user_id is not None
            ),
        )
    write_dicts(founding.current, Staff, (_staff_row(school_id, member) for member in people))
    write_dicts(founding.current, StaffDetail, _staff_details(people, teaching))
    return tuple(people[: len(OFFICE)]), tuple(people[len(OFFICE) :])


def _staff_member(
    founding: Founding, plan: SchoolPlan, code: str, person: InventedPerson, usernames: Mapping[str, str]
) -> FoundedStaff:
    username = usernames.get(code) or f"{plan.code}.{code}".lower()
    user_id = founding.new_id(User) if founding.password_hash is not None else None
    return FoundedStaff(founding.new_id(Staff), code, person.full_name, user_id, username)


def _staff_row(school_id: int, member: FoundedStaff) -> dict[str, Any]:
    return {
        "id": member.id,
        "school_id": school_id,
        "staff_code": member.code,
        "full_name": member.name,
        "name_sort": text.sort_key(member.name),
        "name_fold": text.fold(member.name),
        "user_id": member.user_id,
    }


def _staff_details(people: Sequence[FoundedStaff], teaching: Teaching) -> list[dict[str, Any]]:
    """Return what the roster says of each: the position, and the subjects of most lessons first."""
    lessons: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for lesson in teaching.lessons:
        lessons[lesson.teacher][SUBJECTS[lesson.subject]] += 1
    most = {
        who: ", ".join(subject for subject, _count in given.most_common(MOST_SUBJECTS))
        for who, given in lessons.items()
    }
    return [
        {
            "staff_id": member.id,
            "email": "",
            "position": POSITIONS.get(member.code, TEACHER),
            "duty_group": "",
            "subjects": most.get(place - len(OFFICE), ""),
        }
        for place, member in enumerate(people)
    ]


def user_row(founding: Founding, user_id: int, username: str, full_name: str) -> dict[str, Any]:
    """Return the row of an account with the demonstration's password, as the accounts' own command would make it."""
    founding.audit.note(
        founding.opened_at, SYSTEM, "account.created", ("user", user_id), {"username": username}
    )
    user = new_user(username, full_name, founding.password_hash or "")
    user.id, user.created_at = user_id, founding.opened_at
    return row_of(user)


def write_grants(founding: Founding, school: FoundedSchool) -> None:
    """Give everybody with an account what the work needs: the whole school, the own class, each class taught."""
    given: list[tuple[FoundedStaff, Role, int | None]] = [
        (member, role, None) for member, (_, role) in zip(school.office, OFFICE, strict=True)
    ]
    given += [(school.homeroom_teacher(one), Role.HOMEROOM_TEACHER, one.id) for one in school.classes]
    taught = dict.fromkeys((lesson.teacher, lesson.school_class) for lesson in school.teaching.lessons)
    given += [(school.teachers[who], Role.TEACHER, school.classes[where].id) for who, where in taught]
    rows = [
        grant_row(founding, member.user_id, role, school.id, class_id=class_id)
        for member, role, class_id in given
        if member.user_id is not None
    ]
    write_dicts(founding.current, Grant, rows)


def grant_row(
    founding: Founding,
    user_id: int,
    role: Role,
    unit_id: int,
    *,
    class_id: int | None = None,
    pupil_id: int | None = None,
) -> dict[str, Any]:
    """Return the row of a grant from the first day of the year on; one for a class ends with the year."""
    details: dict[str, object] = {"role": role.value, "unit": unit_id, "class": class_id, "reason": ""}
    founding.audit.note(founding.opened_at, SYSTEM, "grant.given", ("user", user_id), details)
    return {
        "user_id": user_id,
        "role": role.value,
        "unit_id": unit_id,
        "class_id": class_id,
        "pupil_id": pupil_id,
        "starts_on": founding.year.starts_on,
        "ends_on": founding.year.ends_on if class_id is not None else None,
        "reason": "",
        "created_at": founding.opened_at,
    }
