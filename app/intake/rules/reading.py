"""Reads a file from outside into sheets of cells, told apart by content and not by name.

xlsx, xlsb, xls, ods, CSV, and what web systems call .xls: web pages with tables, XML workbooks of Excel 2003.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final

from app.i18n import N_, say
from app.intake.rules.cells import Reason
from app.intake.rules.rows import Sheet, SheetRow, UnreadableFileError
from app.text import legacy_encoding

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from app.intake.rules.rows import Cell

log = logging.getLogger(__name__)
LARGEST_FILE: Final = 20 * 1024 * 1024
LONGEST_SECONDS: Final = 60
_PROGRAM: Final = Path(__file__).with_name("cells.py")

_REASONS: Final = {
    Reason.EMPTY: N_("Tệp trống, chưa có gì để nhập. Hãy chọn lại tệp danh sách học sinh."),
    Reason.UNREADABLE: N_(
        "Không đọc được tệp này: tệp hỏng hoặc không phải bảng tính. "
        "Hãy mở tệp bằng Excel, lưu lại dạng .xlsx rồi nhập lại."
    ),
    Reason.ENCRYPTED: N_("Tệp có đặt mật khẩu. Hãy mở bằng Excel, bỏ mật khẩu, lưu lại rồi nhập lại."),
    Reason.OTHER_KIND: N_(
        "Tệp này không phải bảng tính (có thể là tệp Word hoặc tệp nén). "
        "Hãy chọn tệp Excel (.xlsx, .xls), OpenDocument (.ods) hoặc CSV."
    ),
    Reason.WEB_PAGE: N_(
        "Tệp này thật ra là một trang web hoặc tệp XML và không có bảng nào trong đó. "
        "Hãy mở bằng Excel, lưu lại dạng .xlsx rồi nhập lại."
    ),
    Reason.NOT_UTF8: N_(
        "Tệp CSV không dùng bảng mã UTF-8 nên không đọc đúng được dấu tiếng Việt. "
        "Hãy lưu lại dạng “CSV UTF-8” hoặc .xlsx rồi nhập lại."
    ),
    Reason.TOO_LARGE: N_(
        "Tệp quá lớn hoặc quá nhiều ô nên không được mở. "
        "Hãy xóa các trang và dòng không cần, lưu lại dạng .xlsx rồi nhập lại."
    ),
    Reason.TOO_MANY_ROWS: N_("Tệp có hơn 50.000 dòng. Hãy tách thành từng tệp cho từng trường rồi nhập lại."),
    Reason.LONG_CELL: N_(
        "Tệp có ô dài hơn 32.767 ký tự, không thể là danh sách học sinh. Hãy kiểm tra lại tệp."
    ),
    Reason.ENTITIES: N_(
        "Tệp có chứa khai báo XML không an toàn nên không được mở. "
        "Hãy mở bằng Excel, lưu lại dạng .xlsx rồi nhập lại."
    ),
}


def sheets_in(path: Path) -> Generator[Sheet]:
    """Yield the sheets of a file one by one; raise UnreadableFileError with what to do about it.

    The file is opened by a process of its own with limits on memory and time, so that a hostile one ends that process.
    Close the generator when it is left before its end.
    """
    with TemporaryFile("w+b") as lines:
        write_lines(path, lines)
        yield from sheets_of(lines)


def refuse_size(size: int) -> None:
    """Raise UnreadableFileError for a file of more bytes than any roster has."""
    if size > LARGEST_FILE:
        raise _refusal(Reason.TOO_LARGE)


def write_lines(path: Path, lines: IO[bytes]) -> None:
    """Have the process of its own write what it finds into `lines`: the first half of `sheets_in`.

    Waiting for it lets the event loop go on. Never in a native thread: there gevent cannot watch a process.
    """
    refuse_size(path.stat().st_size)
    command = [sys.executable, "-I", str(_PROGRAM), str(path)]
    try:
        done = subprocess.run(
            command, stdout=lines, stderr=subprocess.PIPE, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(Reason.TOO_LARGE) from error
    if done.returncode < 0:  # ended by a signal: its memory or its time was used up
        raise _refusal(Reason.TOO_LARGE)
    if done.returncode > 0:
        log.warning("a roster could not be read: %s", done.stderr[-2000:].decode(errors="replace"))
        raise _refusal(Reason.UNREADABLE)


def sheets_of(lines: IO[bytes]) -> Iterator[Sheet]:
    """Yield the sheets that `write_lines` wrote: the second half, which computes."""
    lines.seek(0)
    about: dict[str, Any] | None = None
    rows: list[SheetRow] = []
    for line in lines:
        said = json.loads(line)
        if isinstance(said, list):
            rows.append(SheetRow(said[0], tuple(_cell(cell) for cell in said[1])))
            continue
        if "refused" in said:
            raise _refusal(Reason(said["refused"]))
        if about is not None:
            yield _sheet(about, rows)
        about, rows = said, []
    if about is not None:
        yield _sheet(about, rows)


def _refuse_guess(rows: list[SheetRow]) -> None:
    """Refuse bytes that are no Unicode and no old font that can be converted: their accents are lost."""
    texts = [cell for row in rows for cell in row.cells if isinstance(cell, str) and not cell.isascii()]
    if legacy_encoding(texts) is None:
        raise _refusal(Reason.NOT_UTF8)


def _sheet(about: dict[str, Any], rows: list[SheetRow]) -> Sheet:
    if about.get("one_byte"):
        _refuse_guess(rows)
    return Sheet(
        name=about["sheet"],
        rows=tuple(rows),
        hidden=about["hidden"],
        epoch_1904=about["epoch_1904"],
        untyped=about["untyped"],
        merged=tuple((first, last, column) for first, last, column in about["merged"]),
        errors={(row, column): text for row, column, text in about.get("errors", ())},
    )


def _cell(said: Any) -> Cell:  # noqa: ANN401 - a JSON value
    if isinstance(said, dict):
        return date.fromisoformat(said["d"])
    cell: Cell = said
    return cell


def _refusal(reason: Reason) -> UnreadableFileError:
    return UnreadableFileError(say(_REASONS[reason]))
