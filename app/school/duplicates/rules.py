"""When two records may be one pupil's, which values survive, and how two histories become one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.facts import Fact
from app.i18n import N_, say
from app.school.enrolment.rules import ClassStay, History, Row, Stay, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

MERGE_PUPILS: Final = Permission(
    "pupil.merge", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER)
)
MERGE_ACROSS: Final = Permission("pupil.merge_across", everywhere(Role.DEPARTMENT_OFFICER))
"""See who may have a record at two schools. A school sees only its own records."""
JOURNAL_KEPT: Final = timedelta(days=90)
"""So long a merge can be taken back; then the old values are forgotten, and only that there was a merge is kept."""


@dataclass(frozen=True)
class PupilsMerged(Fact):
    """Two records of a pupil were made one, or taken apart again: what names one of them may name the other now."""

    fact_name: ClassVar[str] = "PupilsMerged"
    kept_id: int
    gone_id: int


class Value(StrEnum):
    """What a record says of the pupil; one of the two records' values survives."""

    NAME = "full_name"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    CODE = "code"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"


VALUE_NAMES: Final = {
    Value.NAME: N_("Họ và tên"),
    Value.BIRTH_DATE: N_("Ngày sinh"),
    Value.SEX: N_("Giới tính"),
    Value.CODE: N_("Mã học sinh"),
    Value.ETHNICITY: N_("Dân tộc"),
    Value.DISABILITY: N_("Khuyết tật"),
}
SENSITIVE: Final = frozenset({Value.ETHNICITY, Value.DISABILITY})
"""Chosen without being shown: the page only says whether the two records differ."""


class Likeness(StrEnum):
    """Why two records may be one pupil's."""

    NAMESAKE = "namesake"
    RENAMED = "renamed"


