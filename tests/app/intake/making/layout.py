"""How a page looks: which columns under which headings in which order, and what stands around the children."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.app.intake.making.writing import Page, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from tests.app.intake.making.children import Child
    from tests.app.intake.making.typing_in import Typist

HEADINGS: Final = {
    "number": ("STT", "TT", "Stt", "Số TT", "Số\nTT", "Số thứ tự", "No"),
    "code": ("Mã định danh Bộ GD&ĐT", "Mã học sinh", "Mã HS", "Mã định danh", "Mã định danh\nBộ GD & ĐT",
             "Mã định danh Bộ GD&ĐT (trên CSDL ngành)", "MÃ ĐỊNH DANH HỌC SINH", "Mã số HS", "Mã học sinh (*)",
             "Mã định danh Bộ Giáo dục và Đào tạo", "Mã ĐD Bộ GD&ĐT", "Mã HS (CSDL ngành)", "Mã học sinh trên CSDL"),
    "name": ("Họ và tên", "Họ tên", "HỌ VÀ TÊN HỌC SINH", "Họ và tên (*)", "Họ, chữ đệm và tên", "Họ & tên",
             "HỌ VÀ TÊN", "Họ và Tên học sinh", "Tên học sinh", "Họ và tên HS", "Họ tên học sinh (*)",
             "Họ, tên đệm và tên khai sinh", "Họ và tên\n(viết in hoa)", "Họ tên học viên", "Họ và tên trẻ"),
    "born": ("Ngày sinh", "Ngày, tháng, năm sinh", "Ngày tháng năm sinh", "NGÀY SINH", "Ngày sinh (*)",
             "Ngày sinh\n(dd/mm/yyyy)", "Ngày/tháng/năm sinh", "Ng.sinh", "Ngày, tháng\nnăm sinh", "NTN sinh",
             "Sinh ngày", "Ngày sinh (ngày/tháng/năm)", "Năm sinh"),
    "sex": ("Giới tính", "Giới tính (*)", "Phái", "GIỚI TÍNH", "GT", "Nam/Nữ", "Giới\ntính", "Giới tính (Nam/Nữ)"),
    "female": ("Nữ", "NỮ", "HS nữ", "Nữ (x)", "Là nữ", "Con gái"),
    "class": ("Lớp", "Lớp học", "Tên lớp", "Mã lớp", "LỚP", "Lớp (*)", "Lớp hiện tại", "Tên lớp học",
              "Lớp năm học 2026-2027", "Lớp\n2026-2027"),
    "people": ("Dân tộc", "DÂN TỘC", "Dân tộc (*)", "Tên dân tộc", "D.tộc"),
    "grade": ("Khối", "Khối học", "Khối lớp"),
    "status": ("Trạng thái", "Trạng thái HS", "Tình trạng", "Trạng thái học sinh"),
    "note": ("Ghi chú", "Ghi chú 1", "Chức vụ", "Diện chính sách", "Nơi sinh", "Email"),
    "place": ("Nơi sinh", "Quê quán", "Chỗ ở hiện nay", "Địa chỉ thường trú",
              "Tỉnh/Thành phố\n(Theo địa chỉ thường trú)"),
    "phone": ("SĐT liên hệ", "Điện thoại", "SĐT phụ huynh", "Số điện thoại cha"),
    "father": ("Họ tên cha", "Tên cha", "Họ và tên bố", "Họ và tên cha (hoặc người giám hộ)", "Năm sinh cha"),
    "mother": ("Họ tên mẹ", "Tên mẹ", "Nghề nghiệp mẹ", "Ngày sinh mẹ"),
    "personal": ("Số định danh cá nhân", "Số CCCD", "Số ĐDCN"),
    "old": ("Lớp cũ", "Lớp năm học 2025-2026", "Trường cũ", "Lớp năm trước"),
}  # fmt: skip
FAMILY: Final = ("Họ đệm", "Họ và chữ đệm", "Họ lót", "Họ và tên đệm", "Họ")
GIVEN: Final = ("Tên", "TÊN", "Tên HS", "Tên học sinh")
TITLES: Final[tuple[list[list[str | None]], ...]] = (
    [["UBND PHƯỜNG ĐỒNG XOÀI", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
     ["TRƯỜNG THCS HOA SEN", None, None, None, "Độc lập - Tự do - Hạnh phúc"]],
    [["SỞ GIÁO DỤC VÀ ĐÀO TẠO ĐỒNG NAI"], ["Trường THPT số 3"], []],
    [["Phòng Văn hóa - Xã hội xã Bù Đăng"]],
    [],
)  # fmt: skip
UNDER: Final = ("Năm học 2026-2027", "(Năm học: 2026 - 2027)", "Học kỳ I năm học 2026 – 2027", None)
CLASS_LINES: Final = ("Lớp {0}", "LỚP: {0}", "DANH SÁCH HỌC SINH LỚP {0}", "Lớp {0} - GVCN: Lê Thị Lan",
                      "DANH SÁCH LỚP {0} NĂM HỌC 2026-2027", "Danh sách học sinh lớp {0} (GVCN: Trần Văn Ba)",
                      "Lớp: {0}; Sĩ số: 35; Nữ: 17", "Lớp {0}    GVCN: thầy Ba",
                      "DANH SÁCH HỌC SINH\nLỚP {0}")  # fmt: skip
FOOTERS: Final[tuple[list[list[str | None]], ...]] = (
    [["Tổng số: {n}"], []],
    [["Tổng cộng: {n} học sinh; Nữ: {f}"], [], [None, "Người lập biểu", None, None, "HIỆU TRƯỞNG"], [],
     [None, "Lê Thị Lan", None, None, "Trần Văn Hiệu"]],
    [[None, "Cộng: {n}"], [None, None, None, "Đồng Xoài, ngày 5 tháng 9 năm 2026"], [None, None, None, "Hiệu trưởng"],
     [None, None, None, "(Ký tên, đóng dấu)"], [], [None, None, None, "Nguyễn Văn Thủ"]],
    [[None, "Danh sách này có {n} học sinh, trong đó {f} nữ."], [None, "GVCN"], [None, "Phạm Thị Chủ"]],
    [[None, "Sĩ số", "{n}"], [None, "Nữ", "{f}"], [None, "Dân tộc", "2"]],
    [["Ghi chú: học sinh chưa có mã thì để trống."]],
    [],
)  # fmt: skip
CATALOGUES: Final = (
    Page("DAN_TOC", [["Mã", "Tên"], ["01", "Kinh"], ["02", "Tày"]]),
    Page("DANH MUC", [["STT", "Tên lớp", "Giới tính", "Dân tộc"], [1, "6A1", "Nam", "Kinh"], [2, "6A2", "Nữ", "Tày"]]),
    Page("Hướng dẫn", [["Cột Họ và tên: bắt buộc"], ["Ngày sinh: dd/mm/yyyy"], ["Giới tính: Nam hoặc Nữ"]]),
    Page("Thống kê", [["TT", "Lớp", "Sĩ số", "Nữ"], [1, "6A1", 35, 17], [2, "6A2", 36, 15]]),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """What is drawn for a file before anybody is written into it."""

    columns: tuple[str, ...]
    headings: dict[str, str]
    classes: str
    halves: tuple[str, str] | None
    divided: str
    titles: int
    shift: int
    footer: int
    class_line: str
    numbered: bool
    blanks: bool
    beside: bool
    catalogues: int
    looks: str

    @classmethod
    def drawn(cls, random: Random, *, one_page: bool) -> Layout:
        """Return a layout."""
        wanted = ["name", "born", random.choice(["sex", "sex", "sex", "female"])]
        wanted += [name for name in ("number", "code", "people") if random.random() < 0.75]
        others = ("grade", "status", "note", "place", "phone", "father", "mother", "personal", "old")
        wanted += [name for name in others if random.random() < 0.25]
        kinds = ["column"] * 4 + ["lines", "filled", "merged"]
        classes = random.choice(kinds if one_page else [*kinds, "sheets", "sheet titles", "sheet columns"])
        if classes in {"column", "filled", "merged", "sheet columns"}:
            wanted.append("class")
        if random.random() < 0.5:
            random.shuffle(wanted)
        else:
            order = ("number", "class", "code", "name", "born", "sex", "female")
            wanted.sort(key=lambda name: order.index(name) if name in order else 9)
        return cls(
            columns=tuple(wanted),
            headings={name: random.choice(HEADINGS[name]) for name in wanted},
            classes=classes,
            halves=(random.choice(FAMILY), random.choice(GIVEN)) if random.random() < 0.2 else None,
            divided=random.choice(["no"] * 7 + ["born three", "sex two", "name merged", "born two rows"]),
            titles=random.randrange(len(TITLES)),
            shift=random.choice([0, 0, 0, 1, 2]),
            footer=random.randrange(len(FOOTERS)),
            class_line=random.choice(CLASS_LINES),
            numbered=random.random() < 0.2,
            blanks=random.random() < 0.3,
            beside=random.random() < 0.15,
            catalogues=random.choice([0, 0, 1, 2]) if not one_page else 0,
            looks=random.choice(["plain", "plain", "upper", "spaces", "hidden", "filtered", "far formats"]),
        )

    def has(self, name: str) -> bool:
        """Whether the file has a column."""
        return name in self.columns


def pages_of(random: Random, layout: Layout, typist: Typist, children: Sequence[Child]) -> list[Page]:
    """Return the pages of a file."""
    by_class: dict[str, list[Child]] = {}
    for child in children:
        by_class.setdefault(child.class_name, []).append(child)
    if layout.classes in {"sheets", "sheet titles", "sheet columns"}:
        pages, mark = [], random.choice("_-.")
        for place, (name, group) in enumerate(by_class.items(), 1):
            title = layout.class_line.format(name) if layout.classes == "sheet titles" else None
            safe = name.replace("/", mark)
            sheet = {"sheets": random.choice([safe, f"Lớp {safe}", f"DS {safe}"])}.get(
                layout.classes, f"Trang {place}"
            )
            pages.append(_page(random, layout, typist, sheet, [(title, group)]))
    elif layout.classes == "lines":
        sections: list[tuple[str | None, list[Child]]] = [
            (layout.class_line.format(name), group) for name, group in by_class.items()
        ]
        pages = [_page(random, layout, typist, "Sheet1", sections)]
    else:
        pages = [
            _page(
                random,
                layout,
                typist,
                random.choice(["Sheet1", "DSHS", "C1-HocSinh"]),
                [(None, list(children))],
            )
        ]
    return [*pages, *random.sample(CATALOGUES, layout.catalogues)]


def _page(
    random: Random, layout: Layout, typist: Typist, name: str, sections: list[tuple[str | None, list[Child]]]
) -> Page:
    page = Page(name, [])
    rows = page.rows
    rows += [[typist.text(cell) if cell else None for cell in row] for row in TITLES[layout.titles]]
    if layout.titles != len(TITLES) - 1:
        rows.append([None, typist.text("DANH SÁCH HỌC SINH")])
        rows += [[typist.text(under)] for under in UNDER[layout.titles : layout.titles + 1] if under]
    for line, group in sections:
        if line:
            rows.append([typist.text(line)])
        begin = len(rows)
        rows += [
            [typist.text(cell) if isinstance(cell, str) else cell for cell in row]
            for row in _heading_rows(layout)
        ]
        if layout.shift == 0:
            page.merged += _merged_headings(layout, begin)
        if layout.numbered:
            rows.append([f"({place})" for place in range(1, len(rows[begin]) + 1)])
        first = len(rows)
        rows += _child_rows(random, layout, typist, group)
        if layout.classes == "merged":
            _merge_classes(layout, page, first)
        n, f = len(group), sum(child.is_girl for child in group)
        footer = FOOTERS[layout.footer]
        rows += [
            [typist.text(cell.format(n=n, f=f)) if isinstance(cell, str) else cell for cell in row]
            for row in footer
        ]
        if layout.beside:
            _write_beside(rows, begin, n)
    if layout.shift:
        page.rows = [[*[None] * layout.shift, *row] for row in rows]
        page.merged = [
            (top, left + layout.shift, bottom, right + layout.shift)
            for top, left, bottom, right in page.merged
        ]
    width = max(len(row) for row in page.rows)
    page.rows = [[*row, *[None] * (width - len(row))] for row in page.rows]
    if layout.looks == "hidden":
        page.hidden_columns, page.hidden_rows = (width - 1,), (len(page.rows) - 1,)
    page.filtered = layout.looks == "filtered"
    page.formatted_to = 16_384 if layout.looks == "far formats" else 0
    return page


def _heading_rows(layout: Layout) -> list[list[Value]]:
    top: list[Value] = []
    below: list[Value] = []
    for name in layout.columns:
        heading = layout.headings[name]
        if name == "name" and layout.divided == "name merged":
            top += [heading, None]
            below += [None, None]
        elif name == "name" and layout.halves:
            top += layout.halves
            below += [None, None]
        elif name == "born" and layout.divided == "born three":
            top += ["Ngày sinh", "Tháng sinh", "Năm sinh"]
            below += [None, None, None]
        elif name == "born" and layout.divided == "born two rows":
            top += ["Ngày tháng năm sinh", None, None]
            below += ["Ngày", "Tháng", "Năm"]
        elif name == "sex" and layout.divided == "sex two":
            top += ["Giới tính", None]
            below += ["Nam", "Nữ"]
        else:
            top.append(heading)
            below.append(None)
    if layout.looks == "upper":
        top = [cell.upper() if isinstance(cell, str) else cell for cell in top]
    if layout.looks == "spaces":
        top = [f" {cell.replace(' ', chr(160))} \u200b" if isinstance(cell, str) else cell for cell in top]
    return [top, below] if any(below) else [top]


def _merged_headings(layout: Layout, begin: int) -> list[tuple[int, int, int, int]]:
    if layout.divided not in {"born two rows", "sex two"}:
        return []
    heads = _heading_rows(layout)
    if len(heads) < 2:
        return []
    top, below = heads
    found = []
    for column, cell in enumerate(top):
        if cell is not None and below[column] is None:
            found.append((begin, column, begin + 1, column))
        elif cell is not None:
            right = column
            while right + 1 < len(top) and top[right + 1] is None:
                right += 1
            if right > column:
                found.append((begin, column, begin, right))
    return found


def _child_rows(random: Random, layout: Layout, typist: Typist, group: list[Child]) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for place, child in enumerate(group, 1):
        is_first = place == 1 or group[place - 2].class_name != child.class_name
        row: list[Value] = []
        for name in layout.columns:
            row += _cells(random, layout, typist, name, child, place, is_first=is_first)
        rows.append(row)
        if layout.blanks and random.random() < 0.15:
            rows.append([])
    return rows


def _cells(
    random: Random, layout: Layout, typist: Typist, name: str, child: Child, place: int, *, is_first: bool
) -> list[Value]:
    if name == "name" and (layout.halves or layout.divided == "name merged"):
        family, _space, given = child.name.rpartition(" ")
        return [typist.name(family, whole=False), typist.name(given, whole=False)]
    if name == "born" and layout.divided in {"born three", "born two rows"}:
        return [child.born.day, child.born.month, child.born.year]
    if name == "sex" and layout.divided == "sex two":
        return [typist.cross(there=not child.is_girl), typist.cross(there=child.is_girl)]
    if name == "class":
        is_left_out = layout.classes in {"filled", "merged"} and not is_first
        return [None if is_left_out else typist.class_cell(child.class_name)]
    made: dict[str, Value] = {
        "number": place,
        "grade": child.grade if place % 2 else float(child.grade),
        "status": "Đang học",
        "note": random.choice([None, None, "con thương binh", "Lớp trưởng"]),
        "place": random.choice(["Bình Phước", "Xã Bù Đăng, Đồng Nai", None]),
        "phone": "0912345678",
        "father": "Nguyễn Văn Bố",
        "mother": None,
        "personal": "075215001234",
        "old": "5A",
    }
    typed: dict[str, Callable[[], Value]] = {
        "code": lambda: typist.code(child.code),
        "name": lambda: typist.name(child.name),
        "born": lambda: typist.day(random, child.born),
        "sex": lambda: typist.sex(child),
        "female": lambda: typist.cross(there=child.is_girl),
        "people": lambda: typist.text(child.spelling),
    }
    return [typed[name]() if name in typed else made[name]]


def _merge_classes(layout: Layout, page: Page, first: int) -> None:
    column = 0
    for name in layout.columns:
        if name == "class":
            break
        column += len(_width(layout, name))
    at = first
    while at < len(page.rows):
        row = page.rows[at]
        if not row or row[column] is None:
            at += 1
            continue
        last = at
        while last + 1 < len(page.rows) and (not page.rows[last + 1] or page.rows[last + 1][column] is None):
            last += 1
        if last > at:
            page.rows[at][column] = page.rows[at][column]
            page.merged.append((at, column, last, column))
            for row_below in page.rows[at + 1 : last + 1]:
                row_below.extend([None] * (column + 1 - len(row_below)))
        at = last + 1


def _width(layout: Layout, name: str) -> list[None]:
    if name == "name" and (layout.halves or layout.divided == "name merged"):
        return [None] * 2
    if name == "born" and layout.divided in {"born three", "born two rows"}:
        return [None] * 3
    if name == "sex" and layout.divided == "sex two":
        return [None] * 2
    return [None]


def _write_beside(rows: list[list[Value]], begin: int, count: int) -> None:
    width = max(len(row) for row in rows)
    beside: tuple[list[Value], ...] = (
        ["Lớp", "Sĩ số", "Nữ"],
        ["6A1", 35, 17],
        ["6A2", 36, 15],
        ["Cộng", 71, 32],
    )
    for place, line in enumerate(beside):
        if begin + place < len(rows) and place <= count:
            row = rows[begin + place]
            row += [None] * (width + 1 - len(row))
            row.extend(line)
