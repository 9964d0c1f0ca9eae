"""Honest files that are hard all the same: the same pupils however they are written down; what stays the school's."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM
from app.intake.commands.imports import Upload, import_at_once
from app.intake.rules.catalogues import ethnicity
from app.intake.rules.dating import Choice
from app.intake.rules.rows import UnreadableFileError
from app.school.models import Pupil, SchoolClass
from tests.app.intake.files import csv_text, read, saved, sheet, xlsx
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.world import World

WANTED: Final = [
    ("0175000001", "Nguyễn Văn An", date(2017, 9, 5), "M", "4/7", "Kinh"),
    ("7501000002", "Trần Thị Hường", date(2017, 5, 17), "F", "4/7", "Xtiêng"),
    ("7501000003", "Điểu K'Rân", date(2016, 12, 1), "M", "4/10", "Khơ-me"),
]
_KEYS: Final = ("code", "name", "born", "sex", "class", "people")
PLAIN: Final[list[dict[str, Any]]] = [
    dict(zip(_KEYS, pupil, strict=True))
    for pupil in (
        ("0175000001", "Nguyễn Văn An", "05/09/2017", "Nam", "4/7", "Kinh"),
        ("7501000002", "Trần Thị Hường", "17/05/2017", "Nữ", "4/7", "S'tiêng"),
        ("7501000003", "Điểu K'Rân", "1/12/2016", "Nam", "4/10", "Khmer"),
    )
]
HEADINGS: Final = {
    "code": "Mã định danh Bộ GD&ĐT", "name": "HỌ VÀ TÊN", "born": "Ngày, tháng, năm sinh", "sex": "Phái",
    "class": "Lớp học", "people": "Dân tộc",
}  # fmt: skip


def found(content: bytes) -> list[tuple[object, ...]]:
    roster = read(content)
    assert [(error.row, error.column, str(error.message)) for error in roster.errors] == []
    return [
        (
            pupil.code,
            pupil.full_name,
            pupil.birth_date,
            pupil.sex,
            pupil.class_name,
            pupil.ethnicity.name if pupil.ethnicity else None,
        )
        for pupil in roster.pupils
    ]


def table(*keys: str, **written: Sequence[object]) -> list[list[object]]:
    """Return heading and rows with these columns; `written` replaces a column's cells."""
    columns = keys or tuple(HEADINGS)
    rows = [
        [written[key][number] if key in written else pupil[key] for key in columns]
        for number, pupil in enumerate(PLAIN)
    ]
    return [[HEADINGS[key] for key in columns], *rows]


SERIALS: Final = [(date(2017, 9, 5) - date(1899, 12, 30)).days, (date(2017, 5, 17) - date(1899, 12, 30)).days,
                  (date(2016, 12, 1) - date(1899, 12, 30)).days]  # fmt: skip


@pytest.mark.parametrize(
    "born",
    [
        ["5/9/2017", "17/5/2017", "1/12/2016"],
        ["05-09-2017", "17.05.2017", "01 12 2016"],
        ["2017-09-05", "2017/05/17", "2016-12-01 00:00:00"],
        ["05/09/17", "17-5-17", "1.12.16"],
        ["05092017", "17052017", "01122016"],
        ["ngày 5 tháng 9 năm 2017", "17 tháng 5 năm 2017", "Ngày 01 tháng 12 năm 2016"],
        SERIALS,
        [str(number) for number in SERIALS],
        [date(2017, 9, 5), SERIALS[1], "01/12/2016"],
        [" 05 / 09 / 2017 ", "17/05/2017\xa0", "'01/12/2016"],
    ],
)
def test_every_usual_spelling_of_a_day_never_month_first(born: list[object]) -> None:
    assert found(xlsx({"DS": table(born=born)})) == WANTED


