"""What may be done with a pupil's record, and how a line in the search box is understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from app.access import Permission, Reach, Role, everywhere, own_class
from app.errors import InvalidError
from app.i18n import N_, say
from app.school.rules import DISABILITIES, PEOPLES
from app.text import clean_name, fold

EDIT_PUPIL: Final = Permission("pupil.edit", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
VIEW_SENSITIVE: Final = Permission(
    "pupil.sensitive.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL)
    | own_class(Role.HOMEROOM_TEACHER)
    | {Role.GUARDIAN: Reach.SELF},
)
"""Ethnicity and disability: never on lists, shown when asked for, and the asking is in the audit log."""
NOTHING: Final = "-"
"""In a form: the record says nothing here any more."""
OLDEST_BIRTH_YEAR: Final = 1990
SEX_NAMES: Final = {"F": N_("Nữ"), "M": N_("Nam")}


class Standing(StrEnum):
    """Which of a school's pupils of a year are listed."""

    STUDYING = "studying"
    GONE = "gone"
    ALL = "all"


STANDING_NAMES: Final = {
    Standing.STUDYING: N_("Đang học"),
    Standing.GONE: N_("Đã chuyển đi, thôi học"),
    Standing.ALL: N_("Tất cả"),
}


YEAR_OVER: Final = N_("Hết năm học")


@dataclass(frozen=True, slots=True)
class BirthDay:
    """A birth date as far as it was typed: 17/5/2016, 17/5, or 2016."""

    day: int | None
    month: int | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: every part must be found. `initials` is one more way to find the only word of `words`."""

    words: tuple[str, ...] = ()
    initials: str = ""
    codes: tuple[str, ...] = ()
    births: tuple[BirthDay, ...] = ()


_BIRTH: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")
_INITIALS: Final = range(2, 7)


def wanted(text: str) -> Wanted:
    """Understand what was typed: words of a name, its initials ("nva"), a code or part of one, a birth date."""
    words: list[str] = []
    codes: list[str] = []
    births: list[BirthDay] = []
    for part in fold(text).split():
        if match := _BIRTH.fullmatch(part):
            births.append(BirthDay(int(match[1]), int(match[2]), int(match[3]) if match[3] else None))
        elif part.isdecimal() and len(part) == 4 and OLDEST_BIRTH_YEAR <= int(part) < 2100:  # noqa: PLR2004 - a year
            births.append(BirthDay(None, None, int(part)))
        elif part.isdecimal() or part.startswith("tam-"):
            codes.append(part)
        else:
            words.append(part)
    only = words[0] if len(words) == 1 and words[0].isalpha() and len(words[0]) in _INITIALS else ""
    return Wanted(tuple(words), only, tuple(codes), tuple(births))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of a school's pupils is asked for."""

    text: str = ""
    class_id: int | None = None
    grade: int | None = None
    standing: Standing = Standing.STUDYING


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A line of the list."""

    pupil_id: int
    full_name: str
    birth_date: date | None
    sex: str | None
    code: str
    class_name: str
    status: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Basics:
    """What the office writes down about a pupil; what is empty leaves what is there.

    `ethnicity` is one of `PEOPLES`, `disability` one of `DISABILITIES`; NOTHING takes a value away.
    """

    full_name: str
    birth_date: date
    sex: str
    ministry_code: str = ""
    ethnicity: str = ""
    disability: str = ""


def checked(basics: Basics, today: date) -> Basics:
    """Return the basics with a clean name; raise InvalidError on an empty name or a birth date that cannot be."""
    name = clean_name(basics.full_name)
    if not name:
        raise InvalidError(say("Nhập họ và tên."), {"full_name": say("Nhập họ và tên.")})
    if not date(OLDEST_BIRTH_YEAR, 1, 1) <= basics.birth_date < today:
        raise InvalidError(
            say("Ngày sinh không thể là ngày này."), {"birth_date": say("Kiểm tra lại ngày sinh.")}
        )
    for field, known in (("ethnicity", PEOPLES), ("disability", DISABILITIES)):
        if getattr(basics, field) not in {"", NOTHING, *known}:
            message = say("Chọn một mục trong danh sách.")
            raise InvalidError(message, {field: message})
    return replace(basics, full_name=name)


def ethnicity_code(people: str) -> str:
    """Return the code of a people in the set `ETHNICITY_CODES`: its place in the list, two digits."""
    return f"{PEOPLES.index(people) + 1:02d}"
