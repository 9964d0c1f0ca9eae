"""A sheet of a class for paper, as PDF. Everything that is told is data; no text is ever code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.paper import pdf_of as set_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "months" / "sheet.typ"
WIDEST_MM: Final = 9.0
PAPER_MM: Final = 160.0


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet in words: what stands above, the heads, a row of cells for each pupil, what stands below."""

    school: str
    when: str
    title: str
    heads: Sequence[str]
    days: Sequence[str]
    sums: Sequence[str]
    rows: Sequence[Sequence[str]]
    footer: str
    signatures: Sequence[str]


def pdf_of(paper: Paper) -> bytes:
    """Return the sheet as PDF. Some tenths of a second of native work: call it through `app.jobs.offload`."""
    content = {
        "school": paper.school,
        "when": paper.when,
        "title": paper.title,
        "heads": list(paper.heads),
        "days": list(paper.days),
        "sums": list(paper.sums),
        "rows": [list(row) for row in paper.rows],
        "footer": paper.footer,
        "signatures": list(paper.signatures),
        "cell": min(WIDEST_MM, PAPER_MM / max(1, len(paper.days))),
    }
    return set_pdf(TEMPLATE, content)
