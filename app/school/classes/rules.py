"""Pure rules of classes: the norm of their size, what they were called on a day, who holds a duty when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app import text
from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import N_, say
from app.intake.rules.class_names import class_name
from app.intake.rules.values import BadValueError
from app.school.rules import DaySession, grade_of_class
from app.text import fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from app.i18n import Phrase
    from app.intake.rules.lists import Record

KEEP_CLASSES: Final = Permission("classes.keep", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
"""Open, rename and close classes and groups; appoint their teachers."""
PRIMARY_NORM: Final = 35
SECONDARY_NORM: Final = 45
LAST_PRIMARY_GRADE: Final = 5
LAST_GRADE: Final = 12
LONGEST_NAME: Final = 32
LONGEST_SUBJECT: Final = 60


def size_norm(grade: int) -> int:
    """Return the most pupils that a class should have: 35 in primary, 45 in secondary schools. Warn, never block.

    Source: TT 28/2020/TT-BGDĐT article 16.1; TT 32/2020/TT-BGDĐT article 16.3.
    """
    return PRIMARY_NORM if grade <= LAST_PRIMARY_GRADE else SECONDARY_NORM


def is_over_norm(size: int, grade: int) -> bool:
    """Say whether a class of a grade has more pupils than the norm."""
    return size > size_norm(grade)


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class as a list shows it: its size and homeroom teacher ("" for none) of a day."""

    id: int
    name: str
    name_sort: str
    grade: int
    size: int
    homeroom: str
    closed_on: date | None


# --- names --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that a class had until the day before `ends_on`."""

    name: str
    ends_on: date


def name_on(name: str, former: Iterable[FormerName], day: date) -> str:
    """Return what a class was called on a day: the first former name that had not ended by then, else its name."""
    held = sorted((one for one in former if one.ends_on > day), key=lambda one: one.ends_on)
    return held[0].name if held else name


def is_new_name(since: date, former: Sequence[FormerName], year: tuple[date, date], today: date) -> bool:
    """Say whether a name of a day on leaves the present one to history; on the day of the present one it corrects it.

    Raises InvalidError unless the day is one of the class's year, not to come, and not before the last change.
    """
    last = max((one.ends_on for one in former), default=year[0])
    if since > today:
        raise InvalidError(
            say("Chỉ ghi tên mới khi đã có hiệu lực."), {"day": say("Chọn hôm nay hoặc một ngày đã qua.")}
        )
    if since < last or since >= year[1]:
        fault = say("Chọn một ngày trong năm học, từ %(day)s.", day=f"{last:%d/%m/%Y}")
        raise InvalidError(say("Ngày đổi tên không hợp lệ."), {"day": fault})
    return since > last


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class to open: its name and grade, when it has buổi 1, the satellite site where it learns, if any."""

    name: str
    grade: int | None = None
    main_session: DaySession = DaySession.MORNING
    site_id: int | None = None


def checked_class(wanted: NewClass) -> NewClass:
    """Return a class as it is kept, its grade read from the name when none is given; raise InvalidError."""
    name = checked_name(wanted.name)
    grade = wanted.grade or grade_of_class(name)
    if grade is None or not 1 <= grade <= LAST_GRADE:
        raise InvalidError(say("Chưa biết lớp thuộc khối nào."), {"grade": say("Chọn khối từ 1 đến 12.")})
    return replace(wanted, name=name, grade=grade)


def checked_name(typed: str) -> str:
    """Return a class's name as it is kept; raise InvalidError when there is none or it is too long."""
    name = text.clean_name(typed)
    if not text.fold(name) or len(name) > LONGEST_NAME:
        fault = say("Tên lớp có từ 1 đến %(most)s ký tự, ví dụ 4/7 hoặc 6A1.", most=LONGEST_NAME)
        raise InvalidError(say("Tên lớp không hợp lệ."), {"name": fault})
    return name


# --- duties -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A duty as it is stored: who, from when, to the day before when."""

    id: int
    staff_id: int
    starts_on: date
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Say whether the duty holds on a day."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    @property
    def is_empty(self) -> bool:
        """Whether it holds on no day: it was replaced before it began."""
        return self.ends_on is not None and self.ends_on <= self.starts_on


