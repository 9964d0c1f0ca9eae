"""A file of Word (.docx) as the text of a question sheet.

What a text field loses is kept: numbers that Word counts by itself ("Câu 1.", "A."), equations as TeX, figures low and
high, and what is underlined, red or marked with a pen: the right option, which gets a star.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from app.archives import BROKEN
from app.errors import InvalidError
from app.i18n import say
from classroom.sheets.rules.equations import MATHS, equations_in, tex_of
from classroom.sheets.rules.numbering import Counters, counters_of
from classroom.sheets.rules.stars import Run, starred, without_decoration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT, NUMBERING = "word/document.xml", "word/numbering.xml"
LARGEST_PART: Final = 12 * 1024 * 1024
"""Bytes of the document once unpacked: a sheet of a thousand questions has two million."""
MOST_TAGS: Final = 500_000
"""Of one part: each becomes an object of a hundred bytes and more; a sheet of a thousand questions has a tenth."""
_TYPED: Final = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", re.IGNORECASE)
_VAL: Final = f"{WORD}val"
_HIGH: Final = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOW: Final = str.maketrans("0123456789+-=()n", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ")
_SMALL: Final = re.compile(r"[0-9+\-=()n]+")
_RED: Final = re.compile(r"(?:FF0000|C00000|EE0000|red)", re.IGNORECASE)
_PENS: Final = frozenset({"yellow", "green", "cyan", "magenta", "red", "darkYellow"})
UNREAD: Final = "(công thức chưa đọc được)"
"""Stands where a formula of MathType was: the teacher sees where something is missing."""


@dataclass(slots=True)
class Document:
    """What a file says: its lines, and how many pictures and formulas could not come along."""

    lines: list[str] = field(default_factory=list)
    pictures: int = 0
    unread: int = 0


def document_of(content: bytes) -> Document:
    """Read a file of Word; raise InvalidError for what is none, too large, or nested as no Word nests."""
    document = Document()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            body = _tree(archive, DOCUMENT).find(f"{WORD}body")
            has_numbers = NUMBERING in archive.namelist()
            counters = counters_of(_tree(archive, NUMBERING)) if has_numbers else Counters({})
        for line in _lines(body, document, counters) if body is not None else ():
            document.lines += line.split("\n")
    except (
        *BROKEN,
        ET.ParseError,
        LookupError,
    ) as error:  # an encoding that nobody knows; RecursionError is a RuntimeError
        raise InvalidError(
            say("Không đọc được tệp Word này. Hãy mở bằng Word, lưu lại thành .docx rồi thử lại.")
        ) from error
    document.lines = without_decoration(document.lines)
    return document


def _tree(archive: zipfile.ZipFile, name: str) -> Element:
    """Read a part; a document type, which Word never writes, could blow up or read other files."""
    if archive.getinfo(name).file_size > LARGEST_PART:
        raise InvalidError(say("Tệp Word này quá lớn khi giải nén."))
    with archive.open(name) as stream:
        text = stream.read(LARGEST_PART)
    if _TYPED.search(text) or text.count(b"<") > MOST_TAGS:
        raise ET.ParseError
    return ET.fromstring(text)  # noqa: S314 - no document type gets here


def _lines(parent: Element, document: Document, counters: Counters) -> Iterator[str]:
    """Yield the lines of paragraphs; a row of a table is a line with tabs between its cells."""
    for element in parent:
        if element.tag == f"{WORD}p":
            yield _paragraph(element, document, counters)
        elif element.tag == f"{WORD}tbl":
            for row in element.iterfind(f"{WORD}tr"):
                cells = (
                    " ".join(_lines(cell, document, counters)).strip() for cell in row.iterfind(f"{WORD}tc")
                )
                yield "\t".join(cells)
        elif element.tag in {f"{WORD}sdt", f"{WORD}sdtContent", f"{WORD}ins"}:
            yield from _lines(element, document, counters)


def _paragraph(paragraph: Element, document: Document, counters: Counters) -> str:
    runs: list[Run] = []
    if label := counters.label_of(paragraph):
        runs.append(Run(f"{label} ", is_marked=_is_marked(paragraph.find(f"{WORD}pPr/{WORD}rPr"))))
    runs += _runs(paragraph, document)
    return starred(runs)


def _runs(parent: Element, document: Document) -> Iterator[Run]:
    for element in parent:
        if element.tag == f"{WORD}r":
            yield Run(_text(element, document), is_marked=_is_marked(element.find(f"{WORD}rPr")))
        elif element.tag == f"{MATHS}oMath":
            yield _equation(element)
        elif element.tag == f"{MATHS}oMathPara":
            yield from map(_equation, equations_in(element))
        elif element.tag in {
            f"{WORD}hyperlink",
            f"{WORD}ins",
            f"{WORD}smartTag",
            f"{WORD}sdt",
            f"{WORD}sdtContent",
        }:
            yield from _runs(element, document)


def _equation(element: Element) -> Run:
    tex = tex_of(element)
    return Run(f" ${tex}$ " if tex else "", is_marked=False)


def _text(run: Element, document: Document) -> str:
    text = ""
    for element in run:
        if element.tag == f"{WORD}t":
            text += (element.text or "").replace("$", r"\$")
        elif element.tag == f"{WORD}tab":
            text += "\t"
        elif element.tag in {f"{WORD}br", f"{WORD}cr"}:
            text += "\n"
        elif element.tag in {f"{WORD}drawing", f"{WORD}pict"}:
            document.pictures += 1
        elif element.tag == f"{WORD}object":
            document.unread += 1
            text += UNREAD
    return _scripted(text, run.find(f"{WORD}rPr/{WORD}vertAlign"))


def _scripted(text: str, script: Element | None) -> str:
    """Return figures as small ones where there are such signs for all of them."""
    small = text.strip().replace("−", "-").replace("–", "-")  # noqa: RUF001 - the look-alikes are the point
    if script is None or not _SMALL.fullmatch(small):
        return text
    return small.translate(_HIGH if script.get(_VAL) == "superscript" else _LOW)


def _is_marked(properties: Element | None) -> bool:
    """Whether a run is underlined, red or marked with a pen."""
    if properties is None:
        return False
    line, colour, pen = (properties.find(f"{WORD}{name}") for name in ("u", "color", "highlight"))
    return (
        (line is not None and line.get(_VAL, "single") != "none")
        or (colour is not None and bool(_RED.fullmatch(colour.get(_VAL, ""))))
        or (pen is not None and pen.get(_VAL) in _PENS)
    )
