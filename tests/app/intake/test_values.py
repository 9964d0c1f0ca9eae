"""One cell into one value."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.rules import catalogues, class_names, values
from app.intake.rules.rows import Sex
from app.intake.rules.values import BadValueError
from app.school.rules import ETHNICITY_CODES, EnrolmentStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.intake.rules.rows import Cell

BIRTHDAY = date(2017, 5, 25)
cells = st.one_of(
    st.text(max_size=60),
    st.text("0123456789/.-: eEnămtháng", max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
)


# ---------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "cell",
    [
        BIRTHDAY, "25/05/2017", "25/5/2017", "25-05-2017", "25.5.2017", " 25 / 5 / 2017 ", "2017-05-25", "25052017",
        "2017-05-25 00:00:00", "25/05/2017 00:00", "25/05/17", "Ngày 25 tháng 5 năm 2017", "25 tháng 05 năm 2017",
        42880, 42880.0, "42880", "25/05/2017\xa0", "25-Thg5-2017", "25 thg 5, 2017", "25-May-17", "20170525",
        "ngày 25/5/2017", "25/05/2017.",
    ],
)  # fmt: skip
def test_every_usual_spelling_of_a_day(cell: Cell) -> None:
    assert values.birth_date(cell, 2026) == BIRTHDAY


@given(st.dates(date(1950, 1, 1), date(2025, 12, 31)))
def test_the_day_stands_before_the_month(day: date) -> None:
    for text in (
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d-%m-%Y}",
        f"{day:%Y-%m-%d}",
    ):
        assert values.birth_date(text, 2026) == day


@given(st.dates(date(1927, 1, 1), date(2026, 12, 31)))
def test_two_digits_never_mean_a_year_to_come(day: date) -> None:
    assert values.any_date(f"{day:%d/%m/%y}", 2026) == day


@given(st.dates(date(1990, 1, 1), date(2026, 6, 1)))
def test_serials_count_from_the_workbooks_own_epoch(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert values.any_date(float(serial), 2026) == day
    assert values.any_date(float(serial - 1462), 2026, epoch_1904=True) == day


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("31/02/2019", "Không có ngày"),
        ("05/25/2017", "Không có ngày"),
        ("2017", "chỉ có năm"),
        (2017.0, "chỉ có năm"),
        ("", "Thiếu ngày sinh"),
        ("hôm qua", "không phải ngày"),
        (12345678.0, "Không có ngày"),
        ("5-Mai-2017", "không phải ngày"),
        ("01/01/2031", "không hợp lý"),
        ("01/01/1066", "không hợp lý"),
        (True, "không phải ngày"),
    ],
)
def test_what_is_no_birthday_is_refused_with_a_way_out(cell: Cell, said: str) -> None:
    with pytest.raises(BadValueError, match=said):
        values.birth_date(cell, 2026)


# ---------------------------------------------------------------------------------------------- codes


@pytest.mark.parametrize(
    "cell",
    ["7501000001", 7501000001, 7501000001.0, " 7501000001", "'7501000001", "750 100 0001", "7501000001.0"],
)
def test_codes_as_text_and_as_numbers(cell: Cell) -> None:
    assert values.pupil_code(cell) == "7501000001"


def test_a_number_of_nine_digits_has_lost_its_zero() -> None:
    assert values.pupil_code(101000001.0) == "0101000001"
    assert values.pupil_code("101000001", untyped=True) == "0101000001"
    with pytest.raises(BadValueError, match="không đủ 10 chữ số"):
        values.pupil_code("101000001")


@pytest.mark.parametrize("cell", ["", "  ", "TAM-0001", "tam 12", "-", "Chưa có", "N/A"])
def test_no_code_yet(cell: Cell) -> None:
    assert values.pupil_code(cell) is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("75999", "không đủ 10 chữ số"),
        (75999.0, "không đủ 10 chữ số"),
        ("7,50E+09", "Excel viết tắt"),
        ("7.501E+9", "Excel viết tắt"),
        ("HS0001", "không đủ 10 chữ số"),
        ("\uff17501000001", "không đủ 10 chữ số"),
        (7501000001.5, "không đủ 10 chữ số"),
    ],
)
def test_other_codes_are_refused(cell: Cell, said: str) -> None:
    with pytest.raises(BadValueError, match=said):
        values.pupil_code(cell)


def test_a_personal_id_in_the_wrong_column_is_not_repeated() -> None:
    with pytest.raises(BadValueError) as refused:
        values.pupil_code("070123456789")
    assert "070123456789" not in str(refused.value.phrase)


# ---------------------------------------------------------------------------------------------- names and sexes


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("NGUYỄN VĂN AN", "Nguyễn Văn An"),
        ("Lê\xa0 Thanh Long", "Lê Thanh Long"),
        ("Trần Thị Bình (Lớp trưởng)", "Trần Thị Bình"),
        ("H’Hoa Niê", "H'Hoa Niê"),
        ('=HYPERLINK("http://x.test","Xem")', '=HYPERLINK("http://x.test","Xem")'),
        ("-Nguyễn An", "-Nguyễn An"),
        ("@Sum(A1)", "@Sum(A1)"),
        ("Điểu", "Điểu"),
    ],
)
def test_names(cell: str, name: str) -> None:
    assert values.full_name(cell) == name


@pytest.mark.parametrize("cell", ["", "   ", 12.0, "Nguy?n V?n An", "Nguy\ufffdn An", "x" * 101, "…"])
def test_what_is_no_name(cell: Cell) -> None:
    with pytest.raises(BadValueError):
        values.full_name(cell)


def test_sexes_by_word_and_by_cross() -> None:
    assert [values.sex(cell) for cell in ("Nam", "NỮ", "nu", "Gái")] == [
        Sex.MALE,
        Sex.FEMALE,
        Sex.FEMALE,
        Sex.FEMALE,
    ]
    assert [values.sex_by_cross(cell) for cell in ("x", "X", True, "✓", "", "Nam", False)] == [
        *[Sex.FEMALE] * 4, *[Sex.MALE] * 3
    ]  # fmt: skip
    for parse, cell in ((values.sex, "X"), (values.sex, ""), (values.sex_by_cross, "?")):
        with pytest.raises(BadValueError):
            parse(cell)


# ---------------------------------------------------------------------------------------------- classes


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("4/7", "4/7"), ("lớp 6a1", "6A1"), ("Lớp: 12.6", "12.6"), (" 6 A 1 ", "6A1"), (10.1, "10.1"), (6.0, "6"),
        (date(2026, 7, 4), "4/7"), (46207.0, "4/7"), ("2026-07-04", "4/7"), ("04/07/2026", "4/7"), ("4-Thg7", "4/7"),
        ("04-Jul", "4/7"), ("Lá 1", "Lá 1"), ("6đ2", "6Đ2"), ("L2B", "L2B"),
    ],
)  # fmt: skip
def test_class_names_and_the_dates_that_excel_made_of_them(cell: Cell, name: str) -> None:
    assert class_names.class_name(cell) == name


def test_the_grade_decides_between_the_readings_of_a_date() -> None:
    american = date(2026, 4, 7)
    assert class_names.class_name(american) == "7/4"
    assert class_names.class_name(american, 4) == "4/7"
    assert class_names.class_name(date(2026, 6, 12), separator=".") == "12.6"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("LỚP 1A", "1A"), ("Lớp: 4/2", "4/2"), ("DANH SÁCH HỌC SINH LỚP 12.6", "12.6"),
        ("LỚP 6A1 (45 học sinh)", "6A1"),
        ("Lớp 6A1 - GVCN: Trần Thị Hường", "6A1"), ("Danh sách lớp 7A2 năm học 2026-2027", "7A2"), ("6A10", "6A10"),
        ("DANH SÁCH TUYỂN SINH LỚP 1 NĂM HỌC 2026-2027", None), ("TRƯỜNG TIỂU HỌC HOA PHƯỢNG", None), ("26", None),
        ("Lớp trưởng", None), ("Danh sách lớp", None), ("Nguyễn Văn Lớp", None), ("LỚP 1", "1"),
    ],
)  # fmt: skip
def test_lines_that_name_a_class(line: str, name: str | None) -> None:
    assert class_names.class_on_line(line) == name


def test_the_grade_of_a_class() -> None:
    assert [class_names.grade_of_class(name) for name in ("4/7", "12.6", "L2B", "6A1")] == [4, 12, 2, 6]
    for name in ("Lá 100", "13A", "Mầm"):
        with pytest.raises(BadValueError, match="khối"):
            class_names.grade_of_class(name)
    assert [class_names.grade(cell) for cell in (6.0, "Khối 6", "K12", "", "x")] == [6, 6, 12, None, None]


# ---------------------------------------------------------------------------------------------- catalogues


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("H'Mông", ["H'Mông", "HMông", "Hmông", "Mông", "H’mông", "MÔNG"]),
        ("Khơ-me", ["Khơ-me", "Khmer", "Khơ Me", "Khơme"]),
        ("Xtiêng", ["Xtiêng", "X'tiêng", "S'tiêng", "Stiêng", "XTIÊNG", "Xtiêng"]),
        ("Ê-đê", ["Ê-đê", "Ê Đê", "Êđê", "ede"]),
        ("Cơ-ho", ["Cơ-ho", "Cơ Ho", "K'Ho"]),
        ("Kinh", ["Kinh", "kinh", "Kinh (Việt)", "Dân tộc Kinh", "01 - Kinh", "Việt"]),
        ("Thái", ["Thái"]),
        ("Thổ", ["Thổ"]),
    ],
)
def test_spellings_of_one_people(name: str, spellings: list[str]) -> None:
    found = [catalogues.ethnicity(spelling) for spelling in spellings]
    assert {people.name for people in found if people} == {name}
    assert all(people and people.code and people.code_set == ETHNICITY_CODES for people in found)


def test_the_code_means_something_only_in_its_set() -> None:
    hoa = catalogues.ethnicity("Hoa")
    assert hoa is not None
    assert (hoa.code, hoa.code_set) == ("04", "QĐ121-1979")
    assert catalogues.ethnicity("") is None
    other = catalogues.ethnicity("Ainu")
    assert other is not None
    assert (other.name, other.code) == ("Ainu", None)
    assert not catalogues.is_known_people(other)


def test_the_twelve_statuses_by_name() -> None:
    assert [catalogues.status(status.value.upper()) for status in EnrolmentStatus] == list(EnrolmentStatus)
    for text, status in (
        ("05 - Thôi học kỳ 1", EnrolmentStatus.LEFT_TERM_1),
        ("Chuyển đi học kì II", EnrolmentStatus.TRANSFERRED_TERM_2),
        ("Chuyển đến HK1", EnrolmentStatus.ARRIVED_TERM_1),
        ("Đã chuyển đi", EnrolmentStatus.TRANSFERRED_TERM_1),
        ("Bỏ học", EnrolmentStatus.LEFT_TERM_1),
        ("Nghỉ học xin học lại kì 2", EnrolmentStatus.RETURNED_TERM_2),
        ("Đang học", EnrolmentStatus.STUDYING),
    ):
        assert catalogues.status(text) is status
    assert catalogues.status("") is None
    with pytest.raises(BadValueError, match="không có trong danh mục"):
        catalogues.status("Đi du lịch")


def test_kinds_of_disability() -> None:
    assert [catalogues.disability(cell) for cell in ("", "Không", "Vận động", "KT trí tuệ", "x", "Tự kỷ")] == [
        None, None, "Vận động", "Trí tuệ", "Khác", "Khác"
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------- anything at all

PARSERS: list[Callable[[Cell], object]] = [
    values.text_of, values.pupil_code, values.full_name, values.sex, values.sex_by_cross,
    lambda cell: values.birth_date(cell, 2026), lambda cell: values.any_date(cell, 2026, epoch_1904=True),
    class_names.class_name, class_names.grade, lambda cell: class_names.class_on_line(values.text_of(cell)),
    catalogues.ethnicity, catalogues.disability, catalogues.status,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(PARSERS)))
def test_any_cell_is_a_value_or_a_refusal(number: int) -> None:
    @given(cells)
    def any_cell(cell: Cell) -> None:
        with suppress(BadValueError):
            PARSERS[number](cell)

    any_cell()


@given(st.dates())
def test_a_date_cell_is_shown_as_in_school(day: date) -> None:
    assert values.text_of(day) == f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
