"""A bulletin as the typst template is told it: words only, and where the dots of the chart stand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from app.i18n import N_, say
from reports.bulletins.rules.content import COLUMNS
from reports.bulletins.rules.wording import (
    PART_WORDS,
    is_provisional,
    month_words,
    number,
    over_schools,
    parts_below,
    percent,
    value_of,
    words_of,
)
from reports.indicators.rules import definition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.bulletins.rules.content import Content

MOST_LINES: Final = 40
MOST_DOTS: Final = 12
LEAST_AXIS: Final = 0.95
"""As on the page: closer than the last five percent, and noise would look like news."""
HEADS: Final = {
    "class": N_("Lớp"), "school": N_("Trường"), "ward": N_("Xã, phường"),
}  # fmt: skip


def told_on_paper(content: Content) -> dict[str, Any]:
    """Return what the template is told; the same content is told the same."""
    values = content.values
    parts = parts_below(values["parts"])
    lines = _lowest_first(parts)[:MOST_LINES] if len(parts) > MOST_LINES else parts
    return {
        "place": values["place_name"],
        "above": values["above"],
        "title": str(say("Báo cáo chuyên cần %(month)s", month=month_words(values["period"]))),
        "as_of": str(say("Số liệu tại ngày %(day)s", day=_day(values["as_of"]))),
        "sentences": values["sentences"],
        "figure_heads": _figure_heads(values),
        "figures": [_figure_line(one, values) for one in values["figures"]],
        "chart": _chart(parts),
        "part_heads": _part_heads(parts, values["period"]),
        "parts": [_part_line(one, values["period"]) for one in lines],
        "part_title": str(say("Từng %(parts)s", parts=PART_WORDS.get(parts[0]["kind"], ""))) if parts else "",
        "left_out": _left_out(len(parts) - len(lines)),
        "notes": _notes(values),
        "definitions": [
            [one["name"], f"{one['explanation']} {one['source']}"] for one in values["definitions"]
        ],
        "digest": content.digest,
    }


def _lowest_first(parts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    def share(one: Mapping[str, Any]) -> float:
        found = value_of(one["cells"].get("attendance_rate"))
        return 200.0 if found is None else found

    return sorted(parts, key=share)


def _figure_heads(values: Mapping[str, Any]) -> list[str]:
    months = [values["period"], values["before"], values["year_ago"]]
    return [str(say("Chỉ tiêu"))] + [_capital(month_words(one)) for one in months if one]


def _figure_line(one: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    cells = [one["now"]] + [one[name] for name in ("before", "year_ago") if values[name]]
    return [one["name"] + over_schools(one), *(words_of(cell, one["unit"]) for cell in cells)]


def _part_heads(parts: Sequence[Mapping[str, Any]], period: str) -> list[str]:
    if not parts:
        return []
    names = [definition(code, _first(period)).name for code in COLUMNS]
    return [HEADS.get(parts[0]["kind"], ""), *names]


def _part_line(one: Mapping[str, Any], period: str) -> list[str]:
    units = [definition(code, _first(period)).unit for code in COLUMNS]
    return [
        one["name"],
        *(words_of(one["cells"].get(code), unit) for code, unit in zip(COLUMNS, units, strict=True)),
    ]


def _first(period: str) -> date:
    return date.fromisoformat(f"{period}-01")


def _chart(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the dots of the lowest rates on an axis that ends at 100 % (as on the page, ADR 0052)."""
    rated = [
        (value_of(one["cells"].get("attendance_rate")), one)
        for one in _lowest_first(parts)
        if value_of(one["cells"].get("attendance_rate")) is not None
    ]
    if not rated:
        return None
    low = min(max(0, int(rated[0][0] or 0) - 1) / 100, LEAST_AXIS)
    dots = [
        {
            "name": one["name"],
            "words": words_of(one["cells"]["attendance_rate"], "percent"),
            "place": round(((value or 0) / 100 - low) / (1 - low), 4),
            "is_hollow": is_provisional(one["cells"]["attendance_rate"]),
        }
        for value, one in rated[:MOST_DOTS]
    ]
    title = say("Tỷ lệ chuyên cần")
    if len(rated) > MOST_DOTS:
        title = say(
            "%(count)s %(parts)s có tỷ lệ chuyên cần thấp nhất",
            count=number(MOST_DOTS),
            parts=PART_WORDS.get(parts[0]["kind"], ""),
        )
    return {"title": str(title), "low": percent(low), "high": percent(1), "dots": dots}


def _left_out(count: int) -> str:
    if count <= 0:
        return ""
    return str(say("Bảng chỉ nêu các nơi thấp nhất; còn %(count)s nơi trong tệp Excel.", count=number(count)))


def _notes(values: Mapping[str, Any]) -> list[str]:
    return [
        str(
            say(
                "Không công bố: số của nhóm dưới %(count)s học sinh, và ô cần che để không suy ra được nhóm đó. "
                "Dấu – là không có số liệu, không phải số 0.",
                count=values["threshold"],
            )
        ),
        str(
            say(
                "Số liệu tính từ sổ điểm danh và tiết học trong hệ thống, không nhập tay. Chấm rỗng là số tạm tính."
            )
        ),
    ]


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
