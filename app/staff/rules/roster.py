"""Understands a staff roster: finds the heading row, reads people, says which rows will not do and why."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from app.i18n import N_
from app.intake.rules.headings import is_numbering
from app.intake.rules.rows import UnreadableFileError
from app.intake.rules.tables import refuse_legacy
from app.text import clean_name, clean_text, fold, title_case_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.intake.rules.rows import Cell, Sheet, SheetRow

HEADING_ROWS: Final = 15
MOST_PEOPLE: Final = 2000
LONGEST: Final = {"name": 120, "email": 120, "position": 120, "duty_group": 120, "subjects": 200, "code": 32}
EMAIL: Final = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+")

# Folded headings by meaning, the earlier alias winning; from CSDL_GiaoVien and the staff lists of vietnam.md 3.1.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": (
        "ho ten", "ho va ten", "ho&ten", "ho ten can bo", "ho va ten can bo", "ho ten giao vien", "ho va ten giao vien",
        "ho ten gv", "ho va ten gv", "ho ten nhan vien", "ho va ten nhan vien", "ho ten nhan su", "ho va ten nhan su",
        "ho ten cb gv nv", "ho va ten cb gv nv", "ho ten cbgvnv", "ho va ten cbgvnv", "ten giao vien", "giao vien",
        "ho va ten can bo giao vien nhan vien", "ho va ten khai sinh", "ho ten khai sinh",
    ),
    "family": ("ho va chu dem", "ho dem", "ho va ten dem", "ho lot", "ho va chu lot", "ho"),
    "given": ("ten",),
    "email": ("email", "e-mail", "thu dien tu", "dia chi email", "mail", "gmail", "dia chi mail", "email ca nhan"),
    "code": (
        "ma dinh danh bo gd&dt", "ma dinh danh bo gddt", "ma can bo", "ma giao vien", "ma nhan vien", "ma gv", "ma cb",
        "ma nv", "ma so can bo", "ma nhan su", "ma dinh danh", "ma dinh danh can bo", "ma dinh danh nganh",
    ),
    "position": ("vi tri viec lam", "vi tri", "chuc vu", "chuc danh", "chuc danh nghe nghiep", "nhiem vu", "cong viec"),
    "duty_group": ("nhom chuc vu", "nhom chuc danh"),
    "subjects": (
        "mon day", "mon giang day", "mon hoc", "bo mon", "mon", "day mon", "mon phu trach", "mon duoc phan cong",
        "phan cong chuyen mon", "bo mon giang day", "chuyen mon giang day", "cac mon day",
    ),
    "status": (
        "trang thai cb", "trang thai can bo", "trang thai", "tinh trang", "trang thai lam viec", "tinh trang lam viec",
        "tinh trang cong tac", "trang thai cong tac",
    ),
}  # fmt: skip
SAYS_STAFF: Final = frozenset({"position", "duty_group", "subjects", "email"})
"""What pupils have no column for: a second sheet needs one of these."""
_FOOTER: Final = re.compile(r"(tong( cong| so)?|cong|nguoi lap( bieu)?|hieu truong|thu truong don vi)\b.*")
_SECTION: Final = re.compile(
    r"([ivx]{1,4}|[a-d]|\d{1,2})[.)/\-] .*|"
    r"(to|khoi|bo phan|ban giam hieu|nhom|phong|van phong|can bo quan ly|giao vien|nhan vien)\b.*"
)
"""A line over the people of a department, alone in its row: "TỔ KHỐI 1", "I. BAN GIÁM HIỆU"."""
_GONE: Final = re.compile(
    r"\b(nghi viec|thoi viec|nghi huu|ve huu|nghi luon|da nghi|chuyen di|chuyen truong|chuyen cong tac|da chuyen|"
    r"tu tran|mat|het hop dong|cham dut|buoc thoi|biet phai di|nghi che do|nghi cong tac)\b"
)
"""Who is on leave for a birth or at a course is at work at the school all the same."""


class Kind(StrEnum):
    """What becomes of a row: a new person, a known one without an account, one who has all, one who left, a bad row."""

    NEW = "new"
    NO_ACCOUNT = "no_account"
    KNOWN = "known"
    LEFT = "left"
    BAD = "bad"


REASONS: Final = {
    "name": N_("Thiếu họ tên."),
    "letters": N_("Họ tên không phải chữ."),
    "long": N_("Ô dài quá; hãy kiểm tra lại."),
    "email": N_("Email không đúng dạng ten@truong.vn."),
    "twice": N_("Trùng với một dòng ở trên."),
    "unclear": N_("Trường có hai người cùng tên; hãy ghi mã hoặc email."),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A row of a roster, as it will be shown and applied. `staff_id` is the member of staff that it means, if known."""

    row: int
    name: str
    email: str = ""
    code: str = ""
    position: str = ""
    duty_group: str = ""
    subjects: str = ""
    kind: Kind = Kind.NEW
    reason: str = ""
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class KnownStaff:
    """A member of staff of the school, as far as a row can be told to mean them."""

    staff_id: int
    name_fold: str
    code: str
    email: str
    has_account: bool


