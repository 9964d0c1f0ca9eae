"""Turns a spreadsheet file into lines of JSON on standard output. A program of its own, run by `reading`.

It runs in a process of its own because the file comes from outside: a zip bomb, a sheet with one cell in A1 and
one in XFD1048576, or a broken sector must end this process and not the web server. The operating system holds it to
`MEMORY_BYTES` and `CPU_SECONDS`, whatever the file says about itself. Only the standard library and calamine are used.

Lines: {"sheet": name, "hidden": …, "epoch_1904": …, "untyped": …, "merged": [[row, last row, column], …],
"errors": [[row, column, "#N/A"], …]}, then one
[row number, [cells]] for every row that is not empty (numbered as Excel shows them); {"refused": reason} ends it.
A date is written as {"d": "2020-07-03"}.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import math
import re
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from python_calamine import CalamineSheet

MEMORY_BYTES: Final = 280 * 1024 * 1024
CPU_SECONDS: Final = 30
MOST_ROWS: Final = 50_000
LONGEST_CELL: Final = 32_767  # Excel's own limit
MOST_UNPACKED: Final = 160 * 1024 * 1024
MOST_WRITTEN: Final = 48 * 1024 * 1024
MOST_CELLS: Final = 2_000_000
MOST_PARTS: Final = 2_000
MOST_SHEETS: Final = 400
SUSPECT_RATIO: Final = 400
SUSPECT_SIZE: Final = 10 * 1024 * 1024
XML_HEAD: Final = 4096
MOST_COLUMNS: Final = 400
SAMPLE: Final = 100_000
MOST_MERGED: Final = 2_000

ZIP: Final = b"PK\x03\x04"
OLE: Final = bytes.fromhex("D0CF11E0A1B11AE1")
ENCRYPTED_PART: Final = "EncryptedPackage".encode("utf-16-le")


class Reason(StrEnum):
    """Why a file will not be read; `reading` has the words for people."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    OTHER_KIND = "other_kind"
    WEB_PAGE = "web_page"
    NOT_UTF8 = "not_utf8"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    LONG_CELL = "long_cell"
    ENTITIES = "entities"


class RefusedError(Exception):
    """The file will not be read; the argument is the Reason."""


def main(path: Path) -> None:
    """Write the file's sheets to standard output; a refusal is the last line."""
    out = sys.stdout
    try:
        for text in _within_bounds(lines_of(path.read_bytes())):
            out.write(text)
    except RefusedError as refusal:
        out.write(json.dumps({"refused": str(refusal)}) + "\n")
    except MemoryError:
        out.write(json.dumps({"refused": Reason.TOO_LARGE}) + "\n")
    out.flush()


def _within_bounds(lines: Iterable[object]) -> Iterator[str]:
    """Yield JSON texts; a small file may still say one long cell a million times.

    The caller holds every cell as an object: their number and their text are bounded here, for its memory.
    """
    written = cells = 0
    for count, line in enumerate(lines):
        cells += len(line[1]) if isinstance(line, list) else 0
        text = json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n"
        written += len(text)
        if count > MOST_ROWS:
            raise RefusedError(Reason.TOO_MANY_ROWS)
        if written > MOST_WRITTEN or cells > MOST_CELLS:
            raise RefusedError(Reason.TOO_LARGE)
        yield text


def lines_of(content: bytes) -> Iterator[object]:
    """Yield the lines for a file's content, whatever its name says it is; raise RefusedError."""
    if not content.strip(b"\0 \r\n\t"):
        raise RefusedError(Reason.EMPTY)
    if content.startswith(ZIP):
        epoch_1904, errors = _inspect_zip(content)
        yield from _workbook_lines(content, errors, epoch_1904=epoch_1904)
    elif content.startswith(OLE):
        if ENCRYPTED_PART in content:
            raise RefusedError(Reason.ENCRYPTED)
        errors = _sibling("error_cells").errors_in_ole(content)
        yield from _workbook_lines(content, errors, epoch_1904=False)
    else:
        yield from _markup_lines(content) or _csv_lines(content)


