"""Indicators as data: what is counted, how an indicator is made of it, and the catalogue."""

from __future__ import annotations

from reports.indicators.rules.catalogue import (
    CATALOGUE,
    COVERAGE_THRESHOLD,
    NUMBERS_OVER,
    definition,
    definitions,
    definitions_of_classes,
    versions,
)
from reports.indicators.rules.counts import Count, Countable, Counts, total
from reports.indicators.rules.definitions import (
    DIMENSION_NAMES,
    FAMILY_NAMES,
    ORDER_NAMES,
    VIEW_REPORT,
    Definition,
    Dimension,
    Family,
    Order,
    Unit,
    Value,
    evaluate,
    is_known,
)
from reports.indicators.rules.names import COUNT_NAMES
from reports.indicators.rules.tiles import fifths

__all__ = [
    "CATALOGUE",
    "COUNT_NAMES",
    "COVERAGE_THRESHOLD",
    "DIMENSION_NAMES",
    "FAMILY_NAMES",
    "NUMBERS_OVER",
    "ORDER_NAMES",
    "VIEW_REPORT",
    "Count",
    "Countable",
    "Counts",
    "Definition",
    "Dimension",
    "Family",
    "Order",
    "Unit",
    "Value",
    "definition",
    "definitions",
    "definitions_of_classes",
    "evaluate",
    "fifths",
    "is_known",
    "total",
    "versions",
]
