"""One cell into one value: codes, names, dates and sexes, as Vietnamese school files write them.

Each function returns the value, or raises BadValueError with words for the person who mends the file.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from app.i18n import Phrase, say
from app.intake.rules.rows import Sex
from app.text import clean_name, clean_text, fold, title_case_name

if TYPE_CHECKING:
    from app.intake.rules.rows import Cell

CODE_DIGITS: Final = 10
PERSONAL_ID_DIGITS: Final = 12
LONGEST_NAME: Final = 100
LONGEST_ECHO: Final = 40
OLDEST_BIRTH_YEAR: Final = 1900
SERIALS: Final = range(7_000, 60_000)  # 1919 to 2064; a bare year is far below
DAY_ZERO: Final = date(1899, 12, 30)
DAYS_TO_1904: Final = 1462


class BadValueError(ValueError):
    """A cell that cannot be used; `phrase` says why and what to do."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase)
        self.phrase = phrase


def text_of(cell: Cell) -> str:
    """Return a cell as a person would read it: 6.0 is "6", a date is dd/mm/yyyy."""
    if isinstance(cell, bool):
        return "x" if cell else ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - exact below 2**53
        return str(int(cell))
    if isinstance(cell, date):
        return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
    return clean_text(str(cell))


def echo(cell: Cell) -> str:
    """Return a cell shortened for a message."""
    text = text_of(cell)
    return text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 1] + "…"


def pupil_code(cell: Cell, *, untyped: bool = False) -> str | None:
    """Return the ministry's 10 digits, None for an empty cell or a temporary key (TAM-…).

    A number (in a CSV any text, hence `untyped`) of 9 digits has lost the zero that codes of provinces 01 to 09 begin
    with; no other length can be mended, and a number in scientific notation has lost its last digits.
    """
    text = text_of(cell)
    if isinstance(cell, str):
        text = re.sub(
            r"[\s'.\-]", "", re.sub(r"^(\d{9,10})\.0+$", r"\1", text)
        )  # 7501000001.0: a program's number
    if fold(text) in _NO_CODE_YET or re.fullmatch(r"tam\W?\w*", fold(text)):
        return None
    if re.fullmatch(r"\d+([.,]\d+)?e\+?\d+", text.lower()):
        raise BadValueError(
            say("Mã “%(value)s” bị Excel viết tắt nên mất số. Hãy định dạng cột là Văn bản rồi nhập lại đủ 10 chữ số.",
                value=echo(cell))
        )  # fmt: skip
    if len(text) == CODE_DIGITS - 1 and text.isdecimal() and (untyped or not isinstance(cell, str)):
        text = "0" + text
    if re.fullmatch(rf"[0-9]{{{PERSONAL_ID_DIGITS}}}", text):  # never repeated in a message
        raise BadValueError(
            say(
                "Đây là số có 12 chữ số (giống số định danh cá nhân), không phải mã học sinh 10 chữ số. Hãy sửa lại."
            )
        )
    if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", text):
        raise BadValueError(
            say(
                "Mã “%(value)s” không đủ 10 chữ số. Hãy sửa lại; nếu học sinh chưa có mã thì để trống.",
                value=echo(cell),
            )
        )
    return text


_NO_CODE_YET: Final = frozenset(
    {"", "-", "--", "chuaco", "chuacoma", "chuacap", "khong", "khongco", "n/a", "na"}
)


def full_name(cell: Cell) -> str:
    """Return a name as it is kept: clean, capitals only where they belong.

    Without "(Lớp trưởng)" or a mark behind it, without the number in the list before it.
    """
    written = re.sub(r"^\d{1,3}\s*[.)\-]\s*(?=[^\W\d_])", "", clean_name(text_of(cell)))
    written = re.sub(r"\s+\([^()]*\)$", "", written).rstrip(" .,;*")
    name = title_case_name(written.upper() if written == written.lower() else written)
    if not name:
        raise BadValueError(say("Thiếu họ tên. Hãy nhập họ và tên của học sinh."))
    if len(name) > LONGEST_NAME:
        raise BadValueError(
            say("Họ tên dài hơn %(longest)s ký tự. Hãy kiểm tra lại ô này.", longest=LONGEST_NAME)
        )
    if (
        "�" in name
        or name.startswith("#")
        or re.search(r"\w\?", name)
        or not any(sign.isalpha() for sign in name)
    ):
        raise BadValueError(
            say("Họ tên “%(value)s” bị mất dấu hoặc không phải tên. Hãy nhập lại.", value=echo(cell))
        )
    return name


def birth_date(cell: Cell, first_year: int, *, epoch_1904: bool = False) -> date:
    """Return a date of birth from any usual spelling; day before month, always.

    `first_year` is the year in which the school year begins: it decides the century of two digits, and nobody at
    school was born after it.
    """
    if text_of(cell) == "":
        raise BadValueError(say("Thiếu ngày sinh. Hãy nhập theo dạng ngày/tháng/năm, ví dụ 25/05/2019."))
    found = any_date(cell, first_year, epoch_1904=epoch_1904)
    if not OLDEST_BIRTH_YEAR < found.year <= first_year:
        raise BadValueError(
            say("Ngày sinh %(value)s không hợp lý. Hãy kiểm tra lại năm sinh.", value=text_of(found))
        )
    return found


_WRITTEN_OUT: Final = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.\-\s,\\_:]{1,3}(\d{1,2})[/.\-\s,\\_:]{1,3}(\d{4}|\d{2})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
_MONTH_NAMED: Final = re.compile(
    r"(\d{1,2})[/.\-\s]*(?:th(?:g|ang)?\.?\s*(\d{1,2})|([a-z]{3,9}))[/.\-\s,]*(\d{4}|\d{2})"
)
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK_TIME: Final = re.compile(r"[ t]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?(?:[ap]m|sa|ch))?z?$")