def test_columns_in_another_order_titles_above_and_two_heading_rows() -> None:
    titles: list[list[object]] = [
        ["UBND PHƯỜNG ĐỒNG XOÀI"],
        ["TRƯỜNG TIỂU HỌC"],
        [],
        ["DANH SÁCH HỌC SINH NĂM HỌC 2026-2027"],
    ]
    keys = ("class", "people", "born", "name", "code")
    top: list[object] = [*(HEADINGS[key] for key in keys), "Giới tính", None]
    below: list[object] = [None] * 5 + ["Nam", "Nữ"]
    rows = [
        [
            *(pupil[key] for key in keys),
            "x" if pupil["sex"] == "Nam" else None,
            "x" if pupil["sex"] == "Nữ" else None,
        ]
        for pupil in PLAIN
    ]
    assert found(xlsx({"DS": [*titles, top, below, *rows]})) == WANTED


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_csv_of_every_kind(delimiter: str, mark: bytes, form: Literal["NFC", "NFD"]) -> None:
    heading, *rows = table()
    text = "DANH SÁCH" + delimiter * 5 + "\r\n" + csv_text(*rows, headings=heading, delimiter=delimiter)
    assert found(mark + unicodedata.normalize(form, text).encode()) == WANTED


def test_a_csv_whose_title_has_other_separators() -> None:
    title = "Trường TH Hoa Sen, phường Đồng Xoài, tỉnh Đồng Nai, năm học 2026-2027, có 3 học sinh"
    assert found("\n".join([title, *(";".join(map(str, row)) for row in table())]).encode()) == WANTED


def test_codes_as_numbers_and_classes_that_became_dates() -> None:
    classes = [date(2026, 7, 4), date(2026, 7, 4), date(2026, 10, 4)]
    content = xlsx({"DS": table(code=[175000001, 7501000002.0, "7501000003"], **{"class": classes})})
    assert found(content) == WANTED


def test_names_in_two_columns_and_in_capitals_with_odd_spaces() -> None:
    rows = [[pupil["code"], *str(pupil["name"]).upper().rsplit(" ", 1), pupil["born"], pupil["sex"], pupil["class"],
             pupil["people"]] for pupil in PLAIN]  # fmt: skip
    rows[0][1] = "NGUYỄN\xa0 VĂN "
    head = [
        HEADINGS["code"],
        "Họ và chữ đệm",
        "Tên",
        HEADINGS["born"],
        HEADINGS["sex"],
        HEADINGS["class"],
        HEADINGS["people"],
    ]
    assert found(xlsx({"DS": [head, *rows]})) == WANTED


def test_a_sheet_per_class_with_a_cover_a_hidden_copy_and_a_catalogue() -> None:
    keys = ("code", "name", "born", "sex", "people")
    whole = table(*keys)
    sheets: dict[str, list[list[object]]] = {
        "Bìa": [["SỔ DANH SÁCH"], ["Năm học 2026-2027"]],
        "4_7": [["LỚP 4/7"], whole[0], *whole[1:3]],
        "Lớp 4-10": [
            ["DANH SÁCH LỚP 4/10 - GVCN: Lê Thị Lan"],
            [],
            whole[0],
            whole[3],
            [None, "Tổng cộng: 1"],
        ],
        "Năm trước": table(),
        "DM_DANTOC": [["Mã", "Tên"], ["01", "Kinh"]],
    }
    assert found(xlsx(sheets, hidden=["Năm trước"])) == WANTED


def test_class_cells_merged_over_their_pupils_and_a_title_merged_over_columns() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["DANH SÁCH HỌC SINH"])
    page.merge_cells("A1:F1")
    rows = table("class", "code", "name", "born", "sex", "people")
    for row in [rows[0], rows[1], ["", *rows[2][1:]], rows[3]]:
        page.append([cell or None for cell in row])
    page.merge_cells("A3:A4")
    assert found(saved(book)) == WANTED


@settings(max_examples=20, deadline=None)
@given(st.permutations(list(HEADINGS)), st.integers(0, 9), st.integers(0, 3))
def test_any_order_of_columns_below_any_titles_beside_any_gap(
    order: list[str], above: int, left: int
) -> None:
    rows = [[None] * left + row for row in table(*order)]
    assert found(xlsx({"DS": [[f"Dòng {number}"] for number in range(above)] + rows})) == WANTED


