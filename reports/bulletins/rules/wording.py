"""How a bulletin writes figures: always in Vietnamese, with a decimal comma, never without their standing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from babel.numbers import format_decimal

from app.i18n import N_, say
from reports.extracts.rules import Status
from reports.indicators.rules import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOTHING: Final = "–"
Cell = dict[str, object]
"""One figure of one place and period: status, value, numerator, denominator; what is withheld has a status alone."""


def number(value: float, places: int = 0) -> str:
    """Return a number with Vietnamese separators: 1.234 or 96,4."""
    pattern = "#,##0" if not places else "#,##0." + "0" * places
    return str(format_decimal(value, format=pattern, locale="vi"))


def percent(share: float) -> str:
    """Return a share from 0 to 1 as a percentage with one decimal."""
    return f"{number(share * 100, 1)}\u00a0%"


def month_words(period: str) -> str:
    """Return "tháng 10/2026" for "2026-10"."""
    year, month = period.split("-")
    return str(say("tháng %(month)s/%(year)s", month=int(month), year=year))


PART_WORDS: Final = {"class": N_("lớp"), "school": N_("trường"), "ward": N_("xã, phường")}


def parts_below(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the parts that are compared: those right below, or the next ones where there is one alone."""
    kinds = list(dict.fromkeys(one["kind"] for one in parts))
    groups = [[one for one in parts if one["kind"] == kind] for kind in kinds]
    return next((group for group in groups if len(group) > 1), groups[0] if groups else [])


def over_schools(figure: Mapping[str, Any]) -> str:
    """Return over how many of its schools a figure of a larger place is counted; empty when over all of them."""
    counted, every = figure["schools"]
    if counted in {0, every}:
        return ""
    return str(say(" (tính trên %(counted)s/%(every)s trường)", counted=counted, every=every))


def value_of(cell: Mapping[str, object] | None) -> float | None:
    """Return the figure of a cell (per cent as a number from 0 to 100); None when missing or withheld."""
    found = cell.get("value") if cell else None
    return float(found) if isinstance(found, int | float) else None


def count_of(cell: Mapping[str, object] | None, part: str = "numerator") -> int | None:
    """Return the numerator (or denominator) of a cell, None when it is missing or withheld."""
    found = cell.get(part) if cell else None
    return found if isinstance(found, int) else None


def is_withheld(cell: Mapping[str, object] | None) -> bool:
    """Say whether a figure may not be told."""
    return bool(cell) and cell is not None and cell["status"] == Status.WITHHELD


def is_provisional(cell: Mapping[str, object] | None) -> bool:
    """Say whether a figure rests on too few registers to be compared."""
    return bool(cell) and cell is not None and cell["status"] == Status.PROVISIONAL


def words_of(cell: Mapping[str, object] | None, unit: str) -> str:
    """Return a figure as it stands in a table."""
    if is_withheld(cell):
        return str(say("không công bố"))
    value = value_of(cell)
    if value is None:
        return NOTHING
    shown = percent(value / 100) if unit == Unit.PERCENT else number(value, 1 if unit == Unit.PER_UNIT else 0)
    return str(say("%(figure)s (tạm tính)", figure=shown)) if is_provisional(cell) else shown
