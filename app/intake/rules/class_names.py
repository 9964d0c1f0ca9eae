"""Names of classes as files write them, and as Excel spoils them; the grade that a name begins with."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from app.i18n import say
from app.intake.rules.values import DAY_ZERO, DAYS_TO_1904, MONTHS, SERIALS, BadValueError, echo, text_of
from app.text import clean_name, fold

if TYPE_CHECKING:
    from app.intake.rules.rows import Cell

LONGEST_CLASS: Final = 20
_CLASS_WORD: Final = re.compile(r"^l[oớơ]p\b\s*:?\s*", re.IGNORECASE)
_COUNTED_CLASS: Final = re.compile(
    r"[0-9]{1,2}[a-zđ]{0,3}[0-9]{0,2}([/.\-_][0-9a-zđ]{1,3})?|"
    r"[a-zđ]{1,2}[0-9]{1,2}[a-zđ]?"
)
SEPARATORS: Final = "/.-_"
_NAMED_CLASS: Final = re.compile(
    r"(?:1[0-2]|[1-9])[ \-]?(?:chuyên |ch )?(?:toán|(?:ngữ )?văn|vật l[ýí]|l[ýí]|h[oó][áa]( học)?|sinh( học)?|anh|"
    r"tin( học)?|lịch sử|sử|địa( lí| lý)?|nga|pháp|trung|nhật|hàn|đức|tiếng \w+|khxh|khtn|chất lượng cao|tự nhiên|"
    r"xã hội|cơ bản|nâng cao|tích hợp|song ngữ|hòa nhập|hoà nhập)(?: ?\d{1,2})?",
    re.IGNORECASE,
)
"""Classes called after a subject or a stream: "10 Toán", "11 chuyên Anh 2"."""


def class_name(
    cell: Cell, grade: int | None = None, *, separator: str = "/", epoch_1904: bool = False
) -> str:
    """Return a class's name: "lớp 6a1" is 6A1; a date is the "4/7" that Excel took for one, as day/month.

    Of the two readings of such a date the one that begins with the row's grade is taken, when the file names it: an
    American Excel stores 4/7 as the seventh of April. `separator` is what the sheet's other classes are written with.
    """
    if isinstance(cell, str):
        cell = _class_in_date_words(clean_name(cell))
    if isinstance(cell, float | int) and not isinstance(cell, bool) and cell in SERIALS:
        cell = DAY_ZERO + timedelta(days=int(cell) + (DAYS_TO_1904 if epoch_1904 else 0))
    if isinstance(cell, date):
        first, second = (cell.month, cell.day) if grade == cell.month != cell.day else (cell.day, cell.month)
        return f"{first}{separator}{second}"
    name = _CLASS_WORD.sub("", clean_name(text_of(cell))).rstrip(" .,;:/-")
    if match := re.fullmatch(
        r"0([1-9])\s*([/.\-])\s*0?(\d{1,2})", name
    ):  # "04/07": a class that a date format took
        name = "".join(match.groups())
    packed = name.replace(" ", "")
    if _COUNTED_CLASS.fullmatch(packed.lower()):
        name = packed.upper()
    elif name in {name.lower(), name.upper()}:
        name = " ".join(word.capitalize() for word in name.split(" "))  # "10 chuyên văn", "10 TOÁN"
    if not name:
        raise BadValueError(say("Thiếu lớp. Hãy ghi tên lớp của học sinh, ví dụ 4/2."))
    if len(name) > LONGEST_CLASS:
        raise BadValueError(say("Tên lớp “%(value)s” quá dài. Hãy kiểm tra lại ô này.", value=echo(cell)))
    return name


def _class_in_date_words(text: str) -> Cell:
    """Undo what a CSV keeps of such a class: "04/07/2026", "2026-07-04", "4-Thg7", "04-Jul"."""
    if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})([ T].*)?", text):
        return f"{int(match[3])}/{int(match[2])}"
    if match := re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]20\d{2}", text):
        return f"{int(match[1])}/{int(match[2])}"
    if match := re.fullmatch(r"(\d{1,2})[\- ]thg ?(\d{1,2})", fold(text)):
        return f"{int(match[1])}/{int(match[2])}"
    if (match := re.fullmatch(r"(\d{1,2})-([a-z]{3})", fold(text))) and match[2] in MONTHS:
        return f"{int(match[1])}/{MONTHS.index(match[2]) + 1}"
    return text


def with_grade(name: str, grade: int, separator: str) -> str:
    """Return a class with its grade before it: 6 and A1 are 6A1, 6 and 2 are 6/2; one that begins with it stays."""
    if re.match(rf"0?{grade}(?!\d)", name) and not name.isdecimal():
        return name
    return f"{grade}{separator}{name}" if name[0].isdecimal() else f"{grade}{name}"


def is_class_name(text: str) -> bool:
    """Say whether a text can only be a class's name (6A1, 4/2, 10.1, 4-7), not a bare number or a word."""
    packed = clean_name(text).replace(" ", "").lower()
    if _NAMED_CLASS.fullmatch(clean_name(text)):
        return True
    return bool(_COUNTED_CLASS.fullmatch(packed)) and packed[0].isdigit() and not packed.isdecimal()