def test_lists_side_by_side_are_all_read() -> None:
    """A page of two columns: the same headings again; a class line over each, or one title over both."""
    keys = ("code", "name", "born", "sex", "people")
    heading, first, second, third = table(*keys)
    of_each = [
        ["LỚP 4/7", *[None] * 5, "LỚP 4/10"],
        [*heading, None, *heading],
        [*first, None, *third],
        second,
    ]
    assert sorted(found(xlsx({"DS": of_each}))) == WANTED
    heading, first, second, third = table()
    below_one_title = [
        ["DANH SÁCH HỌC SINH KHỐI 4"],
        [*heading, None, *heading],
        [*first, None, *second],
        third,
    ]
    assert sorted(found(xlsx({"DS": below_one_title}))) == WANTED


@pytest.mark.parametrize(
    "line",
    ["Lớp {0}. GVCN Lê Thị Lan", "Lớp {0} / GVCN: cô Lan", "Lớp học: {0}", "Sổ điểm danh lớp {0} tháng 9"],
)
def test_a_class_line_however_it_goes_on_and_two_signatures_below(line: str) -> None:
    keys = ("code", "name", "born", "sex", "people")
    heading, *rows = table(*keys)
    signed = [
        ["Người lập biểu", None, None, "HIỆU TRƯỞNG"],
        [],
        [None, None, "Lê Thị Lan", None, "Trần Văn Hiệu"],
    ]
    page = [[line.format("4/7")], heading, *rows[:2], ["Cộng", None, 2], *signed]
    assert found(xlsx({"DS": [*page, [line.format("4/10")], heading, rows[2], *signed]})) == WANTED


@pytest.mark.parametrize(
    "name", ["DS 4A", "Lop_4A", "4A (2)", "4A-2026", "DS lớp 4A", "Lớp 4A năm 2026-2027"]
)
def test_a_sheet_called_after_its_class(name: str) -> None:
    content = xlsx({name: table("code", "name", "born", "sex", "people")})
    assert {pupil.class_name for pupil in read(content).pupils} == {"4A"}


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("name", "Họ & tên"),
        ("name", "Họ và tên / Full name"),
        ("born", "Date of birth / Ngày sinh"),
        ("sex", "G. tính"),
        ("class", "Lớp năm học 2026-2027"),
        ("class", "Lớp được xếp"),
        ("code", "Mã định danh trên CSDL ngành"),
        ("people", "Thành phần dân tộc"),
    ],
)
def test_headings_as_people_shorten_and_lengthen_them(key: str, heading: str) -> None:
    top, *rows = table()
    written = [heading if one == HEADINGS[key] else one for one in top]
    assert found(xlsx({"DS": [written, *rows]})) == WANTED


def test_the_day_of_birth_in_three_columns_under_one_row_of_headings() -> None:
    born = [(5, 9, 2017), (17, 5, 2017), (1, 12, 2016)]
    keys = ("code", "name", "sex", "class", "people")
    top, *rows = table(*keys)
    page = [
        [*top[:2], "Ngày sinh", "Tháng sinh", "Năm sinh", *top[2:]],
        *([*row[:2], *day, *row[2:]] for row, day in zip(rows, born, strict=True)),
    ]
    assert found(xlsx({"DS": page})) == WANTED


def test_a_class_written_once_for_all_who_follow_but_one_empty_cell_is_a_fault() -> None:
    assert [error.row for error in read(xlsx({"DS": table(**{"class": ["4/7", None, "4/10"]})})).errors] == [
        3
    ]
    top, first, second, third = table(**{"class": ["4/7", None, None]})
    more = [
        [f"750100001{number}", "Lê Thị Hoa", f"0{number}/03/2017", "Nữ", None, "Kinh"]
        for number in range(1, 4)
    ]
    many = read(xlsx({"DS": [top, first, second, *more, [*third[:4], "4/10", third[5]]]}))
    assert [pupil.class_name for pupil in many.pupils] == ["4/7"] * 5 + ["4/10"]


