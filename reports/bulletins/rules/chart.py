"""The chart of a bulletin: one Vega-Lite specification, which is handed out as it is and drawn on paper by typst."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from app.i18n import say
from reports.bulletins.rules.wording import (
    PART_WORDS,
    is_provisional,
    number,
    parts_below,
    percent,
    value_of,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.bulletins.rules.content import Content

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
MOST_DOTS: Final = 12
LEAST_AXIS: Final = 0.95
"""As on the page: closer than the last five percent, and noise would look like news."""
DARK_GREEN: Final = "#14532d"


def chart_spec(content: Content) -> dict[str, Any] | None:
    """Return the dots of the lowest rates on an axis that ends at 100 % (as on the page, ADR 0052), as Vega-Lite.

    Everything in it is told in the bulletin too, so that it may leave. None when no part has a rate.
    """
    parts = parts_below(content.values["parts"])
    rated = [(value, one) for one in lowest_first(parts) if (value := _rate(one)) is not None]
    if not rated:
        return None
    low = min(max(0, int(rated[0][0]) - 1) / 100, LEAST_AXIS)
    values = [
        {
            "name": one["name"],
            "rate": value / 100,
            "words": words_of(one["cells"]["attendance_rate"], "percent"),
            "is_provisional": is_provisional(one["cells"]["attendance_rate"]),
        }
        for value, one in rated[:MOST_DOTS]
    ]
    return {
        "$schema": SCHEMA,
        "title": _title(len(rated), parts),
        "width": 480,
        "height": {"step": 28},
        "data": {"values": values},
        "mark": {"type": "point", "size": 90, "color": DARK_GREEN, "opacity": 1},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "rate",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [low, 1], "zero": False, "nice": False},
                "axis": {"format": ".1%"},
            },
            "fill": {"condition": {"test": "datum.is_provisional", "value": "white"}, "value": DARK_GREEN},
            "tooltip": [{"field": "name"}, {"field": "words"}],
        },
    }


def spec_file(content: Content) -> bytes:
    """Return the specification as a file of JSON; of a bulletin without a chart it has no data."""
    spec = chart_spec(content) or {"$schema": SCHEMA, "data": {"values": []}, "mark": "point"}
    return json.dumps(spec, ensure_ascii=False, indent=1).encode()


def drawn(spec: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what typst draws of a specification: titles, the ends of the axis, and where each dot stands on it."""
    if spec is None:
        return None
    low, high = spec["encoding"]["x"]["scale"]["domain"]
    dots = [
        {
            "name": one["name"],
            "words": one["words"],
            "place": round((one["rate"] - low) / (high - low), 4),
            "is_hollow": one["is_provisional"],
        }
        for one in spec["data"]["values"]
    ]
    return {"title": spec["title"], "low": percent(low), "high": percent(high), "dots": dots}


def lowest_first(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return parts by their attendance rate; those without one come last."""

    def rate(one: Mapping[str, Any]) -> float:
        found = _rate(one)
        return 200.0 if found is None else found

    return sorted(parts, key=rate)


def _rate(one: Mapping[str, Any]) -> float | None:
    return value_of(one["cells"].get("attendance_rate"))


def _title(rated: int, parts: Sequence[Mapping[str, Any]]) -> str:
    if rated <= MOST_DOTS:
        return str(say("Tỷ lệ chuyên cần"))
    words = PART_WORDS.get(parts[0]["kind"], "")
    return str(say("%(count)s %(parts)s có tỷ lệ chuyên cần thấp nhất", count=number(MOST_DOTS), parts=words))
