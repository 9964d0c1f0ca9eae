"""Checks every row of a package by itself and against the others: ids, statuses, words, dates, references.

Each fault is noted once, with what becomes of the row. A row whose meaning is clear in spite of a fault is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say
from app.oneroster.rules.binding import (
    CASELESS,
    COLUMNS,
    DATES,
    ESSENTIAL,
    STATUSES,
    File,
    Mode,
    filled,
    words_for,
)
from app.oneroster.rules.package import echo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.oneroster.rules.package import Package, Record

LONGEST_ID: Final = 255
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})([T ].*)?", re.ASCII)
"""Whatever stands between, or behind: a day with its year first has one meaning, unlike 05/09/2026."""
REFERENCES: Final[tuple[tuple[File, str, File], ...]] = (
    (File.ORGS, "parentSourcedId", File.ORGS),
    (File.SESSIONS, "parentSourcedId", File.SESSIONS),
    (File.COURSES, "schoolYearSourcedId", File.SESSIONS),
    (File.COURSES, "orgSourcedId", File.ORGS),
    (File.CLASSES, "courseSourcedId", File.COURSES),
    (File.CLASSES, "schoolSourcedId", File.ORGS),
    (File.CLASSES, "termSourcedIds", File.SESSIONS),
    (File.USERS, "orgSourcedIds", File.ORGS),
    (File.USERS, "primaryOrgSourcedId", File.ORGS),
    (File.USERS, "agentSourcedIds", File.USERS),
    (File.ROLES, "userSourcedId", File.USERS),
    (File.ROLES, "orgSourcedId", File.ORGS),
    (File.ENROLLMENTS, "schoolSourcedId", File.ORGS),
    (File.DEMOGRAPHICS, "sourcedId", File.USERS),
)
"""Which column names a row of which file. Classes and users of enrolments decide more, and are checked where used."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be used, with its words as the standard spells them and its dates read."""

    row: int
    key: str
    deleted: bool
    cells: Mapping[str, str]
    dates: Mapping[str, date]

    def __getitem__(self, column: str) -> str:
        """Return the text of a column, "" for none."""
        return self.cells.get(column, "")

    def several(self, column: str) -> tuple[str, ...]:
        """Return the items of a column that holds a list."""
        return tuple(item for part in self[column].split(",") if (item := part.strip()))


Entries = dict[str, Entry]


def check_rows(package: Package) -> dict[File, Entries]:
    """Return the usable rows of every file by their sourcedId; what is wrong goes to the package's faults."""
    found = {
        file: _Checker(package, file).entries() if package.has(file) else {}
        for file in COLUMNS[package.version]
    }
    found.setdefault(File.ROLES, {})
    return found


@dataclass(slots=True)
class _Checker:
    package: Package
    file: File

    def entries(self) -> Entries:
        found: Entries = {}
        seen: dict[str, int] = {}
        for record in self.package.records[self.file]:
            key = record["sourcedId"]
            if not key or len(key) > LONGEST_ID:
                self._fault(record, "sourcedId", _NO_ID if not key else _LONG_ID)
            elif key in seen:
                self._fault(record, "sourcedId", _TWICE, first=seen[key])
            else:
                seen[key] = record.row
                entry = self._entry(record, key)
                if entry is not None:
                    found[key] = entry
        return found

    def _entry(self, record: Record, key: str) -> Entry | None:
        """Return the row, None when it cannot be used."""
        status = self._status(record)
        if status is None:
            return None
        if status == STATUSES[1]:
            return Entry(record.row, key, deleted=True, cells=record.cells, dates={})
        empty = self._check_filled(record)
        cells, dates = dict(record.cells), dict[str, date]()
        for column in COLUMNS[self.package.version][self.file]:
            words = words_for(self.package.version, self.file, column)
            if words and column != "status" and cells.get(column):
                cells[column] = self._word(record, column, words)
        for column in DATES.get(self.file, ()):
            if (day := self._date(record, column)) is not None:
                dates[column] = day
        essential = ESSENTIAL.get(self.file, ())
        if empty & set(essential) or any(
            record[column] and not cells.get(column) for column in essential if column == "role"
        ):
            return None
        if not self._are_in_order(record, dates):
            return None
        return Entry(record.row, key, deleted=False, cells=cells, dates=dates)

    def _are_in_order(self, record: Record, dates: Mapping[str, date]) -> bool:
        """Note an end that lies before its begin; return whether the row can be used all the same.

        An enrolment or a role that ends before it begins says that it never was: other systems write so of pupils who
        did not come. Of a session nothing is taken but the year.
        """
        ends = dates.get("endDate")
        begins = dates.get("startDate") or dates.get("beginDate")
        if ends is None or begins is None:
            return True
        if "startDate" in dates:
            if ends <= begins:
                self._fault(record, "endDate", _ENDS_BEFORE)
            return True
        if ends < begins:
            self._fault(record, "endDate", _NEVER_WAS, begins=f"{begins:%Y-%m-%d}")
        return ends >= begins

    def _status(self, record: Record) -> str | None:
        """Return active or tobedeleted; None, with the fault, for a word that is neither."""
        written = record["status"]
        is_delta = self.package.modes.get(self.file) is Mode.DELTA
        if is_delta and not _ISO_INSTANT.fullmatch(record["dateLastModified"]):
            self._fault(record, "dateLastModified", _NO_MOMENT)
        if not written:
            if is_delta:
                self._fault(record, "status", _NO_STATUS)
            return STATUSES[0]
        if written in STATUSES:
            return written
        if written.lower() in STATUSES:
            self._fault(record, "status", _CASE, right=written.lower())
            return written.lower()
        self._fault(record, "status", _BAD_STATUS)
        return None

    def _check_filled(self, record: Record) -> set[str]:
        """Note required cells that are empty; return their columns."""
        heading = self._columns_there()
        empty = {
            column
            for column in filled(self.package.version, self.file)
            if column in heading and not record[column]
        }
        essential = ESSENTIAL.get(self.file, ())
        for column in sorted(empty):
            self._fault(record, column, _EMPTY_LOST if column in essential else _EMPTY, column=column)
        return empty

    def _columns_there(self) -> set[str]:
        missing = {
            fault.column
            for fault in self.package.faults
            if fault.file == self.file.file_name and fault.row == 1
        }
        return set(COLUMNS[self.package.version][self.file]) - missing

    def _word(self, record: Record, column: str, words: tuple[str, ...]) -> str:
        """Return the word as the standard spells it, "" for an unknown one."""
        written = record[column]
        if written in words or written.startswith("ext:"):
            return written
        right = next((word for word in words if word.lower() == written.lower()), "")
        if right and column not in CASELESS:
            self._fault(record, column, _CASE, right=right)
        elif not right:
            lost = column == "role" and column in ESSENTIAL.get(self.file, ())
            self._fault(record, column, _BAD_WORD_LOST if lost else _BAD_WORD, words=", ".join(words))
        return right

    def _date(self, record: Record, column: str) -> date | None:
        written = record[column]
        if not written:
            return None
        try:
            match = _YEAR_FIRST.fullmatch(written)
            parsed = date(*(int(part) for part in match.groups()[:3])) if match else None
        except ValueError:
            parsed = None
        if parsed is None:
            self._fault(record, column, _BAD_DATE)
        elif not _ISO_DATE.fullmatch(written):
            self._fault(record, column, _ODD_DATE, right=f"{parsed:%Y-%m-%d}")
        return parsed

    def _fault(self, record: Record, column: str, message: str, /, **values: object) -> None:
        written = record[column]
        said = say(message, value=echo(written), **values) if "%(" in message else say(message)
        self.package.fault(self.file.file_name, record.row, column, said, written)


