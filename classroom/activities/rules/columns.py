"""A table of questions (Excel, and what other quiz programs export) as the text of a question sheet.

It comes out of a file (classroom/sheets) or is pasted, with tabs between its cells. One question a row; the headings
say what a column is: "Câu hỏi", "A" to "H" or "Phương án 1", "Đáp án", "Giải thích".
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.text import fold
from classroom.activities.rules.lines import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Rows = list[list[str]]
LETTERS: Final = "ABCDEFGH"
_OPTION: Final = re.compile(
    r"(?:(?:cau )?(?:dap an|phuong an|lua chon|tra loi|answer|option|choice)\s*(?:so )?)?([a-h]|[1-8])\b"
    r"(?:\s*[-–(].*)?$"
)
_HEADINGS: Final = (
    (
        "solution",
        re.compile(r"(?:dap an(?: dung)?|correct(?: answers?| answer\(s\))?|dung|key)(?:\s*[-–(].*)?$"),
    ),
    ("explanation", re.compile(r"(?:loi )?giai(?: thich| chi tiet)?$|explanation$|huong dan(?: giai)?$")),
    ("objective", re.compile(r"muc tieu|chu de|yeu cau can dat|topic$|bai$")),
    ("points", re.compile(r"(?:so )?diem$|points?$")),
    ("question", re.compile(r"(?:noi dung )?cau hoi|noi dung$|question(?: text)?\b|de bai$")),
)
_WRITTEN: Final = (("explanation", "Giải thích"), ("objective", "Mục tiêu"), ("points", "Điểm"))
_NUMBER: Final = re.compile(r"-?\d+(?:[.,]\d+)?")
_TRUTH: Final = {"dung": "Đúng", "true": "Đúng", "d": "Đúng", "sai": "Sai", "false": "Sai", "s": "Sai"}
MOST_COLUMNS: Final = 100
FIRST_ROWS: Final = 20
"""Above the headings stand a school's name and a title."""


@dataclass(slots=True)
class Columns:
    """Which column is what: numbers from 0."""

    named: dict[str, int] = field(default_factory=dict)
    options: list[int] = field(default_factory=list)

    @property
    def are_of_questions(self) -> bool:
        """Whether a question is asked here, and answered."""
        return "question" in self.named and bool(self.options or "solution" in self.named)


def questions_of(rows: Rows) -> list[Line] | None:
    """Return the lines of a question sheet with the numbers of their rows, None without headings of a table."""
    for place, row in enumerate(rows[:FIRST_ROWS]):
        columns = _columns(row)
        if columns.are_of_questions:
            return [Line(number, text) for number, text in _lines(rows, place + 1, columns)]
    return None


def pasted_table(text: str) -> list[Line] | None:
    """Return the lines for a table that was pasted out of a spreadsheet, None for any other text."""
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines[:FIRST_ROWS]):
        if "\t" in line and _columns(line.split("\t")).are_of_questions:
            try:
                rows = [row[:MOST_COLUMNS] for row in csv.reader(lines[place:], delimiter="\t")]
            except csv.Error:
                return None
            return [Line(line.number + place, line.text) for line in questions_of(rows) or ()]
    return None


def _columns(row: Sequence[str]) -> Columns:
    columns = Columns()
    for place, heading in enumerate(row):
        text = fold(heading).strip(" .:*")
        if _OPTION.match(text):
            columns.options.append(place)
            continue
        for name, pattern in _HEADINGS:
            if name not in columns.named and pattern.match(text):
                columns.named[name] = place
                break
    return columns


def _lines(rows: Rows, start: int, columns: Columns) -> Iterator[tuple[int, str]]:
    asked = 0
    for number, row in enumerate(rows[start:], start + 1):
        cells = [" ".join(cell.split()) for cell in row]
        question = _cell(cells, columns.named["question"])
        if not question:
            continue
        asked += 1
        yield number, f"Câu {asked}. {question}"
        for line in _answered(cells, columns):
            yield number, line
        for name, words in _WRITTEN:
            if said := _cell(cells, columns.named.get(name)):
                yield number, f"{words}: {said}"
        yield number, ""


def _answered(cells: Sequence[str], columns: Columns) -> Iterator[str]:
    """Yield the options and what is right: by letter, by number, or by the option's own text."""
    options = [text for place in columns.options if (text := _cell(cells, place))]
    solution = _cell(cells, columns.named.get("solution"))
    if truth := _truth(solution, options):
        yield f"Đáp án: {truth}"
    elif options:
        yield from (f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=False))
        if letters := _letters(solution, options):
            yield f"Đáp án: {', '.join(letters)}"
    elif _NUMBER.fullmatch(solution):
        yield f"Số: {solution}"
    elif solution:
        yield f"Trả lời: {solution}"
    else:
        yield "[câu hỏi mở]"


def _truth(solution: str, options: Sequence[str]) -> str | None:
    """Return what is right where a sentence is judged: there are no options but true and false."""
    return _TRUTH.get(fold(solution)) if {fold(option) for option in options} <= set(_TRUTH) else None


def _letters(solution: str, options: Sequence[str]) -> list[str]:
    """Return the letters of what is right."""
    known = LETTERS[: len(options)]
    if fold(solution) in (folded := [fold(option) for option in options]):
        return [known[folded.index(fold(solution))]]
    pieces = re.split(r"[\s,;/&+|]+", solution.upper().strip())
    if len(pieces) == 1 and pieces[0].isalpha():
        pieces = list(pieces[0])
    numbers = [known[int(piece) - 1] for piece in pieces if piece.isdigit() and 1 <= int(piece) <= len(known)]
    return numbers or [piece for piece in pieces if piece and piece in known]


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""
