"""Cells whose formula failed: told of their row and column, in both kinds of Excel's files, and never read as empty."""

from __future__ import annotations

import struct
from typing import Final

import openpyxl

from app.intake.rules.error_cells import errors_in_ole
from tests.app.intake.files import AN, BINH, HEADINGS, RAN, read, saved

SECTOR: Final = 512
END, FAT, FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def workbook(*rows: tuple[str | int, ...]) -> bytes:
    """Return an .xlsx as Excel writes it: openpyxl takes "#N/A" for an error, as it is there."""
    book = openpyxl.Workbook()
    for row in (HEADINGS, *rows):
        book.worksheets[0].append(row)
    return saved(book)


def test_a_failed_formula_in_a_needed_cell_is_a_fault_of_the_row() -> None:
    found = read(workbook(AN, (2, "#REF!", *BINH[2:]), (3, "4/10", "#N/A", *RAN[3:])))
    assert [pupil.full_name for pupil in found.pupils] == ["Nguyễn Văn An"]
    assert [(error.row, error.column, error.value) for error in found.errors] == [
        (3, "Mã lớp", "#REF!"),
        (4, "Mã học sinh", "#N/A"),
    ], "without a word the second pupil would have had no code, and would have been entered anew"


def test_a_failed_formula_in_a_cell_that_may_be_empty_is_told_and_the_pupil_is_taken() -> None:
    found = read(workbook(AN, (*BINH[:6], "#N/A")))
    assert [pupil.ethnicity for pupil in found.pupils][1:] == [None]
    assert [(note.row, note.column) for note in found.notes] == [(3, "Dân tộc")]


def test_rows_that_only_look_something_up_are_nobody() -> None:
    assert read(workbook(AN, *[("#N/A",) * 7] * 5)).errors == ()


def test_errors_are_found_in_the_old_format_too() -> None:
    failed = record(0x205, struct.pack("<HHHBB", 4, 2, 0, 0x2A, 1))
    failed += record(0x205, struct.pack("<HHHBB", 4, 3, 0, 1, 0))  # TRUE, and no error
    formula = record(
        0x06, struct.pack("<HHH", 6, 1, 0) + bytes((2, 0, 0x17, 0, 0, 0)) + b"\xff\xff" + bytes(6)
    )
    head = record(0x85, struct.pack("<IHBB", 40, 0, 1, 0) + b"A")
    content = ole(head.ljust(40, b"\0") + failed + formula + record(0x0A, b""))
    assert errors_in_ole(content) == [[(5, 2, "#N/A"), (7, 1, "#REF!")]]
    for cut in range(0, len(content), 97):
        errors_in_ole(content[:cut])


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def ole(stream: bytes) -> bytes:
    """Return a compound file with one stream: a sector of its table, one of its directory, then the stream."""
    count = -(-len(stream) // SECTOR)
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head = (head.ljust(44, b"\0") + struct.pack("<IIIIIIII", 1, 1, 0, 4096, END, 0, END, 0)).ljust(76, b"\0")
    head += struct.pack("<109I", 0, *[FREE] * 108)
    chain = [*range(3, 2 + count), END]
    table = struct.pack("<128I", FAT, END, *chain, *[FREE] * (126 - count))
    name = "Workbook".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<HBB", len(name) + 2, 2, 1) + bytes(48)
    entry += struct.pack("<IQ", 2, len(stream))
    return head + table + entry.ljust(SECTOR, b"\0") + stream.ljust(count * SECTOR, b"\0")
