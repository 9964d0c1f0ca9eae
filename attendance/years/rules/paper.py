"""A class's year for paper, as PDF. Everything that is told is data; no text is ever code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.paper import pdf_of as set_pdf
from attendance.years.rules.words import covers_of, groups_of, name_of, numbers_of

if TYPE_CHECKING:
    from attendance.years.rules.sheet import YearSheet
    from attendance.years.rules.words import Words

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "years" / "sheet.typ"


def pdf_of(sheet: YearSheet, words: Words) -> bytes:
    """Return the sheet as PDF. Some tenths of a second of native work: call it through `app.jobs.offload`."""
    groups = groups_of(sheet, words)
    told = {
        "school": words.school,
        "title": words.title,
        "when": words.when,
        "heads": [words.number, words.name],
        "groups": [{"word": word, "columns": columns} for word, columns in groups],
        "rows": [
            [str(line.number), name_of(line, words), *(str(number or "") for number in numbers_of(line))]
            for line in sheet.lines
        ],
        "cover": words.cover,
        "covers": covers_of(sheet),
        "footer": words.footer,
        "signatures": list(words.signatures),
    }
    return set_pdf(TEMPLATE, told)
