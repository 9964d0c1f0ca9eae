"""Timetable files with a row for each lesson, or with days down and periods across, as schools write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.rules.rows import Cell, Sheet, SheetRow
from app.school.rules import DaySession
from app.school.timetables.rules.known import Known, KnownClass, Named
from app.school.timetables.rules.matching import matched
from app.school.timetables.rules.sheets import cells_in
from app.text import natural_key

MORNING, AFTERNOON = DaySession.MORNING, DaySession.AFTERNOON
CLASSES = [KnownClass(1, "6A1"), KnownClass(2, "6A2"), KnownClass(3, "4/2")]
KEYS = {natural_key(one.name) for one in CLASSES}
SUBJECTS = [
    Named(1, "Toán", "TOAN"),
    Named(2, "Ngữ văn", "VAN"),
    Named(3, "Tiếng Anh", "ANH"),
    Named(4, "Tin học", "TIN"),
]
STAFF = [
    Named(11, "Nguyễn Văn An", "GV01"),
    Named(12, "Trần Thị Lan", "GV02"),
    Named(13, "Lê Hoàng Phúc", "GV03"),
]
KNOWN = Known(CLASSES, SUBJECTS, STAFF, teaches={}, homeroom={})
DAY_WORDS = ("Thứ %s", "T%s", "%s", "thứ\n%s")


def sheet(name: str, *rows: tuple[Cell, ...], merged: tuple[tuple[int, int, int], ...] = ()) -> Sheet:
    lines = tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 1) if any(cells))
    return Sheet(name, lines, merged=merged)


def lessons(*sheets: Sheet) -> set[tuple[str, int, str, int, str, str, tuple[str, ...], str]]:
    found = matched(cells_in(sheets, KEYS), KNOWN)
    assert not found.unmatched
    return {
        (one.class_name, one.slot.weekday, one.slot.day_session.value, one.slot.number, one.line.weeks.value,
         one.subject, one.teachers, one.line.room)
        for one in found.lessons
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """A lesson of a generated week."""

    class_name: str
    day: int
    day_session: DaySession
    number: int
    subject: str
    teacher: str

    @property
    def read(self) -> tuple[str, int, str, int, str, str, tuple[str, ...], str]:
        return (
            self.class_name, self.day, self.day_session.value, self.number, "every", self.subject, (self.teacher,), ""
        )  # fmt: skip


def weeks() -> st.SearchStrategy[list[Planned]]:
    """Weeks of two classes: mornings of 2 to 5 periods, afternoons, numbered from 1 again, of 0 to 2."""
    taught = st.tuples(
        st.sampled_from([one.name for one in SUBJECTS]), st.sampled_from([one.name for one in STAFF])
    )

    def day(class_name: str, number: int) -> st.SearchStrategy[list[Planned]]:
        return st.tuples(st.lists(taught, min_size=2, max_size=5), st.lists(taught, max_size=1)).map(
            lambda found: [
                Planned(class_name, number, session, place, *one)
                for session, part in zip((MORNING, AFTERNOON), found, strict=True)
                for place, one in enumerate(part, 1)
            ]
        )

    days = [day(name, number) for name in ("6A1", "4/2") for number in range(1, 6)]
    return st.tuples(*days).map(lambda found: [one for part in found for one in part])


@settings(max_examples=40)
@given(
    week=weeks(),
    said=st.sampled_from(DAY_WORDS),
    merges=st.booleans(),
    with_session=st.booleans(),
    upside_down=st.booleans(),
)
def test_a_row_for_each_lesson(
    week: list[Planned], said: str, *, merges: bool, with_session: bool, upside_down: bool
) -> None:
    heads = ("STT", "Lớp", "Thứ", "Buổi", "Tiết", "Môn", "Giáo viên") if with_session else (
        "STT", "Lớp", "Thứ", "Tiết", "Môn", "Giáo viên"
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [("TRƯỜNG THCS HOA MAI",), ("THỜI KHÓA BIỂU",), heads]
    ordered = (
        sorted(week, key=lambda one: (one.subject, one.number)) if with_session and upside_down else week
    )
    before: tuple[str, int] | None = None
    for number, one in enumerate(ordered, 1):
        repeated = merges and ordered is week and before == (one.class_name, one.day)
        before = (one.class_name, one.day)
        session = ("Sáng" if one.day_session is MORNING else "Chiều",) if with_session else ()
        lead = ("", "") if repeated else (one.class_name, said % (one.day + 1))
        rows.append((number, *lead, *session, one.number, one.subject, one.teacher))
    assert lessons(sheet("TKB", *rows)) == {one.read for one in week}


@settings(max_examples=40)
@given(
    week=weeks(),
    said=st.sampled_from(DAY_WORDS[:3]),
    between=st.sampled_from(["%s - %s", "%s (%s)", "%s\n%s", "%s: %s"]),
    layout=st.sampled_from(["sheets", "blocks", "column"]),
    sessions=st.sampled_from(["above", "anew", "head", "rows"]),
)
def test_days_down_and_periods_across(
    week: list[Planned], said: str, between: str, layout: str, sessions: str
) -> None:
    tables = []
    for name in ("6A1", "4/2"):
        own = {
            (one.day, one.day_session, one.number): between % (one.subject, one.teacher)
            for one in week
            if one.class_name == name
        }
        tables.append((name, _table(own, said, sessions, name if layout == "column" else "")))
    if layout == "sheets":
        made = [
            sheet(f"Lớp {name}".replace("/", "."), (f"THỜI KHÓA BIỂU LỚP {name}",), *rows)
            for name, rows in tables
        ]
    else:
        whole: list[tuple[Cell, ...]] = []
        for at, (name, rows) in enumerate(tables):
            body = [
                row
                for place, row in enumerate(rows)
                if layout == "blocks" or not at or place >= _heads_in(sessions)
            ]
            whole += [(f"Lớp: {name}",), *body] if layout == "blocks" else body
        made = [sheet("TKB", ("THỜI KHÓA BIỂU HỌC KỲ I",), *whole)]
    assert lessons(*made) == {one.read for one in week}


def _heads_in(sessions: str) -> int:
    return 2 if sessions == "above" else 1


def _table(
    own: dict[tuple[int, DaySession, int], str], said: str, sessions: str, class_name: str
) -> list[tuple[Cell, ...]]:
    lead = ("Lớp", "Thứ") if class_name else ("Thứ",)
    if sessions == "rows":
        rows: list[tuple[Cell, ...]] = [(*lead, "Buổi", *(f"Tiết {n}" for n in range(1, 6)))]
        for day in range(1, 6):
            for session, word in ((MORNING, "Sáng"), (AFTERNOON, "Chiều")):
                first = session is MORNING
                names = (class_name if first and day == 1 else "",) if class_name else ()
                cells = (own.get((day, session, n), "") for n in range(1, 6))
                rows.append((*names, said % (day + 1) if first else "", word, *cells))
        return rows
    numbers = [(MORNING, n) for n in range(1, 6)] + [(AFTERNOON, n) for n in range(1, 4)]
    shown = {
        "above": [f"Tiết {n}" for _, n in numbers],
        "anew": [str(n) for _, n in numbers],
        "head": [f"{'Sáng' if one is MORNING else 'Chiều'} {n}" for one, n in numbers],
    }[sessions]
    rows = [(*("" for _ in lead), "Sáng", "", "", "", "", "Chiều")] if sessions == "above" else []
    rows.append((*lead, *shown))
    for day in range(1, 6):
        names = (class_name if day == 1 else "",) if class_name else ()
        rows.append((*names, said % (day + 1), *(own.get((day, session, n), "") for session, n in numbers)))
    return rows


def test_rows_of_one_lesson_are_put_together_and_periods_may_be_spans() -> None:
    read = lessons(
        sheet(
            "DS",
            ("Lớp", "Ngày", "Tiết", "Tuần", "Môn học", "GV", "Phòng học"),
            ("6A1", date(2026, 9, 7), "1-2", "", "Toán", "An", "P12"),
            ("6A1", "Thứ 3", 1, "Tuần lẻ", "Ngữ văn", "Trần Thị Lan", ""),
            ("", "", 1, "Tuần chẵn", "Tin học", "Lê Hoàng Phúc", "Phòng máy"),
            ("6A2", "CN", "2", "", "Tiếng Anh", "Lan", ""),
            ("6A2", "CN", "2", "", "Tiếng Anh", "Phúc", ""),
        )
    )
    assert {one[:5] for one in read} == {
        ("6A1", 1, "morning", 1, "every"), ("6A1", 1, "morning", 2, "every"), ("6A1", 2, "morning", 1, "odd"),
        ("6A1", 2, "morning", 1, "even"), ("6A2", 7, "morning", 2, "every"),
    }  # fmt: skip
    assert ("6A2", 7, "morning", 2, "every", "Tiếng Anh", ("Trần Thị Lan", "Lê Hoàng Phúc"), "") in read
    assert {one[-1] for one in read if one[1] < 3} == {"P12", "", "máy"}


def test_odd_and_even_weeks_in_one_cell_of_days_down() -> None:
    cell = "Tuần lẻ: Toán - An\nTuần chẵn: Tin học - Phúc"
    rows = [(f"Thứ {day}", cell, "Ngữ văn (Lan)", "", "") for day in range(2, 6)]
    read = lessons(sheet("6A1", ("Thứ / Tiết", "1", "2", "3", "4"), *rows))
    assert len(read) == 12
    assert {one[4:6] for one in read} == {("odd", "Toán"), ("even", "Tin học"), ("every", "Ngữ văn")}


@pytest.mark.parametrize(
    ("row", "address", "reason"),
    [
        (("6A1", "Thứ 9", 1, "Toán", "An"), "D2", "thứ của tiết"),
        (("6A1", "Thứ 2", "sáng", "Toán", "An"), "D2", "số tiết"),
        (("9Z", "Thứ 2", 1, "Toán", "An"), "D2", "không có lớp"),
        (("6A1", "Thứ 2", 1, "Múa", "An"), "D2", "Múa"),
        (("6A1", "Thứ 2", 1, "Toán", "Nguyễn Văn Không"), "D2", "Không"),
    ],
)
def test_rows_that_cannot_be_read_say_where_and_why(row: tuple[Cell, ...], address: str, reason: str) -> None:
    good = ("6A1", "Thứ 3", 1, "Toán", "An")
    found = matched(cells_in([sheet("DS", ("Lớp", "Thứ", "Tiết", "Môn", "GV"), row, good)], KEYS), KNOWN)
    assert [one.address for one in found.unmatched] == [address]
    said = found.unmatched[0].reason
    assert reason in said.msgid % (said.params or {})
    assert len(found.lessons) == 1


def test_a_row_of_a_teacher_without_a_subject_is_what_is_usual_there_or_reported() -> None:
    """What Excel shows as #REF! arrives empty: the row is not passed over in silence."""
    file = sheet(
        "TKB",
        ("Lớp", "Thứ", "Tiết", "Môn", "Giáo viên"),
        ("6A1", "Thứ 2", 1, "", "Nguyễn Văn An"),
        ("6A1", "Thứ 2", 2, "", "Trần Thị Lan"),
        ("6A1", "Thứ 2", 3, "", ""),
    )
    taught = Known(CLASSES, SUBJECTS, STAFF, duties=frozenset({(1, 1, 11)}))
    found = matched(cells_in([file], KEYS), taught)
    assert [(one.slot.number, one.subject, one.teachers) for one in found.lessons] == [
        (1, "Toán", ("Nguyễn Văn An",))
    ]
    assert [(one.address, str(one.reason)) for one in found.unmatched] == [
        ("D3", "Ô không ghi môn, và chưa biết Trần Thị Lan dạy môn nào ở lớp này.")
    ]
