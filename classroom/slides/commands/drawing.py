"""The program that draws a PDF's pages; it runs in a process of its own, with little memory and little time.

    python drawing.py SOURCE.pdf FOLDER

A PDF comes from anywhere, and the library that reads it is native code: what goes wrong there must take nothing along.
So this file imports nothing of the application. It says a line of JSON for every page, or {"fault": why} and nothing
else. The size of a picture follows from the page's shape alone, never from the size that the page claims to have.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pypdfium2  # type: ignore[import-untyped] # ships no types

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PAGES: Final = 200
WIDEST, TALLEST = 4.0, 1.9
"""Width to height of the flattest page, height to width of the longest."""
LARGE, SMALL = 1600, 640
"""Pixels of the longer side."""
QUALITY: Final = 82
GRID: Final = 2048
MEMORY: Final = 1536 * 1024**2
"""Bytes of address space; drawing a page of text takes a tenth."""
SECONDS: Final = 150
LONGEST_TEXT: Final = 300


def main(source: str, folder: str) -> None:
    """Draw every page of the source into the folder, and say how it goes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        _say(fault="encrypted" if "password" in str(error).lower() else "broken")
        return
    fault = _fault_of(document)
    if fault:
        _say(fault=fault)
        return
    for number in range(len(document)):
        _say(page=number + 1, pages=len(document), **_drawn(document[number], Path(folder), number + 1))


def _fault_of(document: pypdfium2.PdfDocument) -> str:
    """Return why a document is not drawn, "" when it can be; only sizes are read, nothing is drawn yet."""
    if len(document) == 0:
        return "empty"
    if len(document) > MOST_PAGES:
        return "pages"
    for number in range(len(document)):
        width, height = document.get_page_size(number)
        if width <= 0 or height <= 0 or width / height > WIDEST or height / width > TALLEST:
            return "shape"
    return ""


def _drawn(page: pypdfium2.PdfPage, folder: Path, number: int) -> dict[str, object]:
    width, height = page.get_size()
    bitmap = page.render(scale=LARGE / max(width, height), may_draw_forms=False)
    large: Image = bitmap.to_pil().convert("RGB")
    large.save(folder / f"{number:04}-l.webp", "WEBP", quality=QUALITY, method=4)
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    small.save(folder / f"{number:04}-s.webp", "WEBP", quality=QUALITY, method=4)
    drawn = {"high": max(1, round(GRID * large.height / large.width)), "text": _text(page)}
    bitmap.close()
    page.close()
    return drawn


def _text(page: pypdfium2.PdfPage) -> str:
    """Return the beginning of the page's text, for those who do not see the picture; "" where there is none."""
    with contextlib.suppress(pypdfium2.PdfiumError):
        read = page.get_textpage().get_text_range(0, LONGEST_TEXT * 2)
        return " ".join(read.split())[:LONGEST_TEXT]
    return ""


def _say(**words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:3])
