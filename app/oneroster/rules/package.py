"""Opens a OneRoster zip: what the manifest says, then the rows of each file that is read, within bounds.

Only the names that the standard knows are opened, and only at the root of the zip; nothing is ever written to a disk.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.archives import BROKEN
from app.i18n import N_, Phrase, say
from app.intake.rules.rows import UnreadableFileError
from app.oneroster.rules.binding import COLUMNS, ESSENTIAL, MANIFEST, File, Mode, Version, filled
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ZIP: Final = b"PK\x03\x04"
MOST_PARTS: Final = 200
MOST_UNPACKED: Final = 48 * 1024 * 1024
MOST_ROWS: Final = 100_000
MOST_FAULTS: Final = 2_000
LONGEST_CELL: Final = 4_000
MOST_COLUMNS: Final = 100
LARGEST_MANIFEST: Final = 64 * 1024
LONGEST_ECHO: Final = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file: the row as a text editor or Excel counts it, the column, what and what to do."""

    file: str
    row: int
    column: str
    message: Phrase
    value: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a file by column; a column that the file does not have is ""."""

    row: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the cleaned cell of a column."""
        return self.cells.get(column, "")


@dataclass(slots=True)
class Package:
    """A zip as opened. `records` has the files that are there; `faults` is added to by whoever finds one."""

    version: Version
    modes: Mapping[File, Mode]
    records: dict[File, list[Record]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def is_delta(self) -> bool:
        """Whether the zip tells changes of people and places, rather than everything."""
        return any(self.modes.get(file) is Mode.DELTA for file in (File.USERS, File.ENROLLMENTS, File.ROLES))

    def has(self, file: File) -> bool:
        """Say whether a file was there and read."""
        return file in self.records

    def fault(self, file: str, row: int, column: str, message: Phrase, value: str = "") -> None:
        """Note a fault; beyond so many nobody reads them, and the memory they take is not ours to give."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(file, row, column, message, echo(value)))


def echo(value: str) -> str:
    """Return a cell shortened for a message."""
    return value if len(value) <= LONGEST_ECHO else value[: LONGEST_ECHO - 1] + "…"


def is_package(content: bytes) -> bool:
    """Say whether bytes are a zip with a manifest at its root: a OneRoster package, good or bad."""
    if not content.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(_is_manifest(name) for name in archive.namelist())
    except BROKEN:
        return False


def _is_manifest(name: str) -> bool:
    return name.replace("\\", "/").rsplit("/", 1)[-1].lower() == MANIFEST


def open_package(content: bytes) -> Package:
    """Return what a OneRoster zip holds; raise UnreadableFileError, and nothing else, where that is impossible."""
    with _broken_is_unreadable(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = _parts(archive)
        manifest = _manifest(archive, parts)
        package = Package(*_promises(manifest))
        _Unpacking(archive, parts, package).read(manifest)
        return package


@contextmanager
def _broken_is_unreadable() -> Iterator[None]:
    try:
        yield
    except UnreadableFileError:
        raise
    except BROKEN as error:
        raise UnreadableFileError(
            say("Không mở được tệp zip này: tệp hỏng, bị cắt ngang hoặc có mật khẩu. Hãy xuất lại rồi nhập.")
        ) from error


def _parts(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the files at the root by name; refuse what no exporter makes."""
    found: dict[str, zipfile.ZipInfo] = {}
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_large()
    for part in parts:
        name = part.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise UnreadableFileError(say("Tệp zip chứa đường dẫn không an toàn nên không được mở."))
        if part.is_dir() or "/" in name:
            continue
        if name in found:
            raise UnreadableFileError(
                say(
                    "Tệp zip chứa hai tệp cùng tên “%(name)s”, không biết tệp nào đúng. Hãy xuất lại rồi nhập.",
                    name=echo(clean_text(name)),
                )
            )
        found[name] = part
    return found


def _too_large() -> UnreadableFileError:
    return UnreadableFileError(
        say(
            "Gói OneRoster quá lớn hoặc quá nhiều dòng nên không được mở. Hãy xuất riêng từng trường rồi nhập."
        )
    )


# --- the manifest -------------------------------------------------------------------------------------------------


def _manifest(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]) -> dict[str, tuple[int, str]]:
    """Return {property: (row, value)}."""
    part = parts.get(MANIFEST)
    if part is None:
        raise UnreadableFileError(
            say("Gói OneRoster phải có manifest.csv ngay trong tệp zip, không nằm trong thư mục con.")
        )
    content = _content(archive, part, LARGEST_MANIFEST)
    said: dict[str, tuple[int, str]] = {}
    for number, cells in _rows(MANIFEST, content):
        if len(cells) >= 2:  # noqa: PLR2004 - propertyName,value
            said.setdefault(cells[0], (number, cells[1]))
    return said


