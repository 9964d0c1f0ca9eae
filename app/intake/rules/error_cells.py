"""Finds the cells of a workbook that hold an error of a formula: #REF!, #N/A, #DIV/0! and the like.

Calamine gives such a cell as an empty one, so a lesson whose formula broke would be a free period. Used by the program
`cells`, with its limits on memory and time; only the standard library is used, and a workbook in which nothing is found
for any reason is read as before.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

MOST_ERRORS: Final = 2_000
MOST_SHEETS: Final = 400
MOST_COLUMNS: Final = 400
_CHUNK: Final = 1 << 20
_TAIL: Final = 4096
"""Longer than a cell that holds an error: one that a chunk cuts in two is found with the next."""
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*?\br:id\s*=\s*[\"']([^\"']+)[\"']")
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE: Final = re.compile(rb"(\w+)\s*=\s*[\"']([^\"']*)[\"']")
_CELL: Final = re.compile(
    rb"<(?:\w+:)?c\s(?=[^<>]*\bt=[\"']e[\"'])[^<>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]*>"
    rb"(?:<(?:\w+:)?f\b[^<>]*/>|<(?:\w+:)?f\b[^<>]*>[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>([^<]{1,20})</"
)

Place = tuple[int, int, str]
"""Row as Excel counts, column from 0, what the cell says."""


def errors_in_zip(archive: ZipFile) -> list[list[Place]]:
    """Return the cells with an error of each sheet of an .xlsx, in the order of the sheets."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return []
    parts = _parts(archive.read("xl/_rels/workbook.xml.rels"))
    found = []
    for relation in _SHEET.findall(archive.read("xl/workbook.xml")):
        part = parts.get(relation, "")
        found.append(list(_of_part(archive, part)) if part in names else [])
    return found


def _parts(relations: bytes) -> dict[bytes, str]:
    found = {}
    for relation in _RELATION.findall(relations):
        said = dict(_ATTRIBUTE.findall(relation))
        target = said.get(b"Target", b"").decode("utf-8", "replace")
        found[said.get(b"Id", b"")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _of_part(archive: ZipFile, part: str) -> Iterator[Place]:
    before, last = b"", (0, -1)
    count = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = before + chunk
            before = text[-_TAIL:]
            for letters, row, said in _CELL.findall(text):
                place = (int(row), _column(letters))
                if place <= last or place[1] >= MOST_COLUMNS:
                    continue
                last, count = place, count + 1
                yield *place, said.decode("ascii", "replace")
                if count >= MOST_ERRORS:
                    return


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


# --- the binary format of Excel 97 to 2003 ------------------------------------------------------------------------

_FREE: Final = 0xFFFFFFF0
"""Sector numbers from here on are signs, not sectors."""
_CODES: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_BOUND_SHEET, _END, _FORMULA, _BOOL_OR_ERROR = 0x85, 0x0A, 0x06, 0x205


def errors_in_ole(content: bytes) -> list[list[Place]]:
    """Return the cells with an error of each sheet of an .xls, in the order of the sheets; [] when it is none."""
    try:
        stream = _workbook_stream(content)
        starts = [
            struct.unpack_from("<I", body)[0]
            for kind, body in _records(stream, 0)
            if kind == _BOUND_SHEET and len(body) >= 4  # noqa: PLR2004 - the place of the sheet
        ]
        return [list(_of_sheet(stream, start)) for start in starts[:MOST_SHEETS]]
    except (struct.error, IndexError, KeyError):
        return []


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream "Workbook" of an OLE file; b"" when there is none, or it is too short to have sectors."""
    size = {9: 512, 12: 4096}[struct.unpack_from("<H", content, 30)[0]]
    (first_directory,) = struct.unpack_from("<I", content, 48)
    table = _allocation(content, size)
    directory = _chain(content, table, first_directory, size)
    for place in range(0, len(directory) - 127, 128):
        entry = directory[place : place + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
        if name in {"Workbook", "Book"}:
            start, length = struct.unpack_from("<II", entry, 116)
            return _chain(content, table, start, size)[:length]
    return b""


def _allocation(content: bytes, size: int) -> list[int]:
    """Return the next sector of every sector."""
    listed = [number for number in struct.unpack_from("<109I", content, 76) if number < _FREE]
    (more,) = struct.unpack_from("<I", content, 68)
    seen: set[int] = set()
    while more < _FREE and more not in seen:
        seen.add(more)
        numbers = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        listed += [number for number in numbers[:-1] if number < _FREE]
        more = numbers[-1]
    table: list[int] = []
    for number in listed[: len(content) // size]:  # a list that goes in circles would never end
        if len(table) > len(content) // size:
            break
        table += struct.unpack_from(f"<{size // 4}I", content, (number + 1) * size)
    return table


def _chain(content: bytes, table: list[int], number: int, size: int) -> bytes:
    found = bytearray()
    for _ in range(len(table) + 1):  # one that goes in circles has more
        if number >= _FREE or len(found) > len(content):
            break
        found += content[(number + 1) * size : (number + 2) * size]
        number = table[number]
    return bytes(found)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, body) of the records from a place on, to the end of their sheet."""
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == _END:
            return
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _of_sheet(stream: bytes, start: int) -> Iterator[Place]:
    count = 0
    for kind, body in _records(stream, start):
        if kind not in {_FORMULA, _BOOL_OR_ERROR} or count >= MOST_ERRORS:
            continue
        row, column = struct.unpack_from("<HH", body)
        code = None
        if kind == _BOOL_OR_ERROR and body[7] == 1:
            code = body[6]
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:  # noqa: PLR2004 - its result is an error
            code = body[8]
        if code in _CODES and column < MOST_COLUMNS:
            count += 1
            yield row + 1, column, _CODES[code]