def people_in(sheets: Iterable[Sheet]) -> list[Person]:
    """Return the people of every sheet that has the headings (one for each department, perhaps).

    Hidden sheets count only where no other has any. Raises UnreadableFileError when none has, or for an old encoding.
    """
    shown: list[Person] = []
    hidden: list[Person] = []
    has_headings = False
    for sheet in sheets:
        heading, columns = _headings(sheet)
        if columns and (not has_headings or SAYS_STAFF & columns.keys()):
            has_headings = True
            (hidden if sheet.hidden else shown).extend(_people_below(sheet, heading, columns))
    found = shown or hidden
    if found:
        refuse_legacy([one.name for one in found])
        if len(found) > MOST_PEOPLE:
            raise UnreadableFileError(N_("Tệp có hơn 2.000 người. Hãy tách thành từng trường rồi nhập lại."))
        return found
    if has_headings:
        raise UnreadableFileError(N_("Tệp có tiêu đề nhưng không có dòng nhân sự nào."))
    raise UnreadableFileError(
        N_(
            "Không tìm thấy dòng tiêu đề có cột Họ tên và ít nhất một cột như Email, Vị trí việc làm, Môn dạy."
        )
    )


def _headings(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """Return the heading row's number and its columns, no columns where there is none."""
    for row in sheet.rows:
        columns = columns_of(row) if row.number <= HEADING_ROWS else {}
        if _has_name(columns) and len(columns) >= 2:  # noqa: PLR2004 - a title row never names two fields
            return row.number, columns
    return 0, {}


def columns_of(row: SheetRow) -> dict[str, int]:
    """Return {field: column} for the cells of a row that are headings."""
    written = {
        _folded(cell): at for at, cell in reversed(list(enumerate(row.cells))) if isinstance(cell, str)
    }
    found = {
        field: next((written[alias] for alias in aliases if alias in written), None)
        for field, aliases in ALIASES.items()
    }
    return {field: at for field, at in found.items() if at is not None}


def _folded(heading: str) -> str:
    plain = " ".join(re.sub(r"\([^)]*\)|[.:;,*\[\]]", " ", fold(heading[:200])).split())
    return re.sub(r" ?([/&]) ?", r"\1", plain)


def _has_name(columns: Mapping[str, int]) -> bool:
    return "name" in columns or {"family", "given"} <= set(columns)


def _people_below(sheet: Sheet, heading: int, columns: dict[str, int]) -> list[Person]:
    found: list[Person] = []
    in_footer = False
    for row in sheet.rows:
        if row.number <= heading or is_numbering(row.cells):
            continue
        again = columns_of(row)
        if _has_name(again) and len(again) >= 2:  # noqa: PLR2004 - as above
            columns, in_footer = again, False
            continue
        only_named = _says_a_name_alone(row, columns)
        in_footer = in_footer or _is_footer(row, columns)
        person = None if only_named and in_footer else _person(row, columns, only_named=only_named)
        if person is not None:
            found.append(person)
    return found


def _says_a_name_alone(row: SheetRow, columns: Mapping[str, int]) -> bool:
    """Say whether nothing else stands in the row, a running number left aside."""
    names = {columns[one] for one in ("name", "family", "given") if one in columns}
    return not any(
        cell != "" for at, cell in enumerate(row.cells) if at not in names and not _is_running(cell)
    )


def _is_running(cell: Cell) -> bool:
    return isinstance(cell, int | float) or (isinstance(cell, str) and cell.strip(" .").isdecimal())


def _is_footer(row: SheetRow, columns: Mapping[str, int]) -> bool:
    """Say whether a row is a sum or a signature: "Hiệu trưởng" where nobody's name stands."""
    named = next((columns[one] for one in ("name", "given") if one in columns), 0)
    name = fold(_text(row.cell(named))[:120])
    says_so = any(isinstance(cell, str) and _FOOTER.fullmatch(fold(cell[:120])) for cell in row.cells)
    return says_so and (not name or _FOOTER.fullmatch(name) is not None)


def _person(row: SheetRow, columns: Mapping[str, int], *, only_named: bool) -> Person | None:
    """Return the person of a row, None for an empty row, a total, a signature or the name of a department."""
    cells = {field: _text(row.cell(at)) for field, at in columns.items()}
    typed = cells.get("name") or f"{cells.get('family', '')} {cells.get('given', '')}"
    name = title_case_name(re.sub(r"^\d{1,3}\s*[.)]\s*(?=[^\W\d_])", "", clean_name(typed)))
    if not any(cells.values()) or _FOOTER.fullmatch(fold(name)):
        return None
    if only_named and _SECTION.fullmatch(fold(typed[:120])):
        return None
    person = Person(
        row.number,
        name,
        email=cells.get("email", "").casefold(),
        code=cells.get("code", ""),
        position=cells.get("position", ""),
        duty_group=cells.get("duty_group", ""),
        subjects=cells.get("subjects", ""),
    )
    fault = _fault(person)
    if fault:
        return replace(person, kind=Kind.BAD, reason=REASONS[fault], name=name[:200])
    status = fold(cells.get("status", ""))
    return replace(person, kind=Kind.LEFT) if _GONE.search(status) else person


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean_text(str(cell)) if not isinstance(cell, bool) else ""


def _fault(person: Person) -> str | None:
    if not person.name:
        return "name"
    if any(len(getattr(person, field)) > longest for field, longest in LONGEST.items()):
        return "long"
    if not any(sign.isalpha() for sign in person.name) or person.name.startswith(("=", "+", "@")):
        return "letters"
    return "email" if person.email and not EMAIL.fullmatch(person.email) else None


def compared(people: Iterable[Person], known: Iterable[KnownStaff]) -> list[Person]:
    """Return the people with what becomes of each: matched by code, then email, then a name that only one has."""
    staff, seen, result = list(known), set[tuple[str, str, str]](), []
    for person in people:
        key = (fold(person.name), person.email, person.code)
        if person.kind is Kind.NEW:
            result.append(
                replace(person, kind=Kind.BAD, reason=REASONS["twice"])
                if key in seen
                else _matched(person, staff)
            )
            seen.add(key)
        else:
            result.append(person)
    return result


def _matched(person: Person, staff: list[KnownStaff]) -> Person:
    same = [one for one in staff if person.code and one.code == person.code]
    same = same or [one for one in staff if person.email and one.email == person.email]
    if not same:
        same = [one for one in staff if one.name_fold == fold(person.name) and _not_another(person, one)]
    if len(same) > 1:
        return replace(person, kind=Kind.BAD, reason=REASONS["unclear"])
    if not same:
        return person
    kind = Kind.KNOWN if same[0].has_account else Kind.NO_ACCOUNT
    return replace(person, kind=kind, staff_id=same[0].staff_id)


def _not_another(person: Person, one: KnownStaff) -> bool:
    """Say whether nothing says that two people of one name are two people: different emails do."""
    return not (person.email and one.email)


def to_json(people: Iterable[Person]) -> str:
    """Return the people as JSON text."""
    return json.dumps([asdict(person) for person in people], ensure_ascii=False)


def from_json(text: str) -> list[Person]:
    """Return the people of `to_json`."""
    found: list[dict[str, Any]] = json.loads(text)
    return [Person(**(values | {"kind": Kind(values["kind"])})) for values in found]


def is_teacher(person: Person) -> bool:
    """Say whether a roster's words mean somebody who teaches; whatever else they do is granted by hand."""
    return "giao vien" in fold(f"{person.position} {person.duty_group}") or bool(person.subjects)