def _promises(manifest: Mapping[str, tuple[int, str]]) -> tuple[Version, dict[File, Mode]]:
    written = manifest.get("oneroster.version", (0, ""))[1]
    short = re.match(r"v?(1[.p][12])(?:\.\d+)?$", written.lower())
    try:
        version = Version(short[1].replace("p", ".") if short else written)
    except ValueError as error:
        raise UnreadableFileError(
            say(
                "Chỉ đọc được OneRoster 1.1 và 1.2; manifest.csv ghi phiên bản “%(version)s”.",
                version=echo(written),
            )
        ) from error
    modes = {
        file: Mode(value.lower())
        for file in COLUMNS[version]
        if (value := manifest.get(f"file.{file}", (0, ""))[1]).lower() in set(Mode)
    }
    return version, modes


# --- the files ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Unpacking:
    """One zip being read; what all files together may hold is counted here."""

    archive: zipfile.ZipFile
    parts: Mapping[str, zipfile.ZipInfo]
    package: Package
    _rows_left: int = MOST_ROWS
    _bytes_left: int = MOST_UNPACKED

    def read(self, manifest: Mapping[str, tuple[int, str]]) -> None:
        """Read every file that the manifest promises; say which are missing, and which nobody promised."""
        for file in COLUMNS[self.package.version]:
            row, value = manifest.get(f"file.{file}", (1, ""))
            self._check_promise(file, row, value)
            if self.package.modes.get(file, Mode.ABSENT) is not Mode.ABSENT and file.file_name in self.parts:
                self._read_file(file)
        known = {MANIFEST, *(file.file_name for file in self.package.records)}
        self.package.ignored = [clean_text(name)[:LONGEST_ECHO] for name in self.parts if name not in known]

    def _check_promise(self, file: File, row: int, value: str) -> None:
        there, mode = file.file_name in self.parts, self.package.modes.get(file)
        if mode is None and (there or value):
            message = _NO_MODE
        elif mode is not None and value not in set(Mode):
            message = _MODE_CASE
        elif mode in {Mode.BULK, Mode.DELTA} and not there:
            message = _NOT_THERE
        elif mode is Mode.ABSENT and there:
            message = _NOT_PROMISED
        else:
            return
        self.package.fault(
            MANIFEST, row, f"file.{file}", say(message, file=file.file_name, value=echo(value)), value
        )

    def _read_file(self, file: File) -> None:
        content = _content(self.archive, self.parts[file.file_name], self._bytes_left)
        self._bytes_left -= len(content)
        rows = _rows(file.file_name, content)
        heading = self._spelled(file, next(rows, (1, []))[1])
        if not self._check_heading(file, heading):
            return
        wanted = set(COLUMNS[self.package.version][file])
        places = {name: place for place, name in enumerate(heading) if name in wanted}
        records: list[Record] = []
        for number, cells in rows:
            self._rows_left -= 1
            if self._rows_left < 0:
                raise _too_large()
            records.append(
                Record(
                    number,
                    {name: cells[at] for name, at in places.items() if at < len(cells) and cells[at]},
                )
            )
        self.package.records[file] = records

    def _spelled(self, file: File, heading: list[str]) -> list[str]:
        """Return the columns as the standard spells them; one whose capitals differ is noted and used."""
        right = {name.lower(): name for name in COLUMNS[self.package.version][file]}
        found = [name if name in right.values() else right.get(name.lower(), name) for name in heading]
        for written, name in zip(heading, found, strict=True):
            if written != name and name not in heading:
                said = say(_COLUMN_CASE, value=echo(written), right=name)
                self.package.fault(file.file_name, 1, written, said, written)
        return found

    def _check_heading(self, file: File, heading: list[str]) -> bool:
        """Note missing, repeated and disordered columns; return whether the file can be read all the same."""
        package = self.package
        expected = COLUMNS[package.version][file]
        missing = [name for name in expected if name not in heading]
        for name in missing:
            if name in filled(package.version, file):
                package.fault(file.file_name, 1, name, say(_NO_COLUMN, column=name))
        for name in sorted({name for name in heading if name in expected and heading.count(name) > 1}):
            package.fault(file.file_name, 1, name, say(_TWO_COLUMNS, column=name))
        found = [name for name in dict.fromkeys(heading) if name in expected]
        if found != [name for name in expected if name in found]:
            package.fault(file.file_name, 1, found[0], say(_DISORDER))
        lost = [name for name in missing if name in ESSENTIAL.get(file, ())]
        if lost and file is not File.ROLES:
            raise UnreadableFileError(
                say(
                    "%(file)s thiếu cột %(columns)s nên không đọc được. Hãy xuất lại đủ cột rồi nhập.",
                    file=file.file_name,
                    columns=", ".join(lost),
                )
            )
        return not lost


