"""The one seam to typst: a sheet for paper as PDF. Everything that typst sees is data; no text is ever its code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typst

if TYPE_CHECKING:
    from collections.abc import Sequence

LAYOUT: Final = """
#let d = json(bytes(sys.inputs.data))
#let number = context align(right, text(size: 8pt)[#counter(page).display()])
#set page(paper: "a4", flipped: true, margin: (x: 1cm, y: 1.2cm), footer: number)
#set text(size: 9pt, lang: "vi")
#grid(columns: (1fr, auto), text(size: 8pt, d.school), text(size: 8pt, d.when))
#align(center, text(size: 14pt, weight: "bold", d.title))
#v(2mm)
#table(
  columns: (auto, 1fr, ..d.days.map(_ => d.cell * 1mm), ..d.sums.map(_ => 13mm)),
  align: (column, row) => if column == 1 and row > 0 { left + horizon } else { center + horizon },
  inset: (x: 2pt, y: 4pt),
  stroke: 0.5pt,
  table.header(..(d.heads + d.days + d.sums).map(word => text(weight: "bold", size: 8pt, word))),
  ..d.rows.flatten().map(word => text(size: 8.5pt, word)),
)
#text(size: 8pt, d.footer)
#v(4mm)
#grid(columns: (1fr, 1fr), ..d.signatures.map(word => align(center, text(weight: "bold", word))))
"""
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
    made: bytes = typst.compile(
        LAYOUT.encode(), format="pdf", sys_inputs={"data": json.dumps(content, ensure_ascii=False)}
    )
    return made
