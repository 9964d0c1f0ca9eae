"""A bulletin as the typst template is told it: words, and the chart as its specification draws it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from app.i18n import N_, say
from reports.bulletins.rules.chart import chart_spec, drawn, lowest_first
from reports.bulletins.rules.content import COLUMNS
from reports.bulletins.rules.wording import (
    PART_WORDS,
    month_words,
    number,
    over_schools,
    parts_below,
    words_of,
)
from reports.indicators.rules import definition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.bulletins.rules.content import Content

MOST_LINES: Final = 40
HEADS: Final = {
    "class": N_("Lớp"), "school": N_("Trường"), "ward": N_("Xã, phường"),
}  # fmt: skip


def told_on_paper(content: Content) -> dict[str, Any]:
    """Return what the template is told; the same content is told the same."""
    values = content.values
    parts = parts_below(values["parts"])
    lines = lowest_first(parts)[:MOST_LINES] if len(parts) > MOST_LINES else parts
    return {
        "place": values["place_name"],
        "above": values["above"],
        "title": str(say("Báo cáo chuyên cần %(month)s", month=month_words(values["period"]))),
        "as_of": str(say("Số liệu tại ngày %(day)s", day=_day(values["as_of"]))),
        "sentences": values["sentences"],
        "figure_heads": _figure_heads(values),
        "figures": [_figure_line(one, values) for one in values["figures"]],
        "chart": drawn(chart_spec(content)),
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
