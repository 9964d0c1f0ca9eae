"""Files drawn from seeds, and files of kinds that only call themselves workbooks, are read as a person reads them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from app.intake.rules.rows import UnreadableFileError
from app.text import natural_key
from tests.app.intake.files import HEADINGS, read, xlsx
from tests.app.intake.making import drawn
from tests.app.intake.making.drawing import for_windows_1258

KINDS = ("xlsx", "xlsx", "ods", "csv", "html", "xml")


@pytest.mark.parametrize("seed", range(36))
def test_what_is_drawn_is_read(seed: int) -> None:
    """A difference is looked at with `python -m tests.app.intake.making SEED SEED+1`."""
    one = drawn(seed, KINDS[seed % len(KINDS)])
    roster = read(one.content)
    assert [(error.row, error.column, str(error.message)) for error in roster.errors] == [], one.how
    found = Counter(
        (row.code, row.full_name, row.birth_date, row.sex, natural_key(row.class_name),
         row.ethnicity.name if row.ethnicity else None)
        for row in roster.pupils
    )  # fmt: skip
    wanted = Counter((*child[:4], natural_key(child[4]), child[5]) for child in one.wanted)
    assert found == wanted, one.how


PAGE = (
    "<html><head><style>td {x: 1}</style></head><body><h3>DANH S&Aacute;CH LỚP 4/2</h3>"
    "<script>var x = '<td>no</td>';</script><table><tr><th>STT<th>Họ và tên<th>Ngày sinh<th>Giới tính</tr>"
    "<tr><td>1<td>Lê&nbsp;Văn <b>An</b><td>05/09/2017<td>Nam<tr><td>2</td><td>Điểu K&#39;R&acirc;n</td>"
    "<td>5/9/2017</td><td>Nữ</td></tr></table></body></html>"
)
ARCHIVE = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
    'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    + PAGE
    + "\r\n--b--\r\n"
)


@pytest.mark.parametrize("content", [PAGE.encode(), PAGE.encode("utf-16"), ARCHIVE.encode()])
def test_a_web_page_that_is_called_a_workbook(content: bytes) -> None:
    roster = read(content)
    assert [(row.full_name, row.birth_date, row.class_name) for row in roster.pupils] == [
        ("Lê Văn An", date(2017, 9, 5), "4/2"),
        ("Điểu K'Rân", date(2017, 9, 5), "4/2"),
    ]
    assert roster.errors == ()


def row(*cells: object, headings: tuple[object, ...]) -> list[list[object]]:
    return [list(headings), list(cells)]


def test_what_stands_in_a_column_says_what_it_is() -> None:
    top = ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Lớp")
    people = [
        [1, "Lê An", "5/9/2014", "Nam", "6A1"],
        [2, "Lê Ba", "6/9/2014", "Nữ", "6A1"],
        [3, "Lê Tư", "7/9/2014", "Nữ", "6A1"],
    ]

    def with_codes(heading: str, *codes: str) -> bytes:
        return xlsx(
            {"S": [[*top, heading], *([*one, code] for one, code in zip(people, codes, strict=True))]}
        )

    personal = read(with_codes("Mã định danh", "075214001234", "075214001235", ""))
    assert (len(personal.pupils), personal.errors, personal.not_imported) == (
        3,
        (),
        ("Số định danh cá nhân",),
    )
    own = read(with_codes("Mã học sinh", "HS001", "HS002", "HS003"))
    assert (len(own.pupils), own.errors, len(own.notes)) == (3, (), 1)
    spoiled = read(with_codes("Mã học sinh", "7,5E+09", "7,5E+09", "7,5E+09"))
    assert len(spoiled.errors) == 3


def test_classes_without_their_grade_crosses_for_both_sexes_and_names_in_three_columns() -> None:
    top = ["Họ", "Tên đệm", "Tên", "Ngày sinh", "Nam", "Nữ", "Khối", "Lớp"]
    people = [["Lê", "Văn", "An", "5/9/2014", "x", None, 6, "A1"], ["Lê", "Thị", "Ba", "5/9/2013", None, "x", 7, "A1"],
              ["Lê", "Thị", "Tư", "5/9/2013", None, None, 7, "A2"]]  # fmt: skip
    roster = read(xlsx({"S": [top, *people]}))
    assert [(one.full_name, one.sex, one.class_name) for one in roster.pupils] == [
        ("Lê Văn An", "M", "6A1"),
        ("Lê Thị Ba", "F", "7A1"),
    ]
    assert [(error.row, error.column) for error in roster.errors] == [(4, "Nữ")]


def test_last_years_class_is_not_this_years() -> None:
    top = ("Họ và tên", "Ngày sinh", "Giới tính", "Lớp năm học 2025-2026", "Lớp năm học 2026-2027")
    roster = read(xlsx({"S": row("Lê An", "5/9/2017", "Nam", "3/2", "4/2", headings=top)}))
    assert [one.class_name for one in roster.pupils] == ["4/2"]


def test_a_csv_of_old_windows_and_one_whose_accents_are_lost() -> None:
    line = ("1", "4/2", "7501000001", "Nguyễn Văn An", "05/09/2017", "Nam", "Kinh")
    text = "\r\n".join(";".join(cells) for cells in (HEADINGS, line))
    windows = for_windows_1258(text).encode("cp1258")
    assert [one.full_name for one in read(windows).pupils] == ["Nguyễn Văn An"]
    with pytest.raises(UnreadableFileError, match="UTF-8"):
        read(text.encode("latin-1", "replace").replace(b"Nguy?n", b"Nguy\xean"))
