"""A table of questions (Excel, and what other quiz programs export) as the text of a question sheet.

One question a row; the headings say what a column is: "Câu hỏi", "A" to "H" or "Phương án 1", "Đáp án", "Giải thích".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
FIRST_ROWS: Final = 20
"""Above the headings stand a school's name and a title."""


@dataclass(slots=True)
class Columns:
    """Which column is what: numbers from 0."""

    named: dict[str, int] = field(default_factory=dict)
    options: list[int] = field(default_factory=list)


def questions_of(rows: Rows) -> list[str] | None:
    """Return the lines of a question sheet, None where no headings of a table of questions are found."""
    for number, row in enumerate(rows[:FIRST_ROWS]):
        columns = _columns(row)
        if "question" in columns.named and (columns.options or "solution" in columns.named):
            return list(_lines(rows[number + 1 :], columns))
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


def _lines(rows: Iterable[Sequence[str]], columns: Columns) -> Iterator[str]:
    number = 0
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        question = _cell(cells, columns.named["question"])
        if not question:
            continue
        number += 1
        yield f"Câu {number}. {question}"
        yield from _answered(cells, columns)
        for name, words in _WRITTEN:
            if said := _cell(cells, columns.named.get(name)):
                yield f"{words}: {said}"
        yield ""


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
