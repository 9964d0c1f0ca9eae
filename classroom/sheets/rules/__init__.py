"""A file of questions as the text that the plan editor takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say
from app.intake.rules.reading import sheets_in
from app.text import clean_text
from classroom.activities.rules.columns import questions_of
from classroom.sheets.rules.word import document_of

if TYPE_CHECKING:
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


def sheet_in(name: str, content: bytes) -> SheetFound:
    """Read a file of questions; raise InvalidError, which says what to do, for one that cannot be read."""
    if len(content) > LARGEST_FILE:
        raise InvalidError(say("Tệp lớn hơn %(most)s MB.", most=LARGEST_FILE // 1024**2))
    if name.lower().endswith(".doc"):
        raise InvalidError(say("Tệp .doc là dạng cũ. Trong Word, chọn Tệp, Lưu thành, .docx rồi thử lại."))
    if content.startswith(_ZIP) and _WORD_PART in content:
        document = document_of(content)
        text = "\n".join(document.lines).strip()
        return SheetFound(_must_say_something(text), document.pictures, document.unread)
    return SheetFound(_must_say_something("\n".join(_tables(content)).strip()))


def _must_say_something(text: str) -> str:
    if not text:
        raise InvalidError(say("Trong tệp này không có câu hỏi nào."))
    return text


def _tables(content: bytes) -> list[str]:
    with NamedTemporaryFile(suffix=".bin") as file:
        file.write(content)
        file.flush()
        lines: list[str] = []
        was_found = False
        for sheet in sheets_in(Path(file.name)):
            if sheet.hidden:
                continue
            found = questions_of([[_said(cell) for cell in row.cells] for row in sheet.rows])
            was_found = was_found or found is not None
            lines += [line.text for line in found or ()]
    if not was_found:
        raise InvalidError(
            say(
                "Bảng này chưa có cột “Câu hỏi” và các cột A, B, C, D hay “Đáp án”. Hãy đặt tên cột rồi thử lại."
            )
        )
    return lines


def _said(cell: Cell) -> str:
    """Return a cell as a person reads it. "1/2" typed into Excel became the first of February: it is 1/2 again."""
    if isinstance(cell, bool):
        return "Đúng" if cell else "Sai"
    if isinstance(cell, date):
        return f"{cell.day}/{cell.month}"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:g}".replace(".", ",")
    return clean_text(str(cell))
