"""Lists as schools make them by hand: two heading rows, a class to a sheet, dates under the sex, any footer."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pytest

from app.intake.rules.rows import Sex
from tests.app.intake.files import csv_text, read, saved, xlsx

if TYPE_CHECKING:
    from app.intake.rules.rows import Roster

UYEN: Final = ("Nguyễn Hoàng Phương Uyên", "1/9/2015", Sex.FEMALE)
RAN: Final = ("Điểu K'Rân", "01-09-15", Sex.MALE)
BINH: Final = ("Lê Thị\u00a0Bình", 42248, Sex.FEMALE)
ALL: Final = (UYEN, RAN, BINH)
BORN: Final = date(2015, 9, 1)
TITLES: Final = [["UBND XÃ BÙ ĐĂNG", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], ["TRƯỜNG THCS LÊ LỢI"], []]
FOOTER: Final = [
    [None, "Ấn định danh sách có 03 học sinh"],
    [],
    [None, "P. Hiệu trưởng", None, "Bù Đăng, ngày 05 tháng 9 năm 2026"],
    [None, "Lê Văn Phó"],
]


def told(found: Roster) -> list[tuple[str, Any, Any, str]]:
    assert not found.errors
    return [(row.full_name, row.birth_date, row.sex, row.class_name) for row in found.pupils]


def all_in(class_name: str) -> list[tuple[str, Any, Any, str]]:
    return [(name.replace("\u00a0", " "), BORN, sex, class_name) for name, _born, sex in ALL]


def halves(name: str) -> tuple[str, str]:
    family, _space, given = name.replace("\u00a0", " ").rpartition(" ")
    return family, given + "\u00a0"


def word(sex: Sex) -> str:
    return " NỮ" if sex is Sex.FEMALE else "nam "


def test_birth_dates_stand_under_the_sex_below_each_other_class_by_class() -> None:
    rows: list[list[Any]] = []
    for class_name, shift in (("9A", 0), ("9B", 2)):
        rows += [[f"DANH SÁCH LỚP {class_name}"], ["Stt", "Họ và tên", "Ngày sinh", None, "Nơi sinh"]]
        rows += [[None, None, "Nam", "Nữ"]]
        for number, (name, born, sex) in enumerate(ALL, 1):
            day = f"{1 + shift}/9/2015" if shift else born
            rows.append([number, name, *([None, day] if sex is Sex.FEMALE else [day, None]), "Bình Phước"])
        rows += [[None, "Sĩ số: 3"], []]
    of_9b = [(name, date(2015, 9, 3), sex, "9B") for name, _born, sex, _class in all_in("9B")]
    assert told(read(xlsx({"DS": rows}))) == all_in("9A") + of_9b
    twice = [
        ["STT", "Họ và tên", "Ngày sinh", None, "Lớp"],
        [None, None, "Nam", "Nữ"],
        [1, "Lê An", "1/9/2015", "2/9/2015", "9A"],
    ]
    assert [error.column for error in read(xlsx({"DS": twice})).errors] == ["Ngày sinh Nam"]


def test_a_sheet_is_a_class_and_its_hidden_neighbour_is_last_years() -> None:
    heads = [["TT", "Họ và tên", None, "Ngày, tháng,\nnăm sinh", None, None, "Nữ"]]
    heads += [[None, "Họ đệm", "Tên", "Ngày", "Tháng", "Năm"]]
    people = [
        [number, *halves(name), 1, "09", 2015, "x" if sex is Sex.FEMALE else None]
        for number, (name, _born, sex) in enumerate(ALL, 1)
    ]
    old = [["Họ và tên", "Ngày sinh", "Giới tính"], ["Năm Ngoái", "1/1/2014", "Nam"]]
    content = xlsx({"Lớp 6a1 ": [*TITLES, *heads, *people, *FOOTER], "6A1 cũ": old}, hidden=["6A1 cũ"])
    assert told(read(content)) == all_in("6A1")


def test_a_class_cell_is_merged_and_a_heading_spans_the_two_halves_of_a_name() -> None:
    book = openpyxl.load_workbook(
        BytesIO(
            xlsx(
                {
                    "Sheet1": [
                        *TITLES,
                        ["STT", "Lớp", "Họ và tên", None, "Phái", "NTNS"],
                        ["(1)", "(2)", "(3)", None, "(4)", "(5)"],
                        *(
                            [number, "10A1" if number == 1 else None, *halves(name), word(sex), born]
                            for number, (name, born, sex) in enumerate(ALL, 1)
                        ),
                        *[[None, *row] for row in FOOTER],
                    ]
                }
            )
        )
    )
    book["Sheet1"].merge_cells("B6:B8")
    book["Sheet1"].merge_cells("C4:D4")
    assert told(read(saved(book))) == all_in("10A1")


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16", "\t"), ("utf-8-sig", ";"), ("utf-8", ",")])
def test_headings_of_a_csv_break_in_the_middle(encoding: str, mark: str) -> None:
    heads = ("Số\nTT", "Họ và tên", "Ngày sinh\n(dd/mm/yyyy)", "Nam/\nNữ", "Lớp\nhọc")
    rows = [
        (number, name, "01.09.2015" if isinstance(born, int) else born, word(sex), " Lớp 4 / 2\u00a0")
        for number, (name, born, sex) in enumerate(ALL, 1)
    ]
    text = csv_text(
        *rows, ("", "Cộng: 3 học sinh"), ("", "", "", "Hiệu trưởng"), headings=heads, delimiter=mark
    )
    assert told(read(text.encode(encoding))) == all_in("4/2")


def test_a_name_alone_in_the_middle_is_a_pupil_with_something_missing() -> None:
    rows = [
        ["Họ và tên", "Ngày sinh", "Giới tính", "Lớp"],
        ["Lê An", "1/9/2015", "Nam", "4/2"],
        ["Lê Bình"],
        ["Lê Chi", "1/9/2015", "Nữ", "4/2"],
        ["Lê Dung"],
    ]
    found = read(xlsx({"DS": rows}))
    assert [row.full_name for row in found.pupils] == ["Lê An", "Lê Chi"]
    assert {error.row for error in found.errors} == {3}
