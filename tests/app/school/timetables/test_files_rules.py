"""Timetable files without a database: how cells are written, in which layouts, what they mean, and back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.rules.rows import Cell, Sheet, SheetRow, UnreadableFileError
from app.school.rules import DaySession, session_named
from app.school.timetables.rules import words
from app.school.timetables.rules.grid import GridLesson, Line, Slot, conflicts_in, rows_of
from app.school.timetables.rules.known import Known, KnownClass, Named, WordKind, teacher_word
from app.school.timetables.rules.marks import busy_in, marks_of, pairs_of, slot_after
from app.school.timetables.rules.matching import Matched, matched
from app.school.timetables.rules.places import FileCell, letters
from app.school.timetables.rules.sheets import cells_in
from app.school.timetables.rules.subjects import usual_subjects
from app.school.timetables.rules.weeks import WeekPattern
from app.school.timetables.rules.words import as_cell, told_in
from app.school.timetables.rules.workbook import ClassSheet, SchoolSheets, workbook_of
from app.text import natural_key

MORNING, AFTERNOON = DaySession.MORNING, DaySession.AFTERNOON
CLASSES = [KnownClass(1, "6A1"), KnownClass(2, "6A2"), KnownClass(3, "4/2", AFTERNOON)]
KEYS = {natural_key(one.name) for one in CLASSES}
SUBJECTS = [
    Named(1, "Toán", "TOAN"),
    Named(2, "Ngữ văn", "VAN"),
    Named(3, "Khoa học tự nhiên", "KHTN"),
    Named(4, "Nghệ thuật (Âm nhạc)", "NHAC"),
    Named(5, "Tiếng Anh", "ANH"),
    Named(6, "Lịch sử và Địa lí", "LSDL"),
]
STAFF = [
    Named(11, "Nguyễn Văn An", "GV01"),
    Named(12, "Trần Thị Lan", "GV02"),
    Named(13, "Lê Hoàng Lan", "GV03"),
    Named(14, "Điểu K'Rân", "GV04"),
    Named(15, "Trần Thị Lan", "GV05"),
]
KNOWN = Known(CLASSES, SUBJECTS, STAFF, teaches={(1, 5): 13}, homeroom={2: 12})


def sheet(name: str, *rows: tuple[Cell, ...], merged: tuple[tuple[int, int, int], ...] = ()) -> Sheet:
    lines = tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 1) if any(cells))
    return Sheet(name, lines, merged=merged)


def places(*sheets: Sheet) -> dict[tuple[str, int, str | None, int], str]:
    return {
        (cell.class_name, cell.weekday, cell.day_session, cell.number): cell.text
        for cell in cells_in(sheets, KEYS)
    }


def test_a_cell_whose_formula_failed_is_told_and_is_no_free_period() -> None:
    grid = sheet("6A1", ("Tiết", "Thứ 2", "Thứ 3", "Thứ 4"), (1, "Tiếng Anh", "", "Tiếng Anh"))
    found = matched(cells_in([replace(grid, errors={(2, 2): "#REF!"})], KEYS), KNOWN)
    assert [(one.address, one.text) for one in found.unmatched] == [("C2", "#REF!")]
    assert "Công thức của ô này bị lỗi" in str(found.unmatched[0].reason)
    assert len(found.lessons) == 2


def meant(text: str, class_name: str = "6A1", known: Known = KNOWN) -> Matched:
    return matched([FileCell("TKB", "C5", class_name, 1, MORNING, 1, text)], known)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Thứ 2", 1),
        ("T2", 1),
        ("Hai", 1),
        ("THỨ HAI", 1),
        ("thứ\nba", 2),
        ("Thứ Tư", 3),
        ("T.7", 6),
        ("Bảy", 6),
        ("CN", 7),
        ("Chủ nhật", 7),
        ("Toán", None),
        ("2", None),
        ("T8", None),
        ("", None),
    ],
)
def test_weekdays(text: str, day: int | None) -> None:
    assert words.weekday(text) == day


def test_sessions_and_periods() -> None:
    assert [session_named(text) for text in ("Sáng", "BUỔI CHIỀU", "C", "Toán")] == [
        MORNING,
        AFTERNOON,
        AFTERNOON,
        None,
    ]
    assert words.session_in_title("TKB buổi chiều") is AFTERNOON
    assert [words.period(text) for text in ("1", "Tiết 3", "2.0", "4 (9:00-9:45)", "0", "13", "Toán")] == [
        1, 3, 2, 4, None, None, None,
    ]  # fmt: skip


def test_a_sheet_for_each_class_with_the_head_anywhere() -> None:
    found = places(
        sheet(
            "Lớp 6A1",
            ("TRƯỜNG THCS SAO MAI",),
            (),
            ("THỜI KHÓA BIỂU NĂM HỌC 2026-2027",),
            ("Buổi", "Tiết", "Thứ 2", "Thứ 3", "Thứ 4"),
            ("Sáng", 1, "Chào cờ", "Toán - An", ""),
            ("", 2.0, "Toán\nAn", "-", "Văn"),
            ("Chiều", 1, "", "", "Anh"),
            ("", "", "Hiệu trưởng", "", ""),
        ),
        sheet("bìa", ("Thời khóa biểu",)),
    )
    assert found == {
        ("6A1", 1, MORNING, 1): "Chào cờ",
        ("6A1", 2, MORNING, 1): "Toán - An",
        ("6A1", 1, MORNING, 2): "Toán\nAn",
        ("6A1", 3, MORNING, 2): "Văn",
        ("6A1", 3, AFTERNOON, 1): "Anh",
    }


def test_blocks_below_each_other_and_periods_that_begin_anew() -> None:
    found = places(
        sheet(
            "TKB",
            ("LỚP 6A1",),
            ("Tiết", "T2", "T3", "T4"),
            (1, "Toán", "", ""),
            (2, "Văn", "", ""),
            (1, "Anh", "", ""),
            ("LỚP 6A2 - GVCN: Trần Thị Lan",),
            ("Tiết", "T2", "T3", "T4"),
            (1, "", "Toán", ""),
        )
    )
    assert found == {
        ("6A1", 1, MORNING, 1): "Toán",
        ("6A1", 1, MORNING, 2): "Văn",
        ("6A1", 1, AFTERNOON, 1): "Anh",
        ("6A2", 2, None, 1): "Toán",
    }


def test_one_wide_sheet_with_classes_across() -> None:
    rows = (
        ("THỜI KHÓA BIỂU TOÀN TRƯỜNG",),
        ("Thứ", "Buổi", "Tiết", "6A1", "lớp 6a2", date(2026, 2, 4)),
        (2, "Sáng", 1, "Toán - An", "Văn - Lan", ""),
        ("", "", 2, "Văn", "", ""),
        ("", "Chiều", 1, "", "", "Toán"),
        (3, "Sáng", 1, "Anh", "", ""),
    )
    assert places(sheet("TKB", *rows)) == {
        ("6A1", 1, MORNING, 1): "Toán - An",
        ("6A2", 1, MORNING, 1): "Văn - Lan",
        ("6A1", 1, MORNING, 2): "Văn",
        ("4/2", 1, AFTERNOON, 1): "Toán",
        ("6A1", 2, MORNING, 1): "Anh",
    }, "a class that Excel took for a date is the class 4/2"


WEEK = [(1, *"ABCDEF"), (2, *"GHIJKL")]
DAYS = tuple(f"Thứ {number}" for number in range(2, 8))


@pytest.mark.parametrize(
    ("heads", "periods"),
    [
        (tuple(f"{day}\n(0{number}/09)" for number, day in enumerate(DAYS, 2)), ("1", "2")),
        (tuple(f"{day} - {number}/9/2026" for number, day in enumerate(DAYS, 7)), ("I", "II")),
        (DAYS, ("Tiết thứ 1", "Tiết thứ 2")),
        (DAYS, ("Tiết 1\n7h00 - 7h45", "Tiết 2\n7h50 - 8h35")),
    ],
)
def test_days_with_their_date_and_periods_with_their_time(
    heads: tuple[str, ...], periods: tuple[str, ...]
) -> None:
    rows = [(period, *row[1:]) for period, row in zip(periods, WEEK, strict=True)]
    found = places(sheet("TKB 6A1", ("THỜI KHÓA BIỂU",), ("Tiết", *heads), *rows))
    assert len(found) == 12
    assert (found["6A1", 1, None, 1], found["6A1", 6, None, 2]) == ("A", "L")


def test_two_weeks_beside_each_other_are_those_of_two_classes_or_two_sessions() -> None:
    beside = [(*row, "", row[0], *(text.lower() for text in row[1:])) for row in WEEK]
    head = ("Tiết", *DAYS, "", "Tiết", *DAYS)
    of_two = places(sheet("TKB", ("Lớp 6A1", *[""] * 7, "Lớp 6A2"), head, *beside))
    assert (len(of_two), of_two["6A1", 1, None, 1], of_two["6A2", 6, None, 2]) == (24, "A", "l")
    one = [("Lớp 6A1",), ("Sáng", *[""] * 7, "Chiều"), head, *beside]
    of_one = places(sheet("TKB", *one))
    assert (of_one["6A1", 1, MORNING, 1], of_one["6A1", 6, AFTERNOON, 2]) == ("A", "l")


def test_heads_of_classes_with_their_teacher_and_a_day_above_each_table() -> None:
    rows = [
        row
        for number, day in enumerate(("THỨ 2", "THỨ 3", "THỨ 4"))
        for row in (
            (day,),
            ("Tiết", "6A1\n(Lan)", "6A2 - Thầy Tư"),
            *((k, f"a{number}{k}", f"b{number}{k}") for k in (1, 2, 3)),
        )
    ]
    found = places(sheet("TKB", *rows))
    assert len(found) == 18
    assert (found["6A1", 1, None, 2], found["6A2", 3, None, 3]) == ("a02", "b23")


def test_two_columns_or_two_rows_for_subject_and_teacher() -> None:
    pairs = sheet(
        "TKB",
        ("Thứ", "Tiết", "6A1", "", "6A2", ""),
        ("", "", "Môn", "GV", "Môn", "GV"),
        ("Thứ 2", 1, "Toán", "An", "Văn", "Lan"),
    )
    assert places(pairs) == {("6A1", 1, None, 1): "Toán\nAn", ("6A2", 1, None, 1): "Văn\nLan"}
    rows = sheet(
        "6A1",
        ("Tiết", "Thứ 2", "Thứ 3", "Thứ 4"),
        (1, "Toán", "Văn", ""),
        ("", "An", "Lan", ""),
        (2, "Anh", "", ""),
        merged=((2, 3, 0),),
    )
    assert places(rows) == {
        ("6A1", 1, None, 1): "Toán\nAn",
        ("6A1", 2, None, 1): "Văn\nLan",
        ("6A1", 1, None, 2): "Anh",
    }


def test_one_wide_sheet_with_classes_down() -> None:
    found = places(
        sheet(
            "TKB sáng",
            ("Lớp", "Thứ 2", "", "Thứ 3", "", "Thứ 4", ""),
            ("", 1, 2, 1, 2, 1, 2),
            ("6A1", "Toán", "Văn", "", "Anh", "", ""),
            ("6A2", "", "", "Toán", "", "", "KHTN"),
        )
    )
    assert found == {
        ("6A1", 1, MORNING, 1): "Toán",
        ("6A1", 1, MORNING, 2): "Văn",
        ("6A1", 2, MORNING, 2): "Anh",
        ("6A2", 2, MORNING, 1): "Toán",
        ("6A2", 3, MORNING, 2): "KHTN",
    }


def test_a_row_for_each_teacher_below_days_and_periods() -> None:
    """Classes in the cells, the subject in the cell, in a column of its own, or nowhere; two teachers in one lesson."""
    found = places(
        sheet(
            "TKB GV",
            ("TRƯỜNG THCS SAO MAI",),
            ("STT", "Giáo viên", "Môn", "Buổi", "Thứ 2", "", "Thứ 3", "", "Thứ 4", ""),
            ("", "", "", "", 1, 2, 1, 2, 1, 2),
            (1, "Nguyễn Văn An", "Toán", "Sáng", "6A1", "6A2", "", "-", "", ""),
            ("", "", "", "Chiều", "", "", "6A1, 6A2", "", "", ""),
            (2, "Lê Hoàng Lan", "Toán, Tin", "Sáng", "6A1 (Anh)", "", "6A2-Anh", "", "nghỉ", ""),
            (3, "Điểu K'Rân", "Toán", "Sáng", "6A1", "", "", "", date(2026, 2, 4), ""),
        )
    )
    assert found == {
        ("6A1", 1, MORNING, 1): "Toán - Nguyễn Văn An + Điểu K'Rân\nAnh - Lê Hoàng Lan",
        ("6A2", 1, MORNING, 2): "Toán - Nguyễn Văn An",
        ("6A1", 2, AFTERNOON, 1): "Toán - Nguyễn Văn An",
        ("6A2", 2, AFTERNOON, 1): "Toán - Nguyễn Văn An",
        ("6A2", 2, MORNING, 1): "Anh - Lê Hoàng Lan",
        ("4/2", 3, MORNING, 1): "Toán - Điểu K'Rân",
        ("", 3, MORNING, 1): "nghỉ",
    }


def test_a_column_or_a_sheet_for_each_teacher() -> None:
    across = sheet(
        "TKB",
        ("Thứ", "Tiết", "Nguyễn Văn An", "Lê Hoàng Lan"),
        (2, 1, "6A1 Toán", "6A2\nAnh"),
        ("", 2, "", "6A1"),
        ("", 1, "6A2", ""),
    )
    assert places(across) == {
        ("6A1", 1, MORNING, 1): "Toán - Nguyễn Văn An",
        ("6A2", 1, None, 1): "Anh - Lê Hoàng Lan",
        ("6A1", 1, None, 2): "? - Lê Hoàng Lan",
        ("6A2", 1, AFTERNOON, 1): "? - Nguyễn Văn An",
    }
    own = sheet(
        "An",
        ("THỜI KHÓA BIỂU GIÁO VIÊN: Nguyễn Văn An - Tổ Toán",),
        ("Buổi", "Tiết", "Thứ 2", "Thứ 3", "Thứ 4"),
        ("Sáng", 1, "6A1", "", "Tuần lẻ: 6A2\nTuần chẵn: 6A1"),
        ("Chiều", 1, "", "Lớp 6A2 - Toán", ""),
    )
    assert places(own) == {
        ("6A1", 1, MORNING, 1): "? - Nguyễn Văn An",
        ("6A2", 3, MORNING, 1): "Tuần lẻ: ? - Nguyễn Văn An",
        ("6A1", 3, MORNING, 1): "Tuần chẵn: ? - Nguyễn Văn An",
        ("6A2", 2, AFTERNOON, 1): "Toán - Nguyễn Văn An",
    }


def test_the_subject_of_a_teacher_who_stands_alone_is_known_or_asked_for() -> None:
    appointed = replace(KNOWN, duties=frozenset({(1, 1, 11), (1, 2, 13), (1, 5, 13)}))
    found = meant("? - Nguyễn Văn An", known=appointed)
    assert [(one.line.subject_id, one.line.staff_ids) for one in found.lessons] == [(1, (11,))]
    unclear = meant("? - Lê Hoàng Lan", known=appointed).unmatched[0]
    assert (unclear.address, unclear.kind, unclear.word) == ("C5", WordKind.SUBJECT, "? le hoang lan")
    told = replace(appointed, words={(WordKind.SUBJECT, unclear.word): 5})
    assert meant("? - Lê Hoàng Lan", known=told).lessons[0].line.subject_id == 5


def test_a_school_without_subjects_has_those_of_every_school() -> None:
    new = replace(
        KNOWN,
        subjects=[Named(3, "Khoa học tự nhiên", "KHTN")],
        usual=usual_subjects([(3, "Khoa học tự nhiên")]),
    )
    found = [meant(f"{word} - An", known=new) for word in ("Toán", "GDTC", "KHTN", "Văn", "LS&ĐL")]
    assert [one.lessons[0].subject for one in found] == [
        "Toán", "Giáo dục thể chất", "Khoa học tự nhiên", "Ngữ văn", "Lịch sử và Địa lí",
    ]  # fmt: skip
    assert [name for _, name in found[1].new_subjects] == ["Giáo dục thể chất"]
    assert not found[2].new_subjects
    assert [one.written for one in meant("Cờ vua - An", known=new).unmatched] == ["Cờ vua"]


def test_a_file_without_a_timetable_is_refused() -> None:
    with pytest.raises(UnreadableFileError):
        cells_in([sheet("HS", ("STT", "Họ và tên", "Ngày sinh"), (1, "Nguyễn Văn An", "01/02/2015"))], KEYS)
    with pytest.raises(UnreadableFileError, match="bảng mã cũ"):
        cells_in([sheet("6A1", ("Tiết", "T2", "T3", "T4"), (1, "Ng÷ v¨n", "Ng÷ v¨n", "KÜ thuËt"))], KEYS)


@pytest.mark.parametrize(
    ("text", "subject", "staff"),
    [
        ("Toán - Nguyễn Văn An", 1, (11,)),
        ("Toán\nAn", 1, (11,)),
        ("TOÁN (thầy An)", 1, (11,)),
        ("Toán-An", 1, (11,)),
        ("toan: N.V.An", 1, (11,)),
        ("KHTN - NV An", 3, (11,)),
        ("Văn - K'Rân", 2, (14,)),
        ("Nghệ thuật (Âm nhạc) - An", 4, (11,)),
        ("Nghệ thuật (Âm nhạc) (An)", 4, (11,)),
        ("Toán - Trần Thị Lan [GV05]", 1, (15,)),
        ("Anh - Lan", 5, (13,)),
        ("Toán - An + H.Lan", 1, (11, 13)),
        ("Tiếng Anh", 5, (13,)),
    ],
)
def test_what_a_cell_means(text: str, subject: int, staff: tuple[int, ...]) -> None:
    found = meant(text)
    assert not found.unmatched
    assert [(one.line.subject_id, one.line.staff_ids) for one in found.lessons] == [(subject, staff)]


def test_weeks_and_rooms_in_a_cell() -> None:
    found = meant("Tuần lẻ: Toán - An - phòng 12\nTuần chẵn: Văn - K'Rân").lessons
    assert [one.line for one in found] == [
        Line(WeekPattern.ODD, 1, (11,), "12"),
        Line(WeekPattern.EVEN, 2, (14,), ""),
    ]
    assert [one.line.weeks for one in meant("Toán - An (lẻ)\nVăn - K'Rân (chẵn)").lessons] == ["odd", "even"]


def test_what_cannot_be_told_says_where_and_why_and_what_may_be_explained() -> None:
    for text, class_name, kind in (
        ("Thể dục - An", "6A1", WordKind.SUBJECT),
        ("Toán - Bình", "6A1", WordKind.TEACHER),
        ("Toán - Lan", "6A1", WordKind.TEACHER),
        ("Toán - An", "9B", WordKind.CLASS),
        ("Toán", "6A1", None),
    ):
        found = meant(text, class_name)
        assert not found.lessons
        assert [(one.sheet, one.address, one.kind) for one in found.unmatched] == [("TKB", "C5", kind)], text
    taught = Known(
        CLASSES,
        SUBJECTS,
        STAFF,
        {(WordKind.SUBJECT, "the duc"): 3, (WordKind.TEACHER, teacher_word("Lan", "Toán")): 12},
    )
    assert meant("Thể dục - An", known=taught).lessons[0].line.subject_id == 3
    assert meant("Toán - Lan", known=taught).lessons[0].line.staff_ids == (12,)


def test_a_cell_that_the_file_has_twice_counts_once_and_one_that_differs_is_said() -> None:
    once = FileCell("6A1", "C5", "6A1", 1, None, 7, "Toán - An")
    again = FileCell("Toàn trường", "D9", "6A1", 1, AFTERNOON, 2, "Toán - Nguyễn Văn An")
    other = FileCell("Toàn trường", "D9", "6A1", 1, AFTERNOON, 2, "Văn - An")
    assert len(matched([once, again], KNOWN).lessons) == 1, (
        "the seventh period of a day is the second in the afternoon"
    )
    found = matched([once, other], KNOWN)
    assert len(found.lessons) == 1
    assert [one.address for one in found.unmatched] == ["D9"]


NAMES = (
    st.text(alphabet="abcđêơ ÂNV", min_size=1, max_size=12)
    .map(lambda name: " ".join(name.split()))
    .filter(bool)
)
PARTS = st.tuples(
    st.sampled_from([named.name for named in SUBJECTS]),
    st.lists(
        st.sampled_from(["Nguyễn Văn An", "Lê Hoàng Lan", "Điểu K'Rân"]), min_size=1, max_size=3, unique=True
    ),
    st.one_of(st.just(""), NAMES, st.sampled_from(["12", "A - 3", "Tin (cũ)"])),
)


@given(st.lists(PARTS, min_size=1, max_size=2))
def test_a_cell_that_we_write_is_read_back(parts: list[tuple[str, list[str], str]]) -> None:
    patterns = [WeekPattern.ODD, WeekPattern.EVEN] if len(parts) > 1 else [WeekPattern.EVERY]
    written = as_cell([(weeks, *part) for weeks, part in zip(patterns, parts, strict=True)])
    found = meant(written)
    assert [(one.line.weeks, one.subject, list(one.teachers), one.line.room) for one in found.lessons] == [
        (weeks, *part) for weeks, part in zip(patterns, parts, strict=True)
    ]


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_cells(text: str) -> None:
    for told in told_in(text):
        assert told.readings
    meant(text)
    words.weekday(text, bare=True)
    words.period(text)
    words.session_in_title(text)


def test_columns_are_named_as_excel_does() -> None:
    assert [letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# --- marks --------------------------------------------------------------------------------------------------------


def lesson(entry_id: int, class_id: int, staff_id: int, number: int = 1) -> GridLesson:
    names = {one.id: one.name for one in CLASSES}
    people = {one.id: one.name for one in STAFF}
    slot = Slot(1, MORNING, number)
    line = Line(WeekPattern.EVERY, 1, (staff_id,))
    return GridLesson(entry_id, class_id, names[class_id], slot, line, "Toán", (people[staff_id],))


def test_both_lessons_of_a_collision_name_each_other() -> None:
    lessons = [lesson(1, 1, 11), lesson(2, 2, 11), lesson(3, 1, 11, number=2)]
    marks = marks_of(lessons, conflicts_in(lessons))
    assert {key: [mark.other.class_name for mark in found] for key, found in marks.items()} == {
        1: ["6A2"],
        2: ["6A1"],
    }
    assert busy_in(lessons, Slot(1, MORNING, 1), class_id=1) == {11: "6A2"}
    assert [(pair.subject, pair.teacher, pair.periods) for pair in pairs_of(lessons, 1)] == [
        ("Toán", "Nguyễn Văn An", 2)
    ]


def test_the_next_cell_is_below_and_then_on_the_next_day() -> None:
    rows = rows_of((), ())
    slot: Slot | None = Slot(1, MORNING, 1)
    seen = []
    while slot is not None:
        seen.append(slot)
        slot = slot_after(slot, rows, [1, 2])
    assert len(seen) == len(set(seen)) == 2 * len(rows)
    assert [Slot.from_key(one.key) for one in seen] == seen
    assert Slot.from_key("8-morning-1") is None
    assert slot_after(Slot(6, MORNING, 1), rows, [1]) is None


def test_a_workbook_of_the_same_content_has_the_same_bytes() -> None:
    one = ClassSheet("4/2", rows_of((), ()), {Slot(1, MORNING, 1): "=1+1"})
    moment = datetime(2026, 10, 5, 7, 0)  # noqa: DTZ001 - a workbook's times have no zone
    sheets = SchoolSheets("Sao Mai", "2026-2027", None, rows_of((), ()), [1, 2], [one, one], moment)
    assert workbook_of(sheets) == workbook_of(sheets)
