"""Judges columns by their cells where a heading says two things: "Mã định danh" is a pupil's code or a personal id."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.i18n import say
from app.intake.rules.headings import find_headings
from app.intake.rules.rows import FIELD_NAMES, Field, RowError, SheetRow
from app.intake.rules.values import PERSONAL_ID_DIGITS, echo, text_of
from app.text import clean_text

if TYPE_CHECKING:
    from app.intake.rules.headings import Headings
    from app.intake.rules.rows import Cell, Reading, Sheet

LEAST_CELLS: Final = 3
SHORT: Final = 7
"""Digits at most of a number that a school counts its pupils by; a mistyped code of the ministry has more."""


def judged(
    sheet: Sheet, headings: Headings, reading: Reading
) -> tuple[Sheet, Headings, tuple[RowError, ...]]:
    """Return the sheet with headings that say what stands below them, and what a person should know about it.

    A column of codes in which most are personal ids is one of personal ids: read or left out like any of those. One in
    which none can be the ministry's is the school's own numbering.
    """
    column = headings.columns.get(Field.CODE)
    if column is None:
        return sheet, headings, ()
    texts = [
        text for row in sheet.rows if row.number > headings.row and (text := _code_text(row.cell(column)))
    ]
    if texts and sum(len(text) == PERSONAL_ID_DIGITS and text.isdecimal() for text in texts) * 2 > len(texts):
        return *_renamed(sheet, headings, FIELD_NAMES[Field.PERSONAL_ID], reading), ()
    if len(texts) < LEAST_CELLS or not all(_is_own_number(text) for text in texts):
        return sheet, headings, ()
    heading = headings.written[column]
    said = say(
        "Cột này không có mã 10 chữ số của Bộ (ví dụ “%(value)s”) nên không dùng làm mã học sinh.",
        value=echo(texts[0]),
    )
    note = RowError(headings.row, heading, said, sheet.name, texts[0])
    return *_renamed(sheet, headings, f"{heading} của trường", reading), (note,)


def _code_text(cell: Cell) -> str:
    return re.sub(r"[\s'.\-]", "", text_of(cell)) if cell not in {"", False} else ""


def _is_own_number(text: str) -> bool:
    """Say whether a text can be no code of the ministry, not even a spoiled one: HS0012, 17."""
    is_short = text.isdecimal() and len(text) <= SHORT
    return is_short or bool(re.fullmatch(r"(?=.*\d)[^\W\d_]+[\w/]*", text))


def _renamed(sheet: Sheet, headings: Headings, name: str, reading: Reading) -> tuple[Sheet, Headings]:
    """Write another heading over the codes, wherever it stands again."""
    column = headings.columns[Field.CODE]
    old = headings.written[column]
    rows = tuple(
        SheetRow(row.number, (*row.cells[:column], name, *row.cells[column + 1 :]))
        if isinstance(cell := row.cell(column), str) and clean_text(cell) == old
        else row
        for row in sheet.rows
    )
    renamed = replace(sheet, rows=rows)
    return renamed, find_headings(renamed, reading) or headings
