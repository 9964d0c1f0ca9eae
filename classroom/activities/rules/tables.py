"""The table of answers at the end of a question sheet: found, taken out, and read.

"1.A 2.B 3.C", "Câu 1: B. Vì …", two rows of a table ("Câu 1 2 3", "Đáp án A B C"), "Câu 1: a) Đ b) S c) S d) Đ", a
number where an answer is one; with the parts of the examination of 2025, in each of which the questions count from 1.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from app.text import clean_text, fold
from classroom.activities.rules.lines import END, HEAD, NUMBER, Line, part_opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Answers = dict[tuple[int, int], list[str]]
"""{(part, number): the lines that say what is right}."""

_TABLE: Final = re.compile(
    r"(?:bang |phan |\W)*(?:dap an|huong dan (?:cham|giai)|loi giai chi tiet|answer key)\b[^:]{0,50}:?\W*"
)
_PAIR: Final = re.compile(r"(?:(?:câu|question)\s*)?(\d{1,3})\s*[.:)–-]?\s*([A-H])(?![\w])", re.IGNORECASE)
ANSWERED: Final = re.compile(r"\s*(?:\*|\W*(?:đáp án|chọn|trả lời|số)\b.*[:A-D])", re.IGNORECASE)
"""A line that says itself what is right; it counts more than the table."""
_BETWEEN: Final = re.compile(r"[\s,;|/.]*")
_JUDGED: Final = re.compile(
    r"^\W*(?:(?:câu|question)\s*)?(\d{1,3})\s*[.:)|–-]?\s*((?:(?:[a-d]\s*[).:–-]?\s*)?(?:Đúng|Sai|Đ|S)[\s,;|–-]*){2,4})$",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    r"^\W*(?:(?:câu|question)\s*)?(\d{1,3})\s*[.:)|\t–-]\s*(?:(?:chọn|đáp án)\s*(?:đáp án|phương án|là)?\s*:?\s*)?"
    r"(?:([A-H])\s*(?:[.:,)–-]\s*(.*))?|(-?\d[\d.,/ ]*%?))$",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"^(?:câu(?: số| hỏi)?|đáp án|đ/?a|chọn|kết quả)$", re.IGNORECASE)
_CELLS: Final = re.compile(r"\s*[\t|]\s*")
FEWEST_PAIRS: Final = 3
"""Pairs on a line that is taken for a table of answers though no heading says so."""


def without_answers(lines: list[Line]) -> tuple[list[Line], Answers, list[str]]:
    """Return the lines without the table of answers, the answers, and what in the table could not be read."""
    for start in range(len(lines) - 1, -1, -1):
        if _opens_table(lines, start):
            answers, left_out = _answers(lines[start:])
            if answers:
                return lines[:start], answers, left_out
    return lines, {}, []


def _opens_table(lines: list[Line], at: int) -> bool:
    """Whether a line is a heading of answers with answers below it, or the first of lines that are pairs alone."""
    text = lines[at].text
    if _is_heading(text):
        asks_on = any(HEAD.match(line.text) and not _told(line.text) for line in lines[at + 1 :])
        return not asks_on and any(HEAD.match(line.text) or NUMBER.match(line.text) for line in lines[:at])
    return (
        len(_pairs(text)) >= FEWEST_PAIRS
        and not (at and _pairs(lines[at - 1].text))
        and not any(_is_heading(line.text) for line in lines[:at])
    )


def _is_heading(text: str) -> bool:
    return "\t" not in text and bool(_TABLE.fullmatch(fold(text)))


def _told(text: str) -> bool:
    return bool(_pairs(text) or _JUDGED.match(text) or _SAID.match(text) or _row_of_numbers(text))


def _pairs(text: str) -> list[tuple[int, str]]:
    """Return the (number, letter) of a line that holds nothing else."""
    found = list(_PAIR.finditer(text))
    between = _BETWEEN.fullmatch(_PAIR.sub("", text))
    return [(int(one[1]), one[2].upper()) for one in found] if found and between else []


def _answers(lines: Sequence[Line]) -> tuple[Answers, list[str]]:
    answers, left_out, part, numbers = Answers(), list[str](), 1, list[int]()
    for line in lines[1:] if _is_heading(lines[0].text) else lines:
        if opened := part_opened(line.text):
            part = max(part + bool(answers), opened)
            continue
        if not line.text.strip(" |:-\t"):
            continue
        above, numbers = numbers, _row_of_numbers(line.text)
        told = [] if numbers else list(_told_by(line.text, above))
        if any((part, number) in answers for number, _ in told):
            part += 1
        answers |= {(part, number): answer for number, answer in told}
        if not told and not numbers and not END.match(line.text):
            left_out.append(line.text.strip())
    return answers, left_out


def _told_by(text: str, numbers: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield (number, lines) of the answers in one line; `numbers` are those of the row above it in a table."""
    cells = _row(text)
    if numbers and len(cells) == len(numbers):
        yield from (
            (number, [f"Đáp án: {cell}"]) for number, cell in zip(numbers, cells, strict=True) if cell
        )
    elif pairs := _pairs(text):
        yield from ((number, [f"Đáp án: {letter}"]) for number, letter in pairs)
    elif judged := _JUDGED.match(text):
        yield int(judged[1]), [f"Đáp án: {_signs(judged[2])}"]
    elif said := _SAID.match(text):
        explanation = [f"Giải thích: {clean_text(said[3])}"] if said[3] and said[3].strip() else []
        yield int(said[1]), [*explanation, f"Đáp án: {(said[2] or said[4]).strip().upper()}"]


def _signs(text: str) -> str:
    return " ".join(sign.upper() for sign in re.findall(r"(?i)đ|s", text))


def _row(text: str) -> list[str]:
    """Return the cells of a row of a table behind its label."""
    cells = [clean_text(cell) for cell in _CELLS.split(text.strip().strip("|"))]
    if len(cells) == 1:
        cells = text.split()
    return cells[1:] if cells and _LABEL.match(cells[0]) else cells


def _row_of_numbers(text: str) -> list[int]:
    """Return the numbers of a table's row of numbers: "Câu 1 2 3", or three and more that count on."""
    cells = [re.sub(r"(?i)^câu\s*", "", cell) for cell in _row(text)]
    numbers = [int(cell) for cell in cells if cell.isdigit()]
    counts_on = all(after == before + 1 for before, after in pairwise(numbers))
    is_row = len(numbers) == len(cells) > 1 and counts_on
    return numbers if is_row and (len(numbers) >= FEWEST_PAIRS or not text.strip()[0].isdigit()) else []


def answer_for(answers: Answers, place: tuple[int, int]) -> list[str]:
    """Return the lines for a question; where its part has none, those of the only part that knows its number."""
    if place in answers or not place[1]:
        return answers.get(place, [])
    others = [told for (_, number), told in answers.items() if number == place[1]]
    return others[0] if len(others) == 1 else []