LIKENESS_NAMES: Final = {
    Likeness.NAMESAKE: N_("Trùng họ tên và ngày sinh, một hồ sơ chưa có mã định danh"),
    Likeness.RENAMED: N_("Mã tạm của hồ sơ này chứa mã định danh của hồ sơ kia"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A pupil's record as far as likeness goes."""

    id: int
    full_name: str
    name_fold: str
    birth_date: date | None
    ministry_code: str | None
    temporary_key: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two records that may be one pupil's; `first` has the ministry code when only one has."""

    first: Record
    second: Record
    likeness: Likeness


def candidates(records: Iterable[Record]) -> list[Candidate]:
    """Return the pairs of records that may be one pupil's, each pair once.

    Two ministry codes are two pupils (vietnam.md 3.1: one code for life): such a pair is not proposed.
    """
    every = list(records)
    found: dict[frozenset[int], Candidate] = {}
    by_name: dict[tuple[str, date], list[Record]] = {}
    for one in every:
        if one.birth_date is not None:
            by_name.setdefault((one.name_fold, one.birth_date), []).append(one)
    for group in by_name.values():
        for place, one in enumerate(group):
            for other in group[place + 1 :]:
                if not (one.ministry_code and other.ministry_code):
                    found[frozenset({one.id, other.id})] = _pair(one, other, Likeness.NAMESAKE)
    by_code = {_bare(one.ministry_code): one for one in every if one.ministry_code}
    for one in every:
        named = by_code.get(_bare(one.temporary_key)) if one.temporary_key else None
        if named is not None and named.id != one.id:
            found.setdefault(frozenset({one.id, named.id}), _pair(one, named, Likeness.RENAMED))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class AcrossSchools:
    """A pair that may be one pupil's at two schools, with the school that keeps each record now."""

    pair: Candidate
    first_school: str
    second_school: str


def keys_of(records: Iterable[Record]) -> dict[str, str]:
    """Return {temporary key: the ministry code that it seems to hold}, as a spreadsheet may have shortened it."""
    digits = {one.temporary_key: _bare(one.temporary_key) for one in records if one.temporary_key}
    return {key: bare.zfill(CODE_DIGITS) for key, bare in digits.items() if len(bare) >= CODE_DIGITS - 1}


CODE_DIGITS: Final = 10


def _pair(one: Record, other: Record, likeness: Likeness) -> Candidate:
    first, second = sorted((one, other), key=lambda record: (record.ministry_code is None, record.id))
    return Candidate(first, second, likeness)


def _bare(key: str | None) -> str:
    """Return the digits of a key without zeros in front: a spreadsheet loses them."""
    return re.sub(r"\D", "", key or "").lstrip("0") or "-"


# --- two histories ------------------------------------------------------------------------------------------------


def joined(kept: History, gone: History) -> History:
    """Return the history of a pupil who had two records.

    What an earlier school year left open ends where the later one begins, as in every step; of two enrolments that are
    open at one school the kept one holds (`shortened`). Raises InvalidError when the pupil would be enrolled twice on a
    day all the same: one of the two enrolments is wrong, only people know which, and it has to be ended first.
    """
    gone = shortened(kept, gone)
    stays = in_order((*kept.stays, *gone.stays))
    for one in kept.stays:
        for other in gone.stays:
            if day := _both_from(one, other):
                raise InvalidError(
                    say(
                        "Từ ngày %(day)s cả hai hồ sơ đều đang được ghi danh. Hãy kết thúc lần ghi danh sai trước: "
                        "mở hồ sơ đó, ghi thôi học hoặc chuyển đi từ đúng ngày em vào học.",
                        day=f"{day:%d/%m/%Y}",
                    )
                )
    return History(
        tuple(_ended_stay(one, stays) for one in stays),
        tuple(_ended_class(one, stays) for one in in_order((*kept.classes, *gone.classes))),
    )


def entered_twice_from(kept: History, gone: History) -> date | None:
    """Return the first day on which both records are enrolled at one school in one year with no end to either."""
    days = (
        max(one.starts_on, other.starts_on)
        for one in kept.stays
        for other in gone.stays
        if _is_twice(one, other)
    )
    return min(days, default=None)


def shortened(kept: History, gone: History) -> History:
    """Return the history of the record that goes, without the days on which the kept one is at the same school too.

    A pupil who was entered twice at one school is there once: what began earlier holds until the kept enrolment begins,
    what began later holds on no day and stays as a trace. So it is with the classes.
    """
    begins = {
        (one.school_id, one.year_id): one.starts_on
        for one in kept.stays
        if any(_is_twice(one, other) for other in gone.stays)
    }
    return History(
        tuple(_until(one, begins.get((one.school_id, one.year_id))) for one in gone.stays),
        tuple(_until(one, begins.get((one.school_id, one.year_id))) for one in gone.classes),
    )


def _is_twice(one: Stay, other: Stay) -> bool:
    is_open = one.ends_on is None and other.ends_on is None
    return is_open and (one.school_id, one.year_id) == (other.school_id, other.year_id)


def _until(row: Row, day: date | None) -> Row:
    if day is None or (row.ends_on is not None and row.ends_on <= day):
        return row
    return replace(row, ends_on=max(day, row.starts_on))


def _both_from(one: Stay, other: Stay) -> date | None:
    """Return the first day on which two enrolments hold and neither is only an older year's open end."""
    if one.ends_on == one.starts_on or other.ends_on == other.starts_on:
        return None
    first = max(one.starts_on, other.starts_on)
    if any(row.ends_on is not None and row.ends_on <= first for row in (one, other)):
        return None
    older = min((one, other), key=lambda row: row.starts_on)
    is_left_open = older.ends_on is None and one.year_id != other.year_id and one.starts_on != other.starts_on
    return None if is_left_open else first


def _ended_stay(row: Stay, stays: Iterable[Stay]) -> Stay:
    return replace(row, ends_on=_next_year(row, stays)) if row.ends_on is None else row


def _ended_class(row: ClassStay, stays: Iterable[Stay]) -> ClassStay:
    return replace(row, ends_on=_next_year(row, stays)) if row.ends_on is None else row


def _next_year(row: Stay | ClassStay, stays: Iterable[Stay]) -> date | None:
    """Return the day on which an enrolment of another year begins after an open row, None when none does."""
    later = (
        one.starts_on
        for one in stays
        if one.year_id != row.year_id and one.starts_on > row.starts_on and one.ends_on != one.starts_on
    )
    return min(later, default=None)