_NO_MODE: Final = N_(
    "manifest.csv không ghi đúng bulk, delta hay absent cho %(file)s; bỏ qua tệp này. Đang ghi: “%(value)s”."
)
_MODE_CASE: Final = N_("“%(value)s” phải viết thường; vẫn dùng.")
_NOT_THERE: Final = N_("manifest.csv nói có %(file)s nhưng trong gói không có tệp này.")
_NOT_PROMISED: Final = N_("manifest.csv nói không có %(file)s nhưng tệp lại có trong gói; bỏ qua tệp này.")
_NO_COLUMN: Final = N_("Thiếu cột bắt buộc “%(column)s”.")
_COLUMN_CASE: Final = N_("Cột “%(value)s” sai chữ hoa, chữ thường; chuẩn viết là “%(right)s”. Vẫn dùng.")
_TWO_COLUMNS: Final = N_("Cột “%(column)s” có hai lần; dùng cột sau.")
_DISORDER: Final = N_("Các cột không theo thứ tự của chuẩn; vẫn đọc theo tên cột.")


def _content(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    """Unpack one file. What it says of its own size is not believed: reading stops at the bound."""
    with archive.open(part) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise _too_large()
    return content


def _rows(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, cleaned cells); empty rows are counted and left out.

    The text is decoded as it is read: whole, it took four bytes for each letter beside the bytes themselves.
    """
    if b"\0" in content:
        raise UnreadableFileError(
            say("%(file)s chứa ký tự rỗng (NUL) nên không phải CSV. Hãy xuất lại rồi nhập.", file=name)
        )
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    try:
        for number, cells in enumerate(csv.reader(text), 1):
            if len(cells) > MOST_COLUMNS or any(len(cell) > LONGEST_CELL for cell in cells):
                raise UnreadableFileError(
                    say("%(file)s, dòng %(row)s: quá nhiều cột hoặc ô quá dài.", file=name, row=number)
                )
            cleaned = [clean_text(cell) for cell in cells]
            if any(cleaned):
                yield number, cleaned
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            say("%(file)s không dùng bảng mã UTF-8. Hãy xuất lại dạng UTF-8 rồi nhập.", file=name)
        ) from error
    except csv.Error as error:
        raise UnreadableFileError(
            say("%(file)s không đúng dạng CSV. Hãy xuất lại rồi nhập.", file=name)
        ) from error
