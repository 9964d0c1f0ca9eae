"""What a bulletin is made of: figures that were let out of the gate for three periods, and sentences about them.

Nothing but extracts goes in (reports.extracts), so a bulletin cannot say what an extract may not. Content is plain
JSON values: what is filed is the content, and paper and workbook are worked out from it alone, the same every time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reports.bulletins.rules.sentences import sentences
from reports.indicators.rules import definition
from reports.releases.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reports.bulletins.rules.wording import Cell
    from reports.extracts.rules import Extract, ExtractRow, PlaceCell

SCHEMA: Final = "bangxanh.bulletin.v1"
FIGURES: Final = (
    "attendance_rate", "register_coverage", "register_timeliness", "classes", "pupils", "absences_excused",
    "absences_unexcused", "late", "chronic_absence", "pupils_over_20", "pupils_over_45", "transfers_in",
    "transfers_out", "dropout_rate", "lessons_held", "classes_with_lesson", "participation_rate",
)  # fmt: skip
"""What the first table shows, in this order; an indicator of which nothing is known has no line."""
COLUMNS: Final = (
    "attendance_rate", "register_coverage", "pupils", "absences_excused", "absences_unexcused", "late",
)  # fmt: skip
"""What is shown of each part of the place."""


@dataclass(frozen=True, slots=True)
class Content:
    """A bulletin as plain values; `text` is what is filed."""

    values: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The content as canonical JSON."""
        return _canonical(self.values)

    @property
    def digest(self) -> str:
        """The SHA-256 of the content without the day on which it was made, in hex."""
        kept = {name: value for name, value in self.values.items() if name != "as_of"}
        return hashlib.sha256(_canonical(kept).encode()).hexdigest()


def read_content(text: str) -> Content:
    """Return the content that was filed."""
    return Content(json.loads(text))


def content_of(now: Extract, before: Extract | None, year_ago: Extract | None, above: str) -> Content:
    """Tell a place's month. `before` and `year_ago` are None where there is nothing; `above` is the unit above."""
    figures = _figures(now, before, year_ago)
    parts = _parts(now)
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "place": now.place.code,
        "place_name": now.place.name,
        "place_kind": now.place.kind,
        "above": above,
        "period": now.period.name,
        "before": before.period.name if before else None,
        "year_ago": year_ago.period.name if year_ago else None,
        "as_of": now.as_of.isoformat(),
        "threshold": RULE.threshold,
        "figures": figures,
        "parts": parts,
        "definitions": _definitions(now),
        "sources": [
            {"period": one.period.name, "sha256": one.digest} for one in (now, before, year_ago) if one
        ],
    }
    values["sentences"] = sentences(values)
    return Content(values)


def _figures(now: Extract, *others: Extract | None) -> list[dict[str, Any]]:
    own = _own(now, now.place)
    compared = [_own(one, one.place) if one else {} for one in others]
    found = []
    for code in FIGURES:
        if code in own:
            cells = [_cell(rows.get(code)) for rows in (own, *compared)]
            one = own[code].indicator
            found.append(
                {
                    "code": code,
                    "name": one.name,
                    "unit": one.unit.value,
                    "now": cells[0],
                    "before": cells[1],
                    "year_ago": cells[2],
                    "schools": list(own[code].schools),
                }
            )
    return found


def _own(extract: Extract, place: PlaceCell) -> dict[str, ExtractRow]:
    return {row.indicator.code: row for row in extract.rows if row.place == place and row.level is None}


def _parts(extract: Extract) -> list[dict[str, Any]]:
    """Return the places right below: classes of a school, schools of a ward, wards of a province with its schools."""
    found: dict[PlaceCell, dict[str, Cell]] = {}
    for row in extract.rows:
        if row.place != extract.place and row.level is None and row.indicator.code in COLUMNS:
            found.setdefault(row.place, {})[row.indicator.code] = _cell(row) or {}
    return [
        {"kind": place.kind, "code": place.code, "name": place.class_name or place.name, "cells": cells}
        for place, cells in found.items()
    ]


def _cell(row: ExtractRow | None) -> Cell | None:
    """Return a figure with its standing; a withheld one has no number at all."""
    if row is None:
        return None
    told = row.as_json()
    return {name: told[name] for name in ("status", "value", "numerator", "denominator") if name in told}


def _definitions(extract: Extract) -> list[dict[str, Any]]:
    day, known = extract.period.first, {row.indicator.code for row in extract.rows}
    return [
        {"name": one.name, "explanation": one.explanation, "source": one.source, "version": one.version}
        for one in (definition(code, day) for code in FIGURES if code in known)
    ]


def _canonical(values: Mapping[str, Any] | Iterable[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
