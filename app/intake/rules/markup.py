"""Reads web pages and XML 2003 workbooks that are called .xls, as many school systems export them, into lines of JSON.

Used by the program `cells`, with its limits on memory and time; only the standard library is used. Pages are never
shown: scripts, styles and comments are passed over, and nothing that a page points to is fetched.
"""

from __future__ import annotations

import email
import email.policy
import re
from html import unescape
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD: Final = 4096
MOST_SPANNED: Final = 400
MOST_CELLS: Final = 2_000_000
MOST_ROWS: Final = 50_000
LONGEST_TEXT: Final = 32_767
"""As in `cells`: here what is too much is refused while it is read, and not when all of it has been."""
_PASSED_OVER: Final = frozenset({"script", "style", "title", "xml", "template"})
_BREAKS: Final = frozenset({"br", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "center", "body"})
_HTML: Final = re.compile(r"<(!doctype\s+html|html|table|meta|head|body)\b", re.IGNORECASE)
_RAW: Final = frozenset({"script", "style"})
"""Up to their end these hold no markup."""
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')|=)*+)>")
_ATTRIBUTE: Final = re.compile(r"([^\s=\"'/]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++))")
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?([\w\-]+)", re.IGNORECASE)
_WORKBOOK: Final = "urn:schemas-microsoft-com:office:spreadsheet"


class TooLargeError(Exception):
    """More cells than any list of pupils has."""


class TooManyRowsError(Exception):
    """More rows than a school has pupils."""


class LongTextError(Exception):
    """A cell, or a text between tables, that is longer than a cell can be."""


class UnsafeXmlError(Exception):
    """The file declares a document type, and so may declare entities."""


class NoTableError(Exception):
    """The markup holds no table."""


def lines_of_markup(content: bytes) -> Iterator[object] | None:
    """Return the lines of a file of markup, None for a file that is none; raises the errors of this module."""
    if content[:200].lstrip().lower().startswith((b"mime-version:", b"content-type: multipart")):
        return _lines_of_archive(content)
    head = _text(content[:HEAD], errors="ignore").lstrip("\ufeff \t\r\n")
    if not head.startswith("<"):
        return None
    if _WORKBOOK in head:
        return _Xml2003().lines(content)
    if _HTML.search(head):
        return _Page().lines(_text(content))
    if head.startswith("<?xml"):
        raise NoTableError
    return None