def _markup_lines(content: bytes) -> Iterator[object] | None:
    """Return the lines of a web page or an XML workbook, None for any other text; raise RefusedError."""
    markup = _sibling("markup")
    try:
        lines = markup.lines_of_markup(content)
        if lines is None:
            return None
        return _plain_lines(list(lines))
    except markup.NoTableError as error:
        raise RefusedError(Reason.WEB_PAGE) from error
    except markup.UnsafeXmlError as error:
        raise RefusedError(Reason.ENTITIES) from error
    except markup.TooLargeError as error:
        raise RefusedError(Reason.TOO_LARGE) from error
    except markup.TooManyRowsError as error:
        raise RefusedError(Reason.TOO_MANY_ROWS) from error
    except markup.LongTextError as error:
        raise RefusedError(Reason.LONG_CELL) from error
    except (markup.expat.ExpatError, ValueError, RecursionError, LookupError) as error:
        raise RefusedError(Reason.UNREADABLE) from error


def _sibling(name: str) -> Any:  # noqa: ANN401 - a module
    """Return a module beside this one, which runs as a program without a search path of its own."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _plain_lines(lines: list[Any]) -> Iterator[object]:
    for line in lines:
        if isinstance(line, dict):
            yield line
        else:
            yield from _rows([line])


def _inspect_zip(content: bytes) -> tuple[bool, list[list[Any]]]:
    """Look at a zip before anything is parsed: raise RefusedError on a bomb, an entity or no workbook.

    Return whether the workbook counts its days from 1904, and the cells of each sheet that hold an error.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            _refuse_other_kinds({part.filename.replace("\\", "/") for part in parts})
            for part in parts:
                _refuse_entities(archive, part)
            return _counts_from_1904(archive), _sibling("error_cells").errors_in_zip(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise RefusedError(Reason.UNREADABLE) from error
    except RuntimeError as error:  # what zipfile says of a part with a password
        raise RefusedError(Reason.ENCRYPTED) from error


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    too_many = len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED
    if too_many or any(
        part.file_size > SUSPECT_SIZE and part.file_size > SUSPECT_RATIO * max(1, part.compress_size)
        for part in parts
    ):
        raise RefusedError(Reason.TOO_LARGE)


def _refuse_other_kinds(names: set[str]) -> None:
    if names & {"xl/workbook.xml", "xl/workbook.bin"}:
        return
    if "content.xml" in names and "mimetype" in names:
        return
    raise RefusedError(Reason.OTHER_KIND)


def _refuse_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No spreadsheet program writes a document type; one that is there defines entities to blow up or to read files."""
    if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(part) as stream:
        head = stream.read(XML_HEAD)
    if re.search(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", head, re.IGNORECASE):
        raise RefusedError(Reason.ENTITIES)


def _counts_from_1904(archive: zipfile.ZipFile) -> bool:
    if "xl/workbook.xml" not in archive.namelist():
        return False
    with archive.open("xl/workbook.xml") as stream:
        return re.search(rb"date1904\s*=\s*[\"'](?:1|true)[\"']", stream.read(XML_HEAD)) is not None


def _workbook_lines(content: bytes, errors: list[list[Any]], *, epoch_1904: bool) -> Iterator[object]:
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook  # noqa: PLC0415 - CSV needs none of it

    try:
        workbook = load_workbook(io.BytesIO(content))
        _refuse_sheets(len(workbook.sheets_metadata))
        for index, about in enumerate(workbook.sheets_metadata):
            sheet = workbook.get_sheet_by_index(index)
            yield {
                "sheet": about.name,
                "hidden": about.visible is not SheetVisibleEnum.Visible,
                "epoch_1904": epoch_1904,
                "untyped": False,
                "merged": _merged_downwards(sheet),
                "errors": errors[index] if index < len(errors) else [],
            }
            yield from _rows(_calamine_rows(sheet))
    except PasswordError as error:
        raise RefusedError(Reason.ENCRYPTED) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise RefusedError(Reason.UNREADABLE) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how a Rust panic arrives; it has no importable class
            raise RefusedError(Reason.UNREADABLE) from error
        raise


def _refuse_sheets(count: int) -> None:
    if count > MOST_SHEETS:
        raise RefusedError(Reason.TOO_LARGE)


def _merged_downwards(sheet: CalamineSheet) -> list[tuple[int, int, int]]:
    """Return (first row, last row, column) of cells merged over several rows; rows as Excel counts, columns from 0."""
    return [
        (top + 1, bottom + 1, left)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if bottom > top and left == right
    ][:MOST_MERGED]


def _calamine_rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[object]]]:
    """Yield (row number, cells from column A on); calamine leaves out the empty columns before the first."""
    if sheet.start is None:
        return
    lead: list[object] = [""] * min(sheet.start[1], MOST_COLUMNS)
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [*lead, *row]


def _csv_lines(content: bytes) -> Iterator[object]:
    text, one_byte = _decode(content)
    if "\0" in text or not re.search(r"[^\W\d_]", text[:100_000]):
        raise RefusedError(Reason.UNREADABLE)
    about = {"sheet": "", "hidden": False, "epoch_1904": False, "untyped": True, "merged": []}
    yield {**about, "one_byte": True} if one_byte else about
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from _rows((number, list[object](row)) for number, row in enumerate(reader, 1))
    except csv.Error as error:
        raise RefusedError(Reason.LONG_CELL if "field" in str(error) else Reason.UNREADABLE) from error


def _decode(content: bytes) -> tuple[str, bool]:
    """Return the text of a file, and whether its encoding was guessed and only stands for the bytes (an old font)."""
    if (encoding := _marked_or_wide(content)) is not None:
        try:
            return content.decode(encoding), False
        except UnicodeDecodeError as error:
            raise RefusedError(Reason.UNREADABLE) from error
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError as error:
        is_text = b"\0" not in content and any(mark in content for mark in (b",", b";", b"\t"))
        if not is_text:
            raise RefusedError(Reason.UNREADABLE) from error
    if (text := _from_windows_1258(content)) is not None:
        return text, False
    return content.decode("cp1252", errors="replace"), True


def _marked_or_wide(content: bytes) -> str | None:
    """Return UTF-16 where a mark says so, or where every other byte of plain letters and separators is a nought."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:XML_HEAD]
    low, high = head[0::2].count(0), head[1::2].count(0)
    if max(low, high) * 4 < len(head) // 2 or min(low, high) * 8 > max(low, high):
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def _from_windows_1258(content: bytes) -> str | None:
    """Return a text of Windows-1258, where every tone mark stands behind a letter that takes it; None for any other."""
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        return None
    tones = re.findall("[\u0300\u0301\u0303\u0309\u0323]", text)
    has_vietnamese = re.search("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỵỷỹ]", text, re.IGNORECASE)
    return text if has_vietnamese and not tones else None


def _delimiter(text: str) -> str:
    """Return the separator that divides most of the first lines into equally many cells, the most of them.

    Excel in Vietnam writes ";", others "," or tabs; addresses are full of commas.
    """
    return max("\t;,|", key=lambda mark: _evenness(text, mark))


def _evenness(text: str, mark: str) -> tuple[int, int]:
    """Return (lines with the usual number of cells, that number); no line where that is one."""
    reader = csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=mark)
    try:
        counts = Counter(len(cells) for cells, _ in zip(reader, range(50), strict=False) if cells)
    except csv.Error:
        return 0, 0
    usual, lines = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
    return (lines, usual) if usual > 1 else (0, 0)


def _rows(numbered: Iterable[tuple[int, list[object]]]) -> Iterator[object]:
    for number, cells in numbered:
        plain = [_plain(cell) for cell in cells[:MOST_COLUMNS]]
        while plain and plain[-1] == "":
            plain.pop()
        if plain:
            yield [number, plain]


def _plain(cell: object) -> object:
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise RefusedError(Reason.LONG_CELL)
        return cell if cell.strip() else ""
    if isinstance(cell, datetime):
        return {"d": cell.date().isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        return ""
    return "" if cell is None else cell


def _hold_to_limits() -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system; elsewhere the caller's clock is the limit
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _hold_to_limits()
    main(Path(sys.argv[1]))