@dataclass(frozen=True, slots=True)
class Succession:
    """What an appointment does to the duties there are: {duty: the day on which it ends now}, and its own end.

    `already` is the duty of the same person that holds then anyway; nothing is to be done.
    """

    cuts: dict[int, date]
    ends_on: date | None
    already: int | None = None


def succession(held: Iterable[Held], staff_id: int, starts_on: date) -> Succession:
    """Return what happens when a person takes a duty over from a day on: one holder a day, the days before unchanged.

    Who holds it then, ends then; a duty that begins later is kept, and the new one ends where it begins.
    """
    real = [one for one in held if not one.is_empty]
    later = [one.starts_on for one in real if one.starts_on > starts_on]
    now = [one for one in real if one.holds(starts_on)]
    same = next((one for one in now if one.staff_id == staff_id), None)
    if same is not None:
        return Succession({}, None, same.id)
    return Succession({one.id: starts_on for one in now}, min(later, default=None))


def check_day(day: date, year: tuple[date, date], field: str = "starts_on") -> None:
    """Raise InvalidError unless a day is within the class's school year."""
    if not year[0] <= day < year[1]:
        fault = say(
            "Chọn một ngày của năm học, từ %(first)s đến trước %(end)s.",
            first=f"{year[0]:%d/%m/%Y}",
            end=f"{year[1]:%d/%m/%Y}",
        )
        raise InvalidError(say("Ngày không thuộc năm học của lớp."), {field: fault})


def grant_dates(starts_on: date, ends_on: date | None, today: date) -> tuple[date, date | None] | None:
    """Return from when to when the access of a duty holds, None when it would hold on no day: never before today."""
    first = max(starts_on, today)
    return None if ends_on is not None and ends_on <= first else (first, ends_on)


# --- homeroom teachers from a file --------------------------------------------------------------------------------

HOMEROOM_HEADINGS: Final = {
    "class": (N_("Lớp"), "ten lop", "lop hoc", "ma lop"),
    "teacher": (
        N_("Giáo viên chủ nhiệm"), "gvcn", "chu nhiem", "ho ten gvcn", "ho va ten gvcn", "ten gvcn",
        "ho ten giao vien chu nhiem", "giao vien", "ho va ten", "ho ten",
    ),
    "code": (N_("Mã giáo viên"), "ma gv", "ma can bo", "ma nhan vien", "ma dinh danh bo gd&dt"),
}  # fmt: skip
HOMEROOM_NEEDED: Final = ("class", "teacher")


@dataclass(frozen=True, slots=True)
class HomeroomList:
    """What a list of homeroom teachers means at a school: {class: teacher}, and (row, why) of what it does not."""

    chosen: Mapping[int, int]
    faults: Sequence[tuple[int, Phrase]]


def homerooms_in(
    records: Iterable[Record],
    classes: Iterable[tuple[int, str]],
    staff: Sequence[tuple[int, str, str]],
) -> HomeroomList:
    """Return what a list says; `classes` are (id, name), `staff` (id, name, code). No teacher is no fault."""
    by_name = {natural_key(name): number for number, name in classes}
    chosen: dict[int, int] = {}
    faults: list[tuple[int, Phrase]] = []
    for record in records:
        teacher = fold(record.text("teacher"))
        if not teacher:
            continue
        class_id = by_name.get(natural_key(_written_class(record)))
        code = record.text("code")
        people = [who for who, name, its in staff if (its == code if code else fold(name) == teacher)]
        if class_id is None:
            faults.append((record.row, say("Không có lớp “%(name)s”.", name=record.text("class"))))
        elif len(people) != 1:
            faults.append((record.row, say(_NOT_ONE[len(people) > 1], name=record.text("teacher"))))
        elif chosen.setdefault(class_id, people[0]) != people[0]:
            faults.append(
                (record.row, say("Lớp “%(name)s” đã có ở một dòng trên.", name=record.text("class")))
            )
    return HomeroomList(chosen, faults)


_NOT_ONE: Final = (
    N_("Không có nhân sự nào tên “%(name)s”."),
    N_("Có nhiều người tên “%(name)s”. Hãy thêm cột Mã giáo viên."),
)


def _written_class(record: Record) -> str:
    try:
        return class_name(record.cell("class"))
    except BadValueError:
        return ""