def _text(content: bytes, errors: str = "replace") -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors)
    said = _CHARSET.search(content[:HEAD])
    for encoding in ("utf-8-sig", said[1].decode("ascii") if said else "cp1252"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8-sig", errors)


def _lines_of_archive(content: bytes) -> Iterator[object]:
    """Yield the lines of a page saved as one file (.mht), whose parts are its sheets."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    found = False
    for part in message.walk():
        if part.get_content_type() != "text/html":
            continue
        payload = part.get_payload(decode=True)
        text = _text(payload) if isinstance(payload, bytes) else ""
        if "<td" in text.lower():
            found = True
            yield from _Page().lines(text)
    if not found:
        raise NoTableError


def _about(
    name: str, merged: list[list[int]], *, hidden: bool, untyped: bool, from_1904: bool
) -> dict[str, object]:
    return {"sheet": name, "hidden": hidden, "epoch_1904": from_1904, "untyped": untyped, "merged": merged}


class _Grid:
    """Rows being filled: cells that reach over others keep those empty."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[int, object]] = {}
        self.merged: list[list[int]] = []
        self._taken: dict[int, set[int]] = {}
        self._count = 0

    def free(self, row: int, column: int) -> int:
        """Return the first column from here on that no cell above reaches into."""
        taken = self._taken.get(row, ())
        while column in taken:
            column += 1
        return column

    def put(self, row: int, column: int, value: object, down: int, across: int) -> None:
        """Write a cell that covers `down` rows and `across` columns."""
        self._count += down * across
        if self._count > MOST_CELLS:
            raise TooLargeError
        if len(self.rows) > MOST_ROWS:
            raise TooManyRowsError
        if value != "":
            self.rows.setdefault(row, {})[column] = value
        if down > 1:
            for below in range(row + 1, row + down):
                self._taken.setdefault(below, set()).update(range(column, column + across))
            if across == 1:
                self.merged.append([row, row + down - 1, column])

    def written(self) -> Iterator[tuple[int, list[object]]]:
        """Yield (row number, cells from column A on)."""
        for row, cells in sorted(self.rows.items()):
            yield row, [cells.get(column, "") for column in range(max(cells) + 1)]


class _Page:
    """A web page as one sheet: its tables below each other; text between them makes rows of its own.

    The page is gone through once, by hand: html.parser goes over what is not closed again and again, and 17 MB of it
    took half a minute.
    """

    def __init__(self) -> None:
        self.grid = _Grid()
        self.row = self.column = 0
        self.cells = 0
        self.text: list[str] = []
        self.length = 0
        self.span = (1, 1)
        self.in_cell = self.in_row = False
        self.outer: list[tuple[bool, bool]] = []
        self.silent = ""

    def lines(self, text: str) -> Iterator[object]:
        """Yield the lines of the page."""
        self._read(text)
        self._end_cell()
        if not self.cells:
            raise NoTableError
        yield _about("", self.grid.merged, hidden=False, untyped=True, from_1904=False)
        yield from self.grid.written()

    def _read(self, page: str) -> None:
        place = 0
        while (found := page.find("<", place)) >= 0:
            if found > place:
                self._data(page[place:found])
            place = self._markup(page, found)
            if place < 0:
                return
        self._data(page[place:])

    def _markup(self, page: str, place: int) -> int:
        """Read what begins with "<" at a place; return where it ends, -1 for the page's end."""
        following = page[place + 1 : place + 2]
        if following in {"!", "?"}:
            end = "-->" if page.startswith("<!--", place) else ">"
            found = page.find(end, place + 2)
            return found + len(end) if found >= 0 else -1
        tag = _TAG.match(page, place)
        if tag is None:
            self._data("<")
            return place + 1
        name = tag[2].lower()
        if tag[1]:
            self._end(name)
        elif name in _RAW and not self.silent:
            closing = re.compile(f"</{name}", re.IGNORECASE).search(page, tag.end())
            return closing.start() if closing else -1
        else:
            self._start(name, tag[3])
            if tag[3].endswith("/"):
                self._end(name)
        return tag.end()

    def _start(self, tag: str, attributes: str) -> None:
        """Begin a row or a cell; ends of tags are often left out."""
        if self.silent:
            return
        if tag in _PASSED_OVER:
            self.silent = tag
        elif tag == "table":
            self._end_cell()
            self.outer.append((self.in_row, self.in_cell))
            self.in_row = self.in_cell = False
        elif tag == "tr":
            self._begin_row()
        elif tag in {"td", "th"}:
            self._end_cell()
            if not self.in_row:
                self._begin_row()
            said = dict(_spans(attributes)) if "span" in attributes.lower() else {}
            self.span = (_number(said.get("rowspan")), _number(said.get("colspan")))
            self.in_cell = True
        elif tag in _BREAKS:
            self._break()

    def _end(self, tag: str) -> None:
        """End a cell, a row or a table."""
        if self.silent:
            self.silent = "" if tag == self.silent else self.silent
        elif tag in {"td", "th"}:
            self._end_cell()
        elif tag == "tr":
            self._end_cell()
            self.in_row = False
        elif tag == "table":
            self._end_cell()
            self.in_row, self.in_cell = self.outer.pop() if self.outer else (False, False)
        elif tag in _BREAKS:
            self._break()

    def _data(self, written: str) -> None:
        """Gather text; between tables it makes a row of its own, between the cells of a row it is nothing."""
        if self.silent or (self.in_row and not self.in_cell):
            return
        data = unescape(written) if "&" in written else written
        self.length += len(data.strip())
        if self.length > LONGEST_TEXT:
            raise LongTextError
        self.text.append(re.sub(r"\s+", " ", data) if self.in_cell else data)

    def _break(self) -> None:
        if self.in_cell:
            self.text.append("\n")
        else:
            self._end_cell()

    def _begin_row(self) -> None:
        self._end_cell()
        self.row, self.column, self.in_row = self.row + 1, 0, True

    def _end_cell(self) -> None:
        value = "".join(self.text).strip(" \t\r\n\xa0")
        self.text.clear()
        self.length = 0
        if self.in_cell:
            down, across = self.span
            self.column = self.grid.free(self.row, self.column)
            self.grid.put(self.row, self.column, value, down, across)
            self.column += across
            self.cells += 1
            self.in_cell = False
        elif value and not self.in_row:
            self.row += 1
            self.grid.put(self.row, 0, value, 1, 1)


def _spans(attributes: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a tag with their values."""
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        yield name.lower(), double or single or bare


def _number(said: str | None) -> int:
    return min(max(int(said), 1), MOST_SPANNED) if said and said.strip().isdecimal() and len(said) < 7 else 1  # noqa: PLR2004


class _Xml2003:
    """A workbook in the XML of Excel 2003, which names the row and the column of a cell only where it leaps."""

    def __init__(self) -> None:
        self.grid = _Grid()
        self.sheets: list[tuple[dict[str, object], _Grid]] = []
        self.name = ""
        self.hidden = self.from_1904 = False
        self.row = self.column = 0
        self.kind = ""
        self.span = (1, 1)
        self.text: list[str] = []
        self.said: dict[str, Callable[[dict[str, str]], None]] = {
            "Worksheet": self._worksheet, "Row": self._begin_row, "Cell": self._begin_cell, "Data": self._begin_data,
        }  # fmt: skip
        self.in_comment = False

    def lines(self, content: bytes) -> Iterator[object]:
        """Yield the lines of the workbook."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.EntityDeclHandler = _refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text.append
        parser.buffer_text = True
        parser.Parse(content.lstrip(), True)  # noqa: FBT003 - takes no keywords
        if not self.sheets:
            raise NoTableError
        for about, grid in self.sheets:
            yield about
            yield from grid.written()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "Comment":
            self.in_comment = True
        elif begin := self.said.get(local):
            begin({key.rpartition(" ")[2]: value for key, value in attributes.items()})
        elif local in {"Visible", "Date1904"}:
            self.text.clear()

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "Comment":
            self.in_comment = False
        elif local == "Data" and not self.in_comment:
            self._end_data()
        elif local == "Cell":
            self.column += self.span[1] - 1
        elif local == "Visible":
            self.hidden = "".join(self.text).strip() in {"SheetHidden", "SheetVeryHidden"}
        elif local == "Date1904":
            self.from_1904 = True
        elif local == "Worksheet":
            about = _about(
                self.name, self.grid.merged, hidden=self.hidden, untyped=False, from_1904=self.from_1904
            )
            self.sheets.append((about, self.grid))

    def _worksheet(self, said: dict[str, str]) -> None:
        self.name, self.hidden, self.grid, self.row = said.get("Name", ""), False, _Grid(), 0

    def _begin_row(self, said: dict[str, str]) -> None:
        index = said.get("Index", "")
        self.row = int(index) if index.isdecimal() and len(index) < 8 else self.row + 1  # noqa: PLR2004
        self.column = -1

    def _begin_cell(self, said: dict[str, str]) -> None:
        index = said.get("Index", "")
        place = int(index) - 1 if index.isdecimal() and len(index) < 6 else self.column + 1  # noqa: PLR2004
        self.column = self.grid.free(self.row, min(place, MOST_SPANNED))
        self.span = tuple(
            _number(str(int(said.get(key, "0") or 0) + 1)) for key in ("MergeDown", "MergeAcross")
        )  # type: ignore[assignment] # two of them
        self.grid.put(self.row, self.column, "", *self.span)

    def _begin_data(self, said: dict[str, str]) -> None:
        if not self.in_comment:
            self.kind = said.get("Type", "String")
            self.text.clear()

    def _end_data(self) -> None:
        value = _typed("".join(self.text), self.kind)
        self.text.clear()
        if value != "":
            self.grid.rows.setdefault(self.row, {})[self.column] = value


def _typed(text: str, kind: str) -> object:
    """Return the value of a cell: the types are String, Number, DateTime, Boolean and Error."""
    if kind == "Number":
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() and abs(number) < 1e15 else number  # noqa: PLR2004 - exact below 2**53
    if kind == "DateTime" and re.match(r"\d{4}-\d\d-\d\d", text):
        return {"d": text[:10]}
    if kind == "Boolean":
        return text.strip() == "1"
    return "" if kind == "Error" else text


def _refuse_document_type(*_said: object) -> None:
    raise UnsafeXmlError
