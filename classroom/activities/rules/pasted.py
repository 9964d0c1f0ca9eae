"""Question sheets as they are pasted, out of Word or a chat, cut into the questions that `reading` reads.

Vietnamese sheets have a head of their own (school, name, "PHẦN I. …", "HẾT") and very often a table of answers at the
end. The table's answers go to their questions; what belongs to no question is left out, and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from classroom.activities.rules.columns import pasted_table
from classroom.activities.rules.lines import (
    END,
    HEAD,
    LIST,
    NUMBER,
    OWN,
    SLIDES,
    Line,
    asked,
    part_opened,
    plainly,
)
from classroom.activities.rules.tables import ANSWERED, answer_for, without_answers

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Sheet:
    """The blocks of lines that are questions or slides, and what was left out because it belongs to none."""

    blocks: tuple[tuple[Line, ...], ...]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Cut:
    """A sheet as it is cut up, line by line."""

    blocks: list[list[Line]] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    known: set[tuple[int, int]] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)
    part: int = 1
    is_outside: bool = False

    def begin(self, line: Line, number: int = 0) -> None:
        """Begin a question; a number that was there already begins another part."""
        if number and (self.part, number) in self.known:
            self.part += 1
        self.known.add((self.part, number))
        self.blocks.append([line])
        self.numbers.append((self.part, number))
        self.is_outside = False

    def go_on(self, line: Line) -> None:
        """Take a line to the question that is open, or leave it out."""
        if self.is_outside:
            self.left_out += [line.text.strip()] if line.text.strip() else []
        elif self.blocks and not SLIDES.match(self.blocks[-1][0].text):
            self.blocks[-1].append(line)
        elif line.text.strip():
            self.begin(line)


def sheet_of(text: str) -> Sheet:
    """Return the questions of a text as blocks of lines in the editor's own form; never raises."""
    table = pasted_table(text)
    given = (
        [Line(number, line) for number, line in enumerate(text.splitlines(), 1)] if table is None else table
    )
    lines = [Line(line.number, plainly(line.text)) for line in given]
    lines, answers, left_out = without_answers(lines)
    cut = _cut(lines)
    for block, place in zip(cut.blocks, cut.numbers, strict=True):
        if (answer := answer_for(answers, place)) and not any(ANSWERED.match(line.text) for line in block):
            block += [Line(block[0].number, told) for told in answer]
    blocks = tuple(tuple(block) for block in cut.blocks if any(line.text.strip() for line in block))
    return Sheet(blocks, (*cut.left_out, *left_out))


def _cut(lines: Sequence[Line]) -> _Cut:
    cut = _Cut()
    has_words = any(HEAD.match(line.text) for line in lines)
    cut.is_outside = has_words and not _begins_with_question(lines)
    in_list = False
    for line in lines:
        head = HEAD.match(line.text) or (None if has_words or in_list else NUMBER.match(line.text))
        in_list = bool(LIST.match(line.text)) or (in_list and bool(line.text.strip()))
        if head:
            cut.begin(Line(line.number, asked(line.text[head.start(2) :])), int(head[1]))
        elif SLIDES.match(line.text):
            cut.begin(line)
        elif part := part_opened(line.text):
            cut.part = max(cut.part + bool(cut.blocks), part)
            cut.is_outside = has_words
        elif END.match(line.text):
            cut.is_outside = True
        else:
            cut.go_on(line)
    return cut


def _begins_with_question(lines: Sequence[Line]) -> bool:
    """Whether what stands before the first number is a question without one, not the head of the sheet."""
    for line in lines:
        if HEAD.match(line.text):
            return False
        if OWN.search(line.text) and not part_opened(line.text):
            return True
    return True
