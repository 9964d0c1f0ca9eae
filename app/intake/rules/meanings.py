"""What a heading means: the spellings that are known, and what the words of any other heading can only mean."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from app.intake.rules.rows import CONTACT_FIELDS, Field
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.intake.rules.rows import Reading

TAUGHT: Final = -1
"""The rank of what a school taught: before every heading that the reader knows by itself."""
OF_THIS_YEAR: Final = 0
"""The rank of "Lớp năm học 2026-2027" in a file for that year: it is the class, whatever stands under "Lớp"."""
GUESSED: Final = 1_000
"""The rank of a heading that is not among the known spellings, behind all of those."""

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
    Field.MIDDLE: ("ten dem", "ten lot", "chu dem", "dem", "chu lot", "lot"),
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


_YEAR_BEHIND: Final = re.compile(r" (?:nam hoc |nam |nh )?(20\d\d) ?[-–/] ?20\d\d$")
"""'Lớp năm học 2026-2027' is 'Lớp'; of an earlier year it is not."""
_ENGLISH: Final = frozenset(
    {"full name", "name", "student name", "date of birth", "birth date", "birthday", "dob", "sex", "gender", "class",
     "ethnicity", "student id", "student code", "id", "grade", "no"}
)  # fmt: skip
"""The other half of a heading in two languages, "Họ và tên / Full name"."""


def is_personal(heading: str) -> bool:
    """Say whether a heading announces data about the person or the family that a roster does not need."""
    return bool(_PERSONAL.search(folded_heading(heading)))


def may_mean(heading: str, field: Field, reading: Reading) -> bool:
    """Say whether a school may teach that a heading means a field.

    A personal field must be switched on, and a heading that announces personal data never fills another field.
    """
    return field in reading.contact if field in CONTACT_FIELDS else not is_personal(heading)


def meanings(heading: str, reading: Reading) -> list[tuple[Field, int]]:
    """Return the fields that a heading can stand for, each with its rank (the lowest wins)."""
    folded = folded_heading(heading)
    taught = reading.aliases.get(folded)
    if taught is not None and may_mean(heading, taught, reading):
        return [(taught, TAUGHT)]
    spellings, year = _spellings(heading)
    if year and year < reading.first_year:
        return []
    found = [
        (field, OF_THIS_YEAR if year and field is Field.CLASS else 1 + aliases.index(name))
        for field, aliases in ALIASES.items()
        if field not in CONTACT_FIELDS or field in reading.contact
        for name in [next((one for one in spellings if one in aliases), "")]
        if name
    ]
    if found:
        return found
    guessed = next((field for one in spellings if (field := _guessed(one)) is not None), None)
    return [(guessed, GUESSED)] if guessed is not None else []


_OF_OTHERS: Final = re.compile(
    r"\b(cha|bo(?! gd| giao duc| gddt)|me|ba|ong|phu huynh|phhs|ph|giam ho|giao vien|gv|gvcn|chu nhiem|chu ho|nguoi|"
    r"anh|chi|noi|cap|cu|truoc|da hoc|truong|(?<!gioi )tinh(?! trang)|huyen|xa|phuong|the|noi bo|bhyt|bao hiem|"
    r"gia dinh|cong dan|ca nhan|cccd|khuyet tat|diem|ho so|thieu so|it nguoi|ngheo|ngay nhap|cap nhat|vao|moi sinh|"
    r"giay|khai bao)\b"
)
"""Words that make a heading one about somebody or something else: "Ngày sinh mẹ", "Lớp cũ", "Nơi sinh"."""
_OF_PUPILS: Final = r"( cua)?( hoc sinh| hs| tre| hoc vien| cac em| em| chau)?"
_CAN_ONLY_MEAN: Final[tuple[tuple[Field, re.Pattern[str]], ...]] = (
    (Field.CODE, re.compile(r"(ma|id)\b.*\b(hoc sinh|hs|hoc vien|dinh danh|dd|ddhs|moet|csdl)\b.*")),
    (Field.FAMILY, re.compile(rf"ho\b.*\b(dem|lot){_OF_PUPILS}")),
    (Field.MIDDLE, re.compile(rf"(ten |chu |ten chu )?(dem|lot){_OF_PUPILS}")),
    (Field.GIVEN, re.compile(rf"ten( rieng| goi)?{_OF_PUPILS}")),
    (Field.NAME, re.compile(rf"ho\b.*\bten\b.*|ten( day du)?{_OF_PUPILS}")),
    (Field.BIRTH_DATE, re.compile(r"(ngay|ng|ntn|n t n|nam|ngay thang)\b.*\bsinh\b.*|sinh (ngay|nam)\b.*|ntns.*")),
    (Field.SEX, re.compile(r".*\bgioi tinh\b.*|nam ?[/,-]? ?(hay |hoac )?nu")),
    (Field.FEMALE, re.compile(r"(la |hoc sinh |hs |em |gioi tinh )?(nu|con gai|gai)( x| danh x| danh dau x)?")),
    (Field.CLASS, re.compile(
        rf"(ten |ma |hoc |dang hoc |xep |phan )?lop( hoc| hien tai| hien nay| moi| nay| nam nay| dang hoc| theo hoc|"
        rf" hanh chinh| chinh khoa| chinh| duoc xep| nam hoc)*{_OF_PUPILS}")),
    (Field.GRADE, re.compile(rf"(ten |ma )?khoi( lop| hoc)?{_OF_PUPILS}")),
    (Field.ETHNICITY, re.compile(rf"(ten |thanh phan )?dan toc{_OF_PUPILS}")),
    (Field.STATUS, re.compile(rf"(trang thai|tinh trang)( hoc tap| hoc| di hoc)?{_OF_PUPILS}")),
)  # fmt: skip


@lru_cache(maxsize=4096)
def _guessed(folded: str) -> Field | None:
    """Return what a heading can only mean by its words: "Mã ĐD Bộ GD&ĐT", "Họ, tên đệm và tên khai sinh"."""
    if _OF_OTHERS.search(folded):
        return None
    return next((field for field, pattern in _CAN_ONLY_MEAN if pattern.fullmatch(folded)), None)


@lru_cache(maxsize=4096)
def _spellings(heading: str) -> tuple[tuple[str, ...], int]:
    """Return what a heading may be found by, and the school year that it names, 0 for none.

    Itself, without what stands in brackets, without a year or its English.
    """
    short = folded_heading(re.sub(r"\([^)]*\)", " ", heading))
    year = _YEAR_BEHIND.search(folded_heading(heading)) or _YEAR_BEHIND.search(short)
    found = [folded_heading(heading), short, _YEAR_BEHIND.sub("", short)]
    first, _sign, second = (part.strip() for part in short.partition("/"))
    found += [first] if second in _ENGLISH else [second] if first in _ENGLISH else []
    names = tuple(re.sub(r" ?([/&]) ?", r"\1", name) for name in found)  # "Nam/ Nữ" over two lines of a cell
    return names, int(year[1]) if year else 0


@lru_cache(maxsize=4096)
def folded_heading(heading: str) -> str:
    """Fold a heading as vietnam.md 3.1 says: unaccented, lower, single spaces, without .:;,()[]*."""
    return " ".join(re.sub(r"[.:;,()\[\]*]", " ", fold(heading)).split())