def any_date(cell: Cell, first_year: int, *, epoch_1904: bool = False) -> date:
    """Return the date that a cell means: a date, an Excel serial, d/m/y with any separator, or ISO y-m-d."""
    if isinstance(cell, date):
        return cell
    text = _CLOCK_TIME.sub("", fold(text_of(cell)).lstrip("'")).strip(" .,;")
    text = re.sub(r"\s*\([^()]*\)$", "", text)  # "05/09/2017 (khai sinh)"
    text = re.sub(r"\bo(?=\d)|(?<=\d)o\b", "0", text)  # a letter typed for a nought
    text = re.sub(r"^ngay[ :]+(?=[\d/.\- ]+$)", "", text)
    if re.fullmatch(r"\d{4,5}(\.\d+)?", text):
        return _of_number(cell, float(text), DAYS_TO_1904 if epoch_1904 else 0)
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return _day(cell, day, month, year)
    if match := _DAY_FIRST.fullmatch(text) or _WRITTEN_OUT.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        return _day(cell, day, month, _century(year, first_year) if len(match[3]) == 2 else year)  # noqa: PLR2004
    if match := _MONTH_NAMED.fullmatch(text):
        return _of_named_month(cell, match, first_year)
    if re.fullmatch(r"[0-9]{7,8}", text):
        return _of_digits(cell, text.zfill(8))
    raise _no_date(cell)


def _of_named_month(cell: Cell, match: re.Match[str], first_year: int) -> date:
    """Return the date of "05-Thg9-2017" and "5-Sep-17", as Excel shows dates to some people."""
    word, year = (match[3] or "")[:3], int(match[4])
    if match[2] is None and word not in MONTHS:
        raise _no_date(cell)
    month = int(match[2]) if match[2] else MONTHS.index(word) + 1
    return _day(cell, int(match[1]), month, _century(year, first_year) if len(match[4]) == 2 else year)  # noqa: PLR2004


def _of_digits(cell: Cell, digits: str) -> date:
    """Return the date of 05092017 (or 5092017, where a zero was lost), and of 20170905 where no day reads so."""
    try:
        return _day(cell, int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except BadValueError:
        if not digits.startswith(("19", "20")):
            raise
        return _day(cell, int(digits[6:]), int(digits[4:6]), int(digits[:4]))


def _of_number(cell: Cell, number: float, shift: int) -> date:
    if OLDEST_BIRTH_YEAR <= number < OLDEST_BIRTH_YEAR + 200:
        raise BadValueError(
            say("“%(value)s” chỉ có năm. Hãy nhập đủ ngày/tháng/năm, ví dụ 25/05/2019.", value=echo(cell))
        )
    if int(number) + shift not in SERIALS:
        raise _no_date(cell)
    return DAY_ZERO + timedelta(days=int(number) + shift)


def _century(two_digits: int, first_year: int) -> int:
    """Return the year of two digits; nobody is younger than the school year: 19 is 2019, 98 is 1998."""
    year = 2000 + two_digits
    return year if year <= first_year else year - 100


def _day(cell: Cell, day: int, month: int, year: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        if month > 12 >= day:  # noqa: PLR2004 - months
            raise BadValueError(
                say(
                    "Không có ngày “%(value)s” trong lịch; có lẽ tháng được ghi trước ngày. Hãy xem lại cả cột và ghi "
                    "theo dạng ngày/tháng/năm, ví dụ 25/05/2019.",
                    value=echo(cell),
                )
            ) from error
        raise BadValueError(
            say("Không có ngày “%(value)s” trong lịch. Hãy nhập theo dạng ngày/tháng/năm, ví dụ 25/05/2019.",
                value=echo(cell))
        ) from error  # fmt: skip


def _no_date(cell: Cell) -> BadValueError:
    return BadValueError(
        say(
            "“%(value)s” không phải ngày. Hãy nhập theo dạng ngày/tháng/năm, ví dụ 25/05/2019.",
            value=echo(cell),
        )
    )


_SEXES: Final = {"nam": Sex.MALE, "trai": Sex.MALE, "male": Sex.MALE, "m": Sex.MALE,
                 "nu": Sex.FEMALE, "gai": Sex.FEMALE, "female": Sex.FEMALE, "f": Sex.FEMALE}  # fmt: skip
_CROSSES: Final = frozenset({"x", "v", "✓", "✔", "☑", "√", "+", "*", "1", "nu", "co", "true", "•", "●", "×"})
_BLANKS: Final = frozenset({"", "nam", "0", "-", "false", "khong"})


def sex(cell: Cell) -> Sex:
    """Return the sex from a column "Giới tính"."""
    folded = fold(text_of(cell)).strip(" .,;")
    if not folded:
        raise BadValueError(say("Thiếu giới tính. Hãy ghi Nam hoặc Nữ."))
    if folded not in _SEXES:
        raise BadValueError(say("Giới tính “%(value)s” không rõ. Hãy ghi Nam hoặc Nữ.", value=echo(cell)))
    return _SEXES[folded]


def sex_by_cross(cell: Cell) -> Sex:
    """Return the sex from a column "Nữ" that has a cross for girls and nothing for boys."""
    folded = fold(text_of(cell))
    if folded in _BLANKS:
        return Sex.MALE
    if folded in _CROSSES:
        return Sex.FEMALE
    raise BadValueError(
        say("Ô “Nữ” ghi “%(value)s”, không rõ. Hãy đánh dấu x cho học sinh nữ, để trống cho học sinh nam.",
            value=echo(cell))
    )  # fmt: skip