def _is_class_behind_the_word(text: str) -> bool:
    """Say whether what stands behind the word "lớp" is a class's name; there L2B is one."""
    packed = clean_name(text).replace(" ", "").lower()
    return is_class_name(text) or bool(_COUNTED_CLASS.fullmatch(packed) and not packed.isdecimal())


_BEFORE_CLASS: Final = re.compile(
    r"^(?:(?:ds|hs|tkb|danh sách|danh sach|học sinh|hoc sinh|thời khóa biểu|lớp|lơp|lop)[\s_:.\-]+)+",
    re.IGNORECASE,
)
_BEHIND_CLASS: Final = re.compile(
    r"[\s_]*\(\d+\)$|[\s_\-]+(?:(?:năm học|nam hoc|năm|nam|nh)[\s_]*)?20\d\d(?:\s?[\-–_]\s?(?:20)?\d\d)?$",
    re.IGNORECASE,
)


def class_of_sheet(sheet_name: str) -> str | None:
    """Return the class that a sheet is called after: 4A, "Lớp 4A", "DS_4A", "4A (2)", "4A-2026", None for no class."""
    name = re.sub(r"^l[ớơo]p\s*", "", sheet_name.strip(), flags=re.IGNORECASE)
    for text in (name, _BEHIND_CLASS.sub("", _BEFORE_CLASS.sub("", clean_name(sheet_name)))):
        if is_class_name(text) or re.fullmatch(r"l\d{1,2}[a-zđ]\d?", text.lower()):
            return class_name(text)
    return None


_BEHIND_ON_LINE: Final = re.compile(
    r"\s[\-–/]\s|\s*[,;(:|]|\.\s|"
    r"\s(?:gvcn|năm|nh|sĩ số|ss|cô|thầy|giáo viên|học kỳ|hk|tháng|tuần)\b",
    re.IGNORECASE,
)


def class_on_line(line: str) -> str | None:
    """Return the class of a line such as "LỚP 1A", "Danh sách học sinh lớp 12.6 - GVCN: …", None for any other line."""
    cleaned = clean_name(line)
    match = re.search(r"(?:^|\s)l[ớơo]p(?: học)?\s*:?\s*(\S.*)$", cleaned, re.IGNORECASE)
    if match is None:
        counted = re.fullmatch(
            r"(\S+)\s*[-:(,]\s*(?:\d+ ?(?:hs|học sinh|em)|sĩ số|ss|gvcn|gv)\b.*", cleaned, re.IGNORECASE
        )
        named = counted[1] if counted else cleaned
        return class_name(named) if is_class_name(named) else None
    rest = _BEHIND_ON_LINE.split(match[1], maxsplit=1)[0].strip()
    if _is_class_behind_the_word(rest):
        return class_name(rest)
    begins = cleaned.lower().startswith(("lớp", "lop", "lơp"))
    return class_name(rest) if begins and re.search(r"\d", rest) and len(rest) <= LONGEST_CLASS // 2 else None


def grade(cell: Cell) -> int | None:
    """Return the grade (1 to 12) of a cell such as 6, "Khối 6" or "K6", None when there is none."""
    match = re.fullmatch(r"\D{0,12}(\d{1,2})", fold(text_of(cell)))
    number = int(match[1]) if match else 0
    return number if 1 <= number <= 12 else None  # noqa: PLR2004


def grade_of_class(name: str) -> int:
    """Return the grade that a class's name begins with (6A1 -> 6, 4/2 -> 4, L2B -> 2)."""
    match = re.search(r"\d+", name)
    number = int(match[0]) if match and len(match[0]) <= 3 else 0  # noqa: PLR2004
    if not 1 <= number <= 12:  # noqa: PLR2004
        raise BadValueError(
            say("Không biết lớp “%(value)s” thuộc khối nào. Hãy ghi tên lớp bắt đầu bằng số khối (1 đến 12) "
                "hoặc thêm cột Khối.", value=echo(name))
        )  # fmt: skip
    return number