def check_references(package: Package, found: Mapping[File, Entries]) -> None:
    """Note every reference to a row that is not there. A list of changes need not repeat what did not change."""
    for file, column, target in REFERENCES:
        if package.modes.get(target) is Mode.DELTA or (package.is_delta and not package.has(target)):
            continue
        there = found.get(target, {})
        for entry in found.get(file, {}).values():
            names = (entry.key,) if column == "sourcedId" else entry.several(column)
            for name in names if not entry.deleted else ():
                if name not in there:
                    message = _NO_ROW if package.has(target) else _NO_FILE
                    said = say(message, value=echo(name), file=target.file_name)
                    package.fault(file.file_name, entry.row, column, said, name)
    for file in (File.ORGS, File.SESSIONS):
        for entry in _in_cycles(found.get(file, {})):
            said = say(_CYCLE, value=echo(entry["parentSourcedId"]))
            package.fault(file.file_name, entry.row, "parentSourcedId", said, entry["parentSourcedId"])


def _in_cycles(entries: Entries) -> list[Entry]:
    """Return the rows that come back to themselves when one follows the parents."""
    found = []
    for key, entry in entries.items():
        seen = set[str]()
        above = entry["parentSourcedId"]
        while above in entries and above not in seen:
            seen.add(above)
            above = entries[above]["parentSourcedId"]
        if key in seen:
            found.append(entry)
    return found


_NO_ID: Final = N_("Thiếu sourcedId; bỏ qua dòng này.")
_LONG_ID: Final = N_("sourcedId dài quá 255 ký tự; bỏ qua dòng này.")
_TWICE: Final = N_("sourcedId “%(value)s” đã có ở dòng %(first)s; bỏ qua dòng này.")
_CASE: Final = N_("“%(value)s” sai chữ hoa, chữ thường; chuẩn viết là “%(right)s”. Vẫn dùng dòng này.")
_BAD_STATUS: Final = N_(
    "Trạng thái “%(value)s” không có trong chuẩn (chỉ có active và tobedeleted); bỏ qua dòng này."
)
_NO_STATUS: Final = N_("Tệp delta phải ghi trạng thái; dòng này được hiểu là active.")
_NO_MOMENT: Final = N_("Tệp delta phải ghi dateLastModified dạng 2026-09-05T00:00:00Z; vẫn dùng dòng này.")
_EMPTY: Final = N_("Thiếu “%(column)s”; vẫn dùng phần còn lại của dòng.")
_EMPTY_LOST: Final = N_("Thiếu “%(column)s”; bỏ qua dòng này.")
_BAD_WORD: Final = N_("“%(value)s” không có trong chuẩn. Chỉ được: %(words)s. Bỏ qua ô này.")
_BAD_WORD_LOST: Final = N_("Vai trò “%(value)s” không có trong chuẩn. Chỉ được: %(words)s. Bỏ qua dòng này.")
_BAD_DATE: Final = N_("“%(value)s” không phải ngày dạng năm-tháng-ngày (2026-09-05); bỏ qua ô này.")
_ENDS_BEFORE: Final = N_("Ngày kết thúc phải sau ngày bắt đầu.")
_NEVER_WAS: Final = N_("Ngày kết thúc “%(value)s” trước ngày bắt đầu %(begins)s; bỏ qua dòng này.")
_ODD_DATE: Final = N_("“%(value)s” phải viết là %(right)s; vẫn dùng.")
_CYCLE: Final = N_("Đơn vị cấp trên “%(value)s” tạo thành vòng lặp; bỏ qua ô này.")
_NO_ROW: Final = N_("Không có “%(value)s” trong %(file)s.")
_NO_FILE: Final = N_("Không có “%(value)s”: gói không có tệp %(file)s.")