def test_an_example_and_what_explains_the_columns_are_no_pupils() -> None:
    top, *rows = table("code", "name", "born", "sex", "class", "people")
    explained = ["(10 số)", "(Bắt buộc)", "dd/mm/yyyy", "Nam/Nữ", "(Bắt buộc)", None]
    assert found(xlsx({"DS": [top, explained, *rows]})) == WANTED
    example = ["Ví dụ", "7500000000", "Nguyễn Văn A", "25/05/2019", "Nam", "1A", "Kinh"]
    assert found(xlsx({"DS": [["STT", *top], example, *([None, *row] for row in rows)]})) == WANTED


def test_names_and_days_as_they_are_typed() -> None:
    names = ["1. Nguyễn Văn An", "trần thị hường", "Điểu K'Rân *"]
    days = ["O5/09/2017", "17\\05\\2017", "01_12_2016 (khai sinh)"]
    codes = ["01-75000001", "75 01 000002", "7501000003"]
    assert found(xlsx({"DS": table(name=names, born=days, code=codes)})) == WANTED


def test_teachers_are_no_pupils_wherever_they_stand() -> None:
    head = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "Chức vụ", "Trình độ", "Lớp"]
    lan = [1, "Lê Thị Lan", "01/01/1980", "Nữ", "Giáo viên", "ĐHSP", "4/7"]
    assert found(xlsx({"HS": table(), "GV": [head, lan]})) == WANTED
    assert found(xlsx({"HS": [*table(), [], ["DANH SÁCH GIÁO VIÊN"], head, lan]})) == WANTED
    with pytest.raises(UnreadableFileError, match="danh sách nhân sự"):
        read(xlsx({"GV": [head, lan]}))


# ---------------------------------------------------------------------------------------------- ethnicity


@pytest.mark.parametrize(
    ("name", "code", "spellings"),
    [
        ("Xtiêng", "22", ["S'tiêng", "Stiêng", "X’tiêng", "XTIÊNG", "Xơ Tiêng (Xtiêng)", "22. Xtiêng"]),
        ("H'Mông", "08", ["HMông", "Mông", "H’Mông", "Mèo"]),
        ("Khơ-me", "05", ["Khmer", "Khơ Me", "khơme"]),
        ("Ê-đê", "12", ["Ê Đê", "êđê"]),
        ("Cơ-ho", "16", ["K'Ho", "Cơ Ho"]),
        ("Kinh", "01", ["kinh", "Dân tộc Kinh", "Kinh (Việt)", "01 - Kinh"]),
    ],
)
def test_spellings_of_a_people_fold_together(name: str, code: str, spellings: list[str]) -> None:
    for spelling in spellings:
        people = ethnicity(spelling)
        assert people is not None
        assert (people.name, people.code, people.code_set) == (name, code, "QĐ121-1979"), spelling


# ---------------------------------------------------------------------------------------------- what is the school's


def test_the_site_and_session_of_a_class_are_never_overwritten(world: World) -> None:
    """A class keeps its site (điểm trường) and session whatever a file has in columns of that name."""
    headings = (
        "Lớp",
        "Mã học sinh",
        "Họ tên",
        "Ngày sinh",
        "Giới tính",
        "Điểm trường",
        "Ghi chú",
        "Buổi học",
    )
    row = ("4/1", "7501000001", "Nguyễn Văn An", "05/09/2016", "Nam", "Điểm chính", "chuyển điểm", "Chiều")
    with world.app.app_context(), clock.at(MORNING):
        with db.transaction() as session:
            found_class = session.get_one(SchoolClass, world.class_ids["own"])
            found_class.site_id, found_class.main_session = world.ward_id, "afternoon"
        preview = import_at_once(
            SYSTEM, "THA", "2026-2027", Upload("a.xlsx", sheet(row, headings=headings)), Choice(), apply=True,
            many_confirmed=False,
        ).preview  # fmt: skip
        assert preview.unknown == ("Điểm trường", "Ghi chú", "Buổi học")
        db.session().expire_all()
        kept = db.session().get_one(SchoolClass, world.class_ids["own"])
        assert (kept.site_id, kept.main_session) == (world.ward_id, "afternoon")
        assert db.session().scalars(select(Pupil.id).where(Pupil.ministry_code == "7501000001")).one()
