"""A file of questions as the text that the plan editor takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say
from app.intake.rules.reading import sheets_of, write_lines
from app.text import clean_text
from classroom.activities.rules.columns import questions_of
from classroom.sheets.rules.word import document_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from app.intake.rules.rows import Cell

LARGEST_FILE: Final = 20 * 1024 * 1024
_OLD_WORD: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_ZIP: Final = b"PK\x03\x04"
_WORD_PART: Final = b"word/document.xml"


@dataclass(frozen=True, slots=True)
class SheetFound:
    """The text of a question sheet, and how many pictures and formulas could not come along."""

    text: str
    pictures: int = 0
    unread: int = 0


def _here(work: Callable[[], SheetFound]) -> SheetFound:
    return work()


def sheet_in(
    name: str, content: bytes, aside: Callable[[Callable[[], SheetFound]], SheetFound] = _here
) -> SheetFound:
    """Read a file of questions; raise InvalidError, which says what to do, for one that cannot be read.

    `aside` runs what computes for long (`app.jobs.offload`). The process that opens a table is waited for outside it.
    """
    if len(content) > LARGEST_FILE:
        raise InvalidError(say("Tệp lớn hơn %(most)s MB.", most=LARGEST_FILE // 1024**2))
    if name.lower().endswith(".doc"):
        raise InvalidError(say("Tệp .doc là dạng cũ. Trong Word, chọn Tệp, Lưu thành, .docx rồi thử lại."))
    if content.startswith(_ZIP) and _WORD_PART in content:
        return aside(lambda: _document(content))
    with NamedTemporaryFile(suffix=".bin") as file, TemporaryFile("w+b") as lines:
        file.write(content)
        file.flush()
        write_lines(Path(file.name), lines)
        return aside(lambda: SheetFound(_must_say_something("\n".join(_tables(lines)).strip())))


def _document(content: bytes) -> SheetFound:
    document = document_of(content)
    text = "\n".join(document.lines).strip()
    return SheetFound(_must_say_something(text), document.pictures, document.unread)


def _must_say_something(text: str) -> str:
    if not text:
        raise InvalidError(say("Trong tệp này không có câu hỏi nào."))
    return text


def _tables(lines: IO[bytes]) -> list[str]:
    texts: list[str] = []
    was_found = False
    for sheet in sheets_of(lines):
        if sheet.hidden:
            continue
        found = questions_of([[_said(cell) for cell in row.cells] for row in sheet.rows])
        was_found = was_found or found is not None
        texts += [line.text for line in found or ()]
    if not was_found:
        raise InvalidError(
            say(
                "Bảng này chưa có cột “Câu hỏi” và các cột A, B, C, D hay “Đáp án”. Hãy đặt tên cột rồi thử lại."
            )
        )
    return texts


def _said(cell: Cell) -> str:
    """Return a cell as a person reads it. "1/2" typed into Excel became the first of February: it is 1/2 again."""
    if isinstance(cell, bool):
        return "Đúng" if cell else "Sai"
    if isinstance(cell, date):
        return f"{cell.day}/{cell.month}"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:g}".replace(".", ",")
    return clean_text(str(cell))
