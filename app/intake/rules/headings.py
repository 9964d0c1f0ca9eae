"""Finds the heading row of a sheet, wherever it stands in the first rows, and says which column means what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from app.intake.rules.rows import AS_IT_IS, CONTACT_FIELDS, Field
from app.text import clean_text, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.intake.rules.rows import Cell, Reading, Sheet, SheetRow

HEADING_ROWS: Final = 15
TAUGHT: Final = -1
"""The rank of what a school taught: before every heading that the reader knows by itself."""
LONGEST_HEADING: Final = 200

# Folded headings by meaning; where a sheet has several columns for one field, the earlier alias wins.
# Sources: ministry database template and C1-HocSinh export, department export, vnEdu "mẫu 1" (vietnam.md 3.1).
ALIASES: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.NUMBER: ("stt", "tt", "so tt", "so thu tu"),
    Field.CODE: (
        "ma dinh danh bo gd&dt", "ma dinh danh bo gddt", "ma dinh danh bo gd-dt", "ma dinh danh bo gd va dt",
        "ma dinh danh bo", "ma dinh danh hoc sinh", "ma dinh danh", "ma moet", "ma bo gd&dt", "ma hoc sinh csdl",
        "ma csdl", "ma csdl nganh", "ma dinh danh nganh", "ma dinh danh tren csdl nganh", "ma dinh danh csdl nganh",
        "ma dinh danh hs", "ma ddhs", "ma dd hs", "id hoc sinh",
        "ma hoc sinh", "ma hs", "mahs", "ma so hoc sinh", "ma so hs",
    ),
    Field.NAME: (
        "ho va ten", "ho ten", "ho va ten hoc sinh", "ho ten hoc sinh", "ho va ten hs", "ho ten hs",
        "ho&ten", "ho ten tre", "ho va ten tre",
        "ho chu dem va ten", "ho chu dem ten", "ho ten dem va ten", "ho dem va ten", "ho ten khai sinh",
        "ho va ten khai sinh", "ten hoc sinh", "hoc sinh", "hoten",
    ),
    Field.FAMILY: ("ho va chu dem", "ho dem", "ho va dem", "ho va ten dem", "ho lot", "ho va ten lot", "ho chu dem",
                   "ho va chu lot", "ho"),
    Field.GIVEN: ("ten",),
    Field.BIRTH_DATE: (
        "ngay sinh", "ngay thang nam sinh", "ngay/thang/nam sinh", "ngay thang ns", "ngay nam sinh", "sinh ngay",
        "ntns", "ngaysinh", "ngay thang sinh", "ng sinh", "n sinh", "ngay thang nam", "nam sinh",
    ),
    Field.SEX: ("gioi tinh", "phai", "gt", "gioi", "gioitinh", "g tinh", "gtinh", "nam/nu", "nam nu", "nam hay nu"),
    Field.FEMALE: ("nu", "hs nu", "hoc sinh nu"),
    Field.CLASS: (
        "lop moi", "lop duoc xep", "xep lop", "ten lop", "lop", "lop hoc", "ma lop", "lop hien tai",
        "lop hoc hien tai", "lop dang hoc", "lop ht", "tenlop", "malop",
    ),
    Field.GRADE: ("khoi", "khoi hoc", "khoi lop", "ten khoi", "ma khoi"),
    Field.ETHNICITY: ("dan toc", "ten dan toc", "thanh phan dan toc", "dtoc", "d toc", "dantoc"),
    Field.DISABILITY: ("loai khuyet tat", "khuyet tat", "k tat", "ktat", "dang khuyet tat", "dang tat",
                       "hoc sinh khuyet tat", "hs khuyet tat"),
    Field.STATUS: ("trang thai", "trang thai hs", "trang thai hoc sinh", "tinh trang", "tinh trang hoc sinh"),
    Field.STATUS_DATE: ("ngay nhap trang thai", "ngay trang thai", "ngay cap nhat trang thai"),
    Field.PHONE: (
        "sdt lien he", "so dien thoai lien he", "dien thoai lien he", "sdt phu huynh", "so dien thoai phu huynh",
        "dien thoai phu huynh", "sdt phhs", "so dien thoai", "sdt", "dien thoai", "dien thoai dd", "dtdd", "dt",
        "dien thoai me", "so dien thoai me", "sdt me", "dien thoai bo", "dien thoai cha", "so dien thoai cha",
        "so dien thoai bo", "sdt bo", "sdt cha", "sdt nguoi giam ho",
    ),
    Field.FATHER: ("ho ten cha", "ho va ten cha", "ten cha", "ho ten bo", "ho va ten bo", "ten bo", "ho ten ba",
                   "cha", "bo"),
    Field.MOTHER: ("ho ten me", "ho va ten me", "ten me", "me"),
    Field.GUARDIAN: ("ho ten nguoi giam ho", "ho va ten nguoi giam ho", "ten nguoi giam ho", "nguoi giam ho",
                     "ho ten phu huynh", "ho va ten phu huynh", "phu huynh"),
    Field.ADDRESS: ("cho o hien nay", "noi o hien nay", "dia chi lien he", "dia chi", "dia chi thuong tru", "noi o",
                    "noi thuong tru", "cho o", "ho khau thuong tru"),
    Field.PERSONAL_ID: (
        "so dinh danh ca nhan", "ma dinh danh ca nhan", "dinh danh ca nhan", "so dinh danh", "so ddcn", "ddcn",
        "so cccd", "cccd", "so can cuoc", "so can cuoc cong dan", "so cccd/ddcn", "so ddcn/cccd",
    ),
}  # fmt: skip

# Data that no purpose here needs, or that the school has not asked for: recognised so that the preview can say that it
# is left out (Law 91/2025, art. on collecting the least; vietnam.md 3.1). Their cells are never looked at.
_PERSONAL: Final = re.compile(
    r"\b(cha|bo|me|phu huynh|nguoi giam ho|giam ho|sdt|dien thoai|dtdd|dt|dia chi|cho o|thuong tru|tam tru|ho khau|"
    r"que quan|noi sinh|khai sinh|cmnd|cccd|cmt|ddcn|dinh danh ca nhan|so dinh danh|can cuoc|ho chieu|email|"
    r"thu dien tu|ton giao|bhyt|bao hiem|benh|suc khoe|tai khoan|ngan hang|facebook|zalo|phuong|xa|huyen|tinh|thon|"
    r"quoc tich)\b"
)


_YEAR_BEHIND: Final = re.compile(r" (nam hoc |nam |nh )?20\d\d ?[-–/] ?20\d\d$")
"""'Lớp năm học 2026-2027' is 'Lớp'."""
_ENGLISH: Final = frozenset(
    {"full name", "name", "student name", "date of birth", "birth date", "birthday", "dob", "sex", "gender", "class",
     "ethnicity", "student id", "student code", "id", "grade", "no"}
)  # fmt: skip
"""The other half of a heading in two languages, "Họ và tên / Full name"."""

# What only a list of staff has a column for, and what two of tell as well: "Chức vụ" alone may be the lớp trưởng's.
_STAFF_ALONE: Final = frozenset(
    {"mon day", "mon giang day", "day mon", "vi tri viec lam", "trinh do chuyen mon", "trinh do dao tao",
     "chuyen mon dao tao", "hinh thuc hop dong", "hop dong", "bien che", "ngay vao nganh", "ngay tuyen dung", "ngach",
     "he so luong", "ma can bo", "ma giao vien", "to chuyen mon"}
)  # fmt: skip
_STAFF_TOGETHER: Final = frozenset(
    {"chuc vu", "chuc danh", "trinh do", "chuyen mon", "nhiem vu", "phan cong", "mon"}
)

_COLUMN_NUMBER: Final = re.compile(r"\s*\(?\s*(\d{1,2}(\.0)?|[A-Za-z])\s*\)?\s*")


@dataclass(frozen=True, slots=True)
class Headings:
    """What a heading row says: the column of each field, and every heading as the file writes it, by column."""

    row: int
    columns: Mapping[Field, int]
    written: Mapping[int, str]
    birth_parts: tuple[int, int, int] | None = None
    """The columns of day, month and year where a second heading row splits the date of birth."""
    births_by_sex: tuple[int, int] | None = None
    """The columns "Nam" and "Nữ" where the date of birth stands under the pupil's sex."""

    def written_for(self, *fields: Field) -> str:
        """Return the file's heading of the first of these fields that has a column, "" when none has."""
        return next((self.written[self.columns[field]] for field in fields if field in self.columns), "")

    @property
    def has_name(self) -> bool:
        """Whether people's names have a column, or two."""
        return Field.NAME in self.columns or {Field.FAMILY, Field.GIVEN} <= set(self.columns)

    @property
    def is_of_staff(self) -> bool:
        """Whether the columns are those of a list of teachers, who have names, birth dates and classes too."""
        folded = {folded_heading(heading) for heading in self.written.values()}
        return bool(folded & _STAFF_ALONE) or len(folded & _STAFF_TOGETHER) > 1

    def unused(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return (personal data that is left out, headings that mean nothing here)."""
        used = set(self.columns.values())
        others = [heading for column, heading in sorted(self.written.items()) if column not in used]
        personal = tuple(heading for heading in others if is_personal(heading))
        return personal, tuple(heading for heading in others if heading not in personal)


def is_personal(heading: str) -> bool:
    """Say whether a heading announces data about the person or the family that a roster does not need."""
    return bool(_PERSONAL.search(folded_heading(heading)))


def may_mean(heading: str, field: Field, reading: Reading) -> bool:
    """Say whether a school may teach that a heading means a field.

    A personal field must be switched on, and a heading that announces personal data never fills another field.
    """
    return field in reading.contact if field in CONTACT_FIELDS else not is_personal(heading)


def find_headings(sheet: Sheet, reading: Reading = AS_IT_IS) -> Headings | None:
    """Return the headings of a sheet: the first row among the first 15 that names the pupils and something else.

    Where no row does, the one with most known headings (at least two) is returned, so that the refusal can name what
    was found; None where nothing looks like headings at all.
    """
    candidates = [headings_of(row, reading) for row in sheet.rows if row.number <= HEADING_ROWS]
    for place, found in enumerate(candidates):
        if found.has_name and len(found.columns) >= 3:  # noqa: PLR2004 - a title row never names three fields
            below = [row for row in sheet.rows[place + 1 : place + 2] if row.number == found.row + 1]
            return next((both for row in below if (both := with_second_row(found, row, reading))), found)
    best = max(candidates, key=lambda found: len(found.columns), default=None)
    return best if best is not None and len(best.columns) >= 2 else None  # noqa: PLR2004


def headings_of(row: SheetRow, reading: Reading = AS_IT_IS) -> Headings:
    """Return what the cells of one row mean as headings."""
    written = {
        column: clean_text(cell)
        for column, cell in enumerate(row.cells)
        if isinstance(cell, str) and cell.strip() and len(cell) <= LONGEST_HEADING
    }
    ranks: dict[Field, tuple[int, int]] = {}
    for column, heading in written.items():
        for field, rank in _meanings(heading, reading):
            if field not in ranks or rank < ranks[field][0]:
                ranks[field] = (rank, column)
    columns = {field: column for field, (_, column) in ranks.items()}
    if Field.NAME in columns or Field.FAMILY not in columns:
        columns.pop(Field.FAMILY, None)  # "Tên" beside "Họ và tên", or alone, is not half of a name
        given = columns.pop(Field.GIVEN, None)
        if Field.NAME not in columns and given is not None:
            columns[Field.NAME] = given
    if Field.SEX in columns:
        columns.pop(Field.FEMALE, None)
    parts = _birth_parts({column: folded_heading(heading) for column, heading in written.items()})
    if parts is not None:
        columns[Field.BIRTH_DATE] = parts[0]
    return Headings(row.number, columns, written, parts)


def with_second_row(headings: Headings, row: SheetRow, reading: Reading = AS_IT_IS) -> Headings | None:
    """Return the headings completed by a second heading row, None if the row is none.

    Such a row divides what stands above it: "Giới tính" into "Nam | Nữ", "Họ và tên" into "Họ và chữ lót | Tên",
    "Ngày sinh" into "Ngày | Tháng | Năm", or into "Nam | Nữ" with each date under the pupil's sex. Every cell of it is
    a heading; one unknown word makes it a row of its own.
    """
    below = headings_of(row, reading)
    folded = {column: folded_heading(heading) for column, heading in below.written.items()}
    if not folded or len(folded) != sum(cell != "" for cell in row.cells):
        return None
    if not all(
        text in _DIVISIONS or _meanings(below.written[column], reading) for column, text in folded.items()
    ):
        return None
    by_sex = _births_by_sex(headings, folded)
    columns = {**headings.columns, **_divided(headings, folded)}
    columns |= {field: column for field, column in below.columns.items() if field not in columns}
    if Field.FEMALE in columns:
        columns.pop(Field.SEX, None)
    if Field.FAMILY in columns:
        columns.pop(Field.NAME, None)
    parts = _birth_parts(folded) or headings.birth_parts
    written = {**headings.written, **below.written}
    if parts is not None and parts != headings.birth_parts:
        columns[Field.BIRTH_DATE] = parts[0]
        written[parts[0]] = headings.written_for(Field.BIRTH_DATE) or written[parts[0]]
    if by_sex is not None:
        written |= {
            column: f"{headings.written_for(Field.BIRTH_DATE)} {written[column]}" for column in by_sex
        }
    return Headings(row.number, columns, written, parts, by_sex)


_DIVISIONS: Final = frozenset({"nam", "nu", "ngay", "thang"})


def _divided(headings: Headings, folded: Mapping[int, str]) -> dict[Field, int]:
    """Return the columns of the halves of a name and of "Nữ", where the second row divides them."""
    names = {text: column for column, text in folded.items()}
    divided = {Field.FEMALE: names["nu"]} if "nu" in names else {}
    family = next((names[text] for text in ALIASES[Field.FAMILY] if text in names), None)
    if family is not None and "ten" in names and headings.has_name:
        divided |= {Field.FAMILY: family, Field.GIVEN: names["ten"]}
    return divided


def _birth_parts(folded: Mapping[int, str]) -> tuple[int, int, int] | None:
    """Return the columns of "Ngày | Tháng | Năm", however much of "sinh" is written behind each."""
    for column in folded:
        three = [folded.get(column + place, "").removesuffix(" sinh") for place in range(3)]
        if three == ["ngay", "thang", "nam"]:
            return column, column + 1, column + 2
    return None


def _births_by_sex(headings: Headings, folded: Mapping[int, str]) -> tuple[int, int] | None:
    """Return the columns where "Ngày sinh" stands over "Nam | Nữ": each date is in the column of the pupil's sex."""
    born = headings.columns.get(Field.BIRTH_DATE)
    if born is None or (folded.get(born), folded.get(born + 1)) != ("nam", "nu"):
        return None
    return born, born + 1


def is_numbering(cells: Iterable[Cell]) -> bool:
    """Say whether a row only numbers the columns, as official forms do under the headings: (1) (2) (3), A B 1 2."""
    texts = [str(cell) for cell in cells if cell != ""]
    return len(texts) > 2 and all(_COLUMN_NUMBER.fullmatch(text) for text in texts)  # noqa: PLR2004


def _meanings(heading: str, reading: Reading) -> list[tuple[Field, int]]:
    folded = folded_heading(heading)
    taught = reading.aliases.get(folded)
    if taught is not None and may_mean(heading, taught, reading):
        return [(taught, TAUGHT)]
    spellings = _spellings(heading)
    return [
        (field, aliases.index(name))
        for field, aliases in ALIASES.items()
        if field not in CONTACT_FIELDS or field in reading.contact
        for name in [next((one for one in spellings if one in aliases), "")]
        if name
    ]


@lru_cache(maxsize=4096)
def _spellings(heading: str) -> tuple[str, ...]:
    """Return what a heading may be found by: itself, without what stands in brackets, without a year or its English."""
    short = folded_heading(re.sub(r"\([^)]*\)", " ", heading))
    found = [folded_heading(heading), short, _YEAR_BEHIND.sub("", short)]
    first, _sign, second = (part.strip() for part in short.partition("/"))
    found += [first] if second in _ENGLISH else [second] if first in _ENGLISH else []
    return tuple(re.sub(r" ?([/&]) ?", r"\1", name) for name in found)  # "Nam/ Nữ" over two lines of a cell


@lru_cache(maxsize=4096)
def folded_heading(heading: str) -> str:
    """Fold a heading as vietnam.md 3.1 says: unaccented, lower, single spaces, without .:;,()[]*."""
    return " ".join(re.sub(r"[.:;,()\[\]*]", " ", fold(heading)).split())
