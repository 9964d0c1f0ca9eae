"""Paper: PDFs that typst sets from a template and JSON, in the typeface of the pages.

The front end's build turns the typeface into TrueType files (`app/frontend/build/print-fonts.ts`). A template reads
what it is told with `json("told.json")`: names are data there and never markup.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typst

from app.assets import AssetError

if TYPE_CHECKING:
    from collections.abc import Mapping

FONTS: Final = Path(__file__).parent / "static" / "dist" / "print"


def pdf_of(template: Path, told: Mapping[str, object]) -> bytes:
    """Return the PDF of a typst template. Native code of a second for a hundred pages: in a job, or `offload`ed.

    The typeface is read once in a process: of a page's 50 ms it would take 38.

    Raises AssetError when the front end, and with it the typeface, is not built.
    """
    if not FONTS.is_dir():
        message = "the typeface for PDFs is not built: npm run build"
        raise AssetError(message)
    files = {"main.typ": template.read_bytes(), "told.json": json.dumps(told).encode()}
    made: bytes = typst.compile(files, font_paths=_typeface(FONTS))  # type: ignore[call-overload] # its types do not know files in memory
    return made


@lru_cache(maxsize=1)
def _typeface(folder: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
