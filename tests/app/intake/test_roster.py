"""Whole files into rosters: the traps of real files, one by one, and the shared files as their list says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.intake.rules.reading import sheets_in
from app.intake.rules.roster import read_roster
from app.intake.rules.rows import Roster, Sex, Sheet, SheetRow, UnreadableFileError, classes_of
from app.school.rules import EnrolmentStatus
from tests.app.intake.files import AN, BINH, HEADINGS, RAN, YEAR, csv_text, read, sheet, xlsx

SHARED: Final = Path(__file__).parents[4] / "shared" / "data" / "rosters"
needs_shared_files = pytest.mark.skipif(
    not SHARED.exists(), reason="the shared roster files lie beside the checkout only"
)


def faults(roster: Roster) -> list[tuple[int, str]]:
    return [(error.row, error.column) for error in roster.errors]


def names(roster: Roster) -> list[str]:
    return [pupil.full_name for pupil in roster.pupils]


# ---------------------------------------------------------------------- the shared files


def listed() -> list[tuple[str, dict[str, Any]]]:
    file = SHARED / "expected.json"
    return list(json.loads(file.read_text()).items()) if file.exists() else [("absent", {})]


@needs_shared_files
@pytest.mark.parametrize(("name", "expected"), listed())
def test_every_shared_file_is_read_as_its_list_says(name: str, expected: dict[str, Any]) -> None:
    if "refused" in expected:
        with pytest.raises(UnreadableFileError):
            read_roster(sheets_in(SHARED / name), YEAR)
        return
    roster = read_roster(sheets_in(SHARED / name), YEAR)
    assert len(roster.pupils) == expected["pupils"]
    assert faults(roster) == [(error["row"], error["column"]) for error in expected["errors"]]
    assert sorted(classes_of(roster.pupils)) == expected["classes"]
    if "rows" in expected:
        assert len(roster.pupils) + len(roster.bad) == expected["rows"]
    if "sexes" in expected:
        assert sum(pupil.sex is Sex.FEMALE for pupil in roster.pupils) == expected["sexes"]["nu"]


# ---------------------------------------------------------------------- where the list stands


def test_the_ministrys_export() -> None:
    """Titles, headings on row 8 with line breaks, catalogue sheets, personal data, empty rows, a signature."""
    headings = [
        "STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái HS", "Ngày nhập\ntrạng thái",
        "Dân tộc", "Loại khuyết tật", "Tỉnh/Thành phố\n(Theo địa chỉ thường trú)", "Họ tên cha", "SĐT liên hệ",
        "Số định danh cá nhân",
    ]  # fmt: skip
    rows = [
        ["SỞ GIÁO DỤC VÀ ĐÀO TẠO"], ["TRƯỜNG TIỂU HỌC HOA SEN"], [], ["DANH SÁCH HỌC SINH NĂM HỌC 2026 - 2027"], [],
        [], [], headings,
        [1, date(2026, 7, 4), "7501000001", "Nguye\u0302\u0303n Va\u0306n\xa0 An", 42983, "Nam", "Đang học", "",
         "S'tiêng", "", "Tỉnh Đồng Nai", "Nguyễn Văn Cha", "0901234567", "070217000001"],
        [2, "4/7", "7501000002", "=1+1 Bình", "17.5.2017", "Nữ", "Chuyển đi kỳ 1", "02/10/2026", "Kinh", "", "", "",
         "", ""],
        *[[None] * 14 for _ in range(40)],
        [None, "Người lập biểu", None, None, None, None, None, "Hiệu trưởng"],
    ]  # fmt: skip
    roster = read(xlsx({"Sheet1": rows, "DAN_TOC": [["Kinh"], ["Tày"]], "GIOI_TINH": [["Nam"], ["Nữ"]]}))
    an, binh = roster.pupils
    assert not roster.errors
    assert (an.row, an.full_name, an.class_name, an.grade, an.birth_date) == (
        9,
        "Nguyễn Văn An",
        "4/7",
        4,
        date(2017, 9, 5),
    )
    assert (an.sex, an.code) == (Sex.MALE, "7501000001")
    assert an.ethnicity is not None
    assert (an.ethnicity.name, an.ethnicity.code) == ("Xtiêng", "22")
    assert (binh.full_name, binh.status, binh.status_date) == (
        "=1+1 Bình", EnrolmentStatus.TRANSFERRED_TERM_1, date(2026, 10, 2)
    )  # fmt: skip
    assert roster.year == "2026-2027"
    assert roster.skipped_sheets == ("DAN_TOC", "GIOI_TINH")
    assert roster.not_imported == (
        "Tỉnh/Thành phố (Theo địa chỉ thường trú)", "Họ tên cha", "SĐT liên hệ", "Số định danh cá nhân"
    )  # fmt: skip
    assert "070217000001" not in repr(roster)
    assert "0901234567" not in repr(roster)


def test_a_sheet_for_each_class_named_by_title_or_sheet() -> None:
    headings = ["STT", "Họ và tên", "Ngày sinh", "Phái"]
    one, two = [1, "Nguyễn Văn An", "05/09/2015", "Nam"], [1, "Trần Thị Bình", "17/05/2015", "Nữ"]
    roster = read(
        xlsx(
            {
                "Trang 1": [["DANH SÁCH HỌC SINH LỚP 6A10"], [], headings, one],
                "Lớp 6A2": [headings, two],
                "Bìa": [["Xin chào"]],
            }
        )
    )
    assert [(pupil.full_name, pupil.class_name, pupil.sheet) for pupil in roster.pupils] == [
        ("Nguyễn Văn An", "6A10", "Trang 1"),
        ("Trần Thị Bình", "6A2", "Lớp 6A2"),
    ]


def test_an_admission_list_with_classes_as_rows_and_crosses_for_girls() -> None:
    headings = ["TT", "Họ và tên", "Ngày sinh", "Nữ", "Dân tộc", "K.tật"]
    rows = [
        ["DANH SÁCH TUYỂN SINH LỚP 1 NĂM HỌC 2026-2027"], [], ["LỚP 1A"], headings,
        [1, "Vũ Thanh Khang", "26/03/2019", None, "Kinh", None], [2, "Thị Bé", "06/05/2020", "x", "Xtiêng", "x"],
        ["Cộng", 2], [], ["LỚP 1B"], headings, [1, "Phạm Bảo Tín", "05/03/2020", None, "Kinh", None], ["Cộng", 1], [],
        [None, "Người lập", None, None, "Hiệu trưởng"], [None, "Nguyễn Thị Hoa", None, None, "Trần Văn Năm"],
    ]  # fmt: skip
    roster = read(xlsx({"Sheet": rows}))
    assert not roster.errors
    assert [(p.full_name, p.class_name, p.sex, p.code, p.disability) for p in roster.pupils] == [
        ("Vũ Thanh Khang", "1A", "M", None, None),
        ("Thị Bé", "1A", "F", None, "Khác"),
        ("Phạm Bảo Tín", "1B", "M", None, None),
    ]


@pytest.mark.parametrize("row", [1, 7, 15])
def test_headings_anywhere_in_the_first_rows(row: int) -> None:
    roster = read(xlsx({"Sheet1": [*[["Trường"]] * (row - 1), HEADINGS, AN]}))
    assert [pupil.row for pupil in roster.pupils] == [row + 1]


def test_headings_below_the_fifteenth_row_are_not_looked_for() -> None:
    with pytest.raises(UnreadableFileError, match="15 dòng"):
        read(xlsx({"Sheet1": [*[["Trường"]] * 15, HEADINGS, AN]}))


def test_a_name_in_two_columns_under_one_or_two_headings() -> None:
    apart = ["STT", "Họ và chữ đệm", "Tên", "Ngày sinh", "Giới tính", "Lớp"]
    under_one = ["STT", "Họ và tên", None, "Ngày sinh", "Giới tính", "Lớp"]
    rows = [[1, "Nguyễn Văn", "An", "05/09/2017", "Nam", "4/2"], [2, "Điểu", "K'Rân", "01/12/2016", "Nam", "4/2"],
            [3, "Trần Thị", "Bình", "17/05/2017", "Nữ", "4/2"], [4, "Lê Thị", "Ánh", "17/06/2017", "Nữ", "4/2"],
            [5, "Vũ Thị", "Uyên", "17/07/2017", "Nữ", "4/2"]]  # fmt: skip
    for headings in (apart, under_one):
        assert names(read(xlsx({"Sheet1": [headings, *rows]})))[:2] == ["Nguyễn Văn An", "Điểu K'Rân"]


def test_two_heading_rows_and_a_row_of_column_numbers() -> None:
    rows = [
        ["STT", "Họ và tên", "Ngày sinh", "Giới tính", None, "Lớp"], [None, None, None, "Nam", "Nữ", None],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], [1, "Nguyễn Văn An", "05/09/2017", "x", None, "4/2"],
        [2, "Trần Thị Bình", "17/05/2017", None, "x", "4/2"],
    ]  # fmt: skip
    assert [pupil.sex for pupil in read(xlsx({"Sheet1": rows})).pupils] == [Sex.MALE, Sex.FEMALE]


def test_a_second_heading_row_divides_names_birth_dates_and_sexes() -> None:
    """As admission lists have it: Họ và chữ lót | Tên, Ngày | Tháng | Năm, Nam | Nữ below their common headings."""
    rows = [
        ["DANH SÁCH HỌC SINH"],
        ["STT", "Họ và tên", None, "Ngày sinh", None, None, "Phái", None, "Lớp", "Mã định danh"],
        [None, "Họ và chữ lót", "Tên", "Ngày", "Tháng", "Năm", "Nam", "Nữ"],
        [1, "Nguyễn Văn", "An", 5, 9, 2017, "x", None, "4A", 7501000001],
        [2, "Trần Thị", "Bình", "17", "05", "2017", None, "x", "4A", 7501000002],
        [3, "Lê Thị", "Út", 31, 2, 2017, None, "x", "4A", 7501000003],
    ]
    found = read(xlsx({"DS": rows}))
    assert [(one.full_name, one.birth_date, one.sex, one.class_name) for one in found.pupils] == [
        ("Nguyễn Văn An", date(2017, 9, 5), Sex.MALE, "4A"),
        ("Trần Thị Bình", date(2017, 5, 17), Sex.FEMALE, "4A"),
    ]
    assert [(one.row, one.column) for one in found.errors] == [(6, "Ngày sinh")]


def test_classes_turned_into_dates_are_written_like_the_others() -> None:
    roster = read(sheet((1, "12.1", *AN[2:]), (2, date(2026, 6, 12), *BINH[2:])))
    assert [pupil.class_name for pupil in roster.pupils] == ["12.1", "12.6"]


# ---------------------------------------------------------------------- what is wrong with a row


def test_each_fault_is_told_by_row_and_by_the_files_own_heading() -> None:
    roster = read(
        sheet(
            AN,
            (2, "4/2", "7501000002", "Trần Thị Bình", "31/02/2017", "Nữ", ""),
            (3, "4/2", "75999", "Lê Thị Ngắn", "01/02/2017", "Nữ", ""),
            (4, "4/2", "7501000001", "Lê Trùng Mã", "01/02/2017", "Nam", ""),
            (5, "4/2", "7501000005", None, "01/02/2017", "Nam", ""),
            (6, "4/2", "7501000006", "Phạm Giới Lạ", "01/02/2017", "X", ""),
            (7, None, "7501000007", "Bùi Không Lớp", "01/02/2017", "Nam", ""),
            (8, "Mầm", "", "Vũ Không Khối", "", "", ""),
            (9, "4/2", "7501000009", "=HYPERLINK(A1)", "01/02/2017", "Nam", ""),
        )
    )
    assert faults(roster) == [
        (3, "Ngày sinh"), (4, "Mã học sinh"), (5, "Mã học sinh"), (6, "Họ tên"), (7, "Giới tính"), (8, "Mã lớp"),
        (9, "Ngày sinh"), (9, "Giới tính"), (9, "Mã lớp"),
    ]  # fmt: skip
    assert names(roster) == ["Nguyễn Văn An", "=HYPERLINK(A1)"]
    assert "dòng 2 (Nguyễn Văn An)" in str(roster.errors[2].message)


def test_without_codes_the_same_child_twice_is_a_fault_and_a_namesake_is_not() -> None:
    twice = (1, "4/2", "", "Thị Srơ", "09/04/2020", "Nữ", "")
    roster = read(
        sheet(
            twice, (2, "4/2", "", "Thị Srơ", "24/12/2020", "Nữ", ""), (3, "4/10", "", "THỊ SRƠ", *twice[4:])
        )
    )
    assert len(roster.pupils) == 2
    assert faults(roster) == [(4, "Họ tên")]


def test_the_same_row_on_a_summary_sheet_is_no_fault() -> None:
    roster = read(xlsx({"6A1": [HEADINGS, AN], "Tổng hợp": [HEADINGS, AN, BINH]}))
    assert names(roster) == ["Nguyễn Văn An", "Trần Thị Bình"]
    assert not roster.errors


def test_totals_notes_and_prefilled_rows_are_no_pupils() -> None:
    rows = [AN, (2, "4/2"), (3, "4/2"), ("Tổng cộng: 1",), (None, None, None, "Đồng Xoài, ngày 5 tháng 9 năm 2026"),
            (None, None, None, "Nguyễn Thị Hoa")]  # fmt: skip
    roster = read(sheet(*rows))
    assert names(roster) == ["Nguyễn Văn An"]
    assert not roster.errors


def test_a_name_alone_before_any_footer_is_a_pupil_with_faults() -> None:
    assert faults(read(sheet((1, None, None, "Nguyễn Văn An"), BINH)))[0] == (2, "Ngày sinh")


def test_a_people_that_no_catalogue_knows_is_kept_and_pointed_out() -> None:
    roster = read(sheet((*AN[:6], "Ainu")))
    assert not roster.errors
    assert [(note.row, note.column) for note in roster.notes] == [(2, "Dân tộc")]


# ---------------------------------------------------------------------- what is refused as a whole


def test_a_missing_heading_is_named_and_the_found_ones_too() -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read(sheet((1, "4/2", "05/09/2017", "Nam"), headings=("STT", "Lớp", "Ngày sinh", "Giới tính")))
    assert "Họ và tên" in str(refused.value)
    assert "STT, Lớp, Ngày sinh, Giới tính" in str(refused.value)


def test_headings_without_a_single_pupil_are_refused() -> None:
    with pytest.raises(UnreadableFileError, match="không có dòng học sinh"):
        read(sheet())


def test_old_encodings_are_refused_in_names_and_in_headings() -> None:
    for content in (
        sheet((1, "6A1", "", "Nguyeãn Vaên Taâm", "01/02/2015", "Nam", "")),
        sheet((1, "6A1", "", "NguyÔn V¨n T©m", "01/02/2015", "Nam", "")),
        sheet((1, "Taâm"), headings=("STT", "Hoï vaø teân", "Ngaøy sinh", "Lôùp")),
    ):
        with pytest.raises(UnreadableFileError, match="bảng mã cũ"):
            read(content)


# ---------------------------------------------------------------------- anything at all

ANY_CELL = st.one_of(
    st.just(""),
    st.sampled_from([*HEADINGS, *map(str, AN), "LỚP 1A", "Cộng", "Nam", "Nữ", "x"]),
    st.text(max_size=12),
    st.integers(),
    st.floats(allow_nan=False),
    st.dates(),
    st.booleans(),
)
ANY_ROWS = st.lists(st.lists(ANY_CELL, max_size=8), max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANY_ROWS, ANY_ROWS)
def test_any_sheet_is_read_or_refused(above: list[list[Any]], below: list[list[Any]]) -> None:
    rows = [*above, list(HEADINGS), list(AN), *below]
    page = Sheet("Sheet1", tuple(SheetRow(number, tuple(cells)) for number, cells in enumerate(rows, 1)))
    try:
        roster = read_roster([page], YEAR)
    except UnreadableFileError:
        return
    numbers = [pupil.row for pupil in roster.pupils] + [bad.row for bad in roster.bad]
    assert len(numbers) == len(set(numbers))
    assert all(bad.errors for bad in roster.bad)


@given(
    st.lists(st.sampled_from([AN, BINH, RAN]), min_size=1, max_size=3, unique=True), st.sampled_from(";,\t")
)
@settings(max_examples=10, deadline=None)
def test_xlsx_and_csv_say_the_same(rows: list[tuple[Any, ...]], delimiter: str) -> None:
    def told(roster: Roster) -> list[tuple[object, ...]]:
        return [
            (p.row, p.code, p.full_name, p.birth_date, p.sex, p.class_name, p.ethnicity)
            for p in roster.pupils
        ]

    assert told(read(sheet(*rows))) == told(read(csv_text(*rows, delimiter=delimiter).encode()))


def test_a_class_that_excel_took_for_a_number_has_its_nought_back_where_the_order_says_so() -> None:
    def file(*classes: str | float) -> Roster:
        names = ("An", "Ba", "Cư", "Du", "Em", "Gia", "Hà")
        return read(
            sheet(
                *[(1, name, f"75010000{n:02}", f"Lê {names[n]}", *AN[4:]) for n, name in enumerate(classes)]
            )
        )

    found = file(12.1, 12.1, 12.2, 12.9, 12.1, 12.1, 12.11)
    assert [pupil.class_name for pupil in found.pupils] == [
        "12.1",
        "12.1",
        "12.2",
        "12.9",
        "12.10",
        "12.10",
        "12.11",
    ]
    assert [(note.row, "12.10" in str(note.message)) for note in found.notes] == [(6, True)]
    apart = file(12.1, 12.2, 12.3, 12.1)
    assert [pupil.class_name for pupil in apart.pupils] == ["12.1", "12.2", "12.3", "12.1"]
    assert [(note.row, "hai chỗ" in str(note.message)) for note in apart.notes] == [(5, True)]
    assert file("12.1", "12.9", "12.1").notes == (), "as text it is what somebody wrote"
    assert file(12.1, 12.9, 12.1, 12.9, 12.1).notes == (), "sorted by name and not by class"


def test_whoever_is_not_among_the_mended_bad_rows_has_not_left() -> None:
    first, last = ("505", "Sheet1"), "Ngày sinh: Không có ngày “31/02/2019” trong lịch."
    headings = ("Dòng trong tệp", "Trang", *HEADINGS, "Cần sửa")
    mended = read(sheet((*first, *AN, last), headings=headings))
    assert (len(mended.pupils), mended.gone, mended.unknown) == (1, frozenset(), ())
    assert read(sheet(AN)).gone is None, "a list of a whole school, or of some classes of it"
