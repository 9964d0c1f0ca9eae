"""Staff rosters as people make them: departments over their people or on sheets of their own, signatures below."""

from __future__ import annotations

import pytest

from app.intake.rules.rows import Sheet, SheetRow, UnreadableFileError
from app.staff.rules.roster import Kind, people_in

HEAD = ("STT", "Họ và tên CB, GV, NV", "Vị trí việc làm", "Môn dạy")


def sheet(*rows: tuple[object, ...], name: str = "GV", hidden: bool = False) -> Sheet:
    numbered = tuple(
        SheetRow(number, tuple("" if cell is None else cell for cell in row))  # type: ignore[misc]
        for number, row in enumerate(rows, 1)
        if any(cell is not None for cell in row)
    )
    return Sheet(name=name, rows=numbered, hidden=hidden)


def told(*sheets: Sheet) -> list[tuple[str, str, str]]:
    return [(one.name, one.position, one.kind) for one in people_in(sheets)]


def test_departments_over_their_people_numbers_of_columns_and_signatures_below() -> None:
    found = told(
        sheet(
            ("DANH SÁCH CÁN BỘ, GIÁO VIÊN, NHÂN VIÊN",),
            HEAD,
            (1, 2, 3, 4),
            (None, "I. BAN GIÁM HIỆU"),
            (1, "Lê Thị Lan", "Hiệu trưởng", None),
            (None, "TỔ KHỐI 1"),
            (2, "2. TRẦN VĂN TƯ", "Giáo viên", "Toán"),
            HEAD,
            (3, "Điểu Thị Hồng", None, None),
            (None, "Tổng cộng: 3 người"),
            (None, "Người lập biểu", None, "HIỆU TRƯỞNG"),
            (None, "Nguyễn Thị Hoa"),
        )
    )
    assert found == [
        ("Lê Thị Lan", "Hiệu trưởng", Kind.NEW),
        ("Trần Văn Tư", "Giáo viên", Kind.NEW),
        ("Điểu Thị Hồng", "", Kind.NEW),
    ]


def test_a_sheet_for_each_department_but_no_sheet_of_pupils_and_no_hidden_one() -> None:
    found = told(
        sheet(HEAD, (1, "Lê Thị Lan", "Hiệu trưởng", None)),
        sheet(
            ("STT", "Họ và tên", "Mã định danh", "Lớp"), (1, "Nguyễn Văn An", "7501000001", "4/7"), name="HS"
        ),
        sheet(HEAD, (1, "Trần Văn Tư", "Giáo viên", "Toán"), name="Tổ 1"),
        sheet(HEAD, (1, "Người Cũ", "Giáo viên", "Toán"), name="2025", hidden=True),
    )
    assert [name for name, *_rest in found] == ["Lê Thị Lan", "Trần Văn Tư"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Đang làm việc", Kind.NEW),
        ("Nghỉ thai sản", Kind.NEW),
        ("Tập sự", Kind.NEW),
        ("Đã nghỉ hưu", Kind.LEFT),
        ("Chuyển công tác", Kind.LEFT),
        ("Thôi việc", Kind.LEFT),
    ],
)
def test_who_is_on_leave_is_at_the_school_and_who_went_is_not(status: str, kind: Kind) -> None:
    head = (*HEAD, "Tình trạng công tác")
    assert told(sheet(head, (1, "Lê Thị Lan", "Giáo viên", "Toán", status))) == [
        ("Lê Thị Lan", "Giáo viên", kind)
    ]


def test_an_old_encoding_is_refused() -> None:
    names = ("Nguyeãn Thò Hoàng", "Traàn Vaên Töôùng", "Leâ Thò Hoàng Nhung", "Phaïm Vaên Ñöùc")
    with pytest.raises(UnreadableFileError):
        people_in([sheet(HEAD, *((number, name, "Giáo viên", "") for number, name in enumerate(names)))])
