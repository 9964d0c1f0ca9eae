"""What a bulletin says for given figures, and when one is due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from reports.bulletins.rules import Content, Schedule, WrongScheduleError, chart_spec
from reports.bulletins.rules.chart import drawn
from reports.bulletins.rules.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

Figures = dict[str, Any]


def cell(numerator: int, denominator: int | None = None, status: str = "final", factor: int = 1) -> Figures:
    value = numerator if denominator is None else factor * numerator / denominator if denominator else None
    return {"status": status, "value": value, "numerator": numerator, "denominator": denominator}


WITHHELD: Figures = {"status": "withheld"}


def rate(absent: int, expected: int, status: str = "final") -> Figures:
    return cell(expected - absent, expected, status, 100)


def content(before: Figures | None = None, **now: Figures) -> Figures:
    figures = [
        {"code": code, "now": value, "before": before if code == "attendance_rate" else None, "year_ago": None,
         "schools": [1, 1]}
        for code, value in now.items()
    ]  # fmt: skip
    return {
        "place_kind": "school", "period": "2026-10", "before": "2026-09" if before else None, "year_ago": None,
        "figures": figures, "parts": [],
    }  # fmt: skip


def told(before: Figures | None = None, **now: Figures) -> str:
    return " ".join(sentences(content(before, **now)))


def test_a_rate_is_compared_with_the_month_before_in_points() -> None:
    words = told(
        rate(60, 1000), register_coverage=cell(95, 100, "final", 100), attendance_rate=rate(40, 1000)
    )
    assert "Đã điểm danh 95 trên 100 buổi (95,0\u00a0%)." in words
    assert "Tỷ lệ chuyên cần tháng 10/2026 là 96,0\u00a0%." in words
    assert "Cao hơn tháng trước (tháng 9/2026) 2,0 điểm phần trăm (94,0\u00a0%)." in words
    assert "Không có số liệu của cùng tháng năm trước để so sánh." in words


def test_provisional_figures_are_said_to_be_so_and_not_compared() -> None:
    now = {
        "register_coverage": cell(50, 100, "final", 100),
        "attendance_rate": rate(40, 1000, "provisional"),
    }
    words = told(rate(60, 1000), **now)
    assert "dưới mức 90,0\u00a0%: các tỷ lệ dưới đây là số tạm tính." in words
    assert "chưa nên so sánh" in words
    assert "Cao hơn" not in words


def test_nothing_is_said_of_what_is_not_known_or_may_not_be_told() -> None:
    assert (
        told() == "Tháng này chưa có buổi nào phải điểm danh trong hệ thống, nên chưa có số liệu chuyên cần."
    )
    withheld = told(register_coverage=WITHHELD, attendance_rate=WITHHELD, chronic_absence=WITHHELD)
    assert "không công bố" in withheld
    assert not any(letter.isdigit() for letter in withheld)
    untaken = told(
        register_coverage=cell(0, 40, "final", 100), attendance_rate=cell(0, 0, "provisional", 100)
    )
    assert untaken == "Chưa buổi nào trong 40 buổi được điểm danh, nên chưa có tỷ lệ chuyên cần."


@given(st.integers(0, 400), st.integers(0, 400))
def test_higher_and_lower_are_never_mixed_up(absent: int, absent_before: int) -> None:
    words = told(
        rate(absent_before, 1000),
        register_coverage=cell(100, 100, "final", 100),
        attendance_rate=rate(absent, 1000),
    )
    expected = (
        "Không đổi so với" if absent == absent_before else "Cao hơn" if absent < absent_before else "Thấp hơn"
    )
    assert expected in words
    assert sum(word in words for word in ("Không đổi so với", "Cao hơn", "Thấp hơn")) == 1


def test_a_schedule_is_due_once_in_the_time_of_the_place() -> None:
    schedule = Schedule.monthly(3, 6)
    before = datetime(2026, 11, 2, 22, 59, tzinfo=UTC)  # 05:59 on the third in Đồng Nai
    after = datetime(2026, 11, 2, 23, 1, tzinfo=UTC)
    due = schedule.due(before, after)
    assert due is not None
    assert (due.day, due.hour, due.minute) == (3, 6, 0)
    assert schedule.due(after, datetime(2026, 11, 29, tzinfo=UTC)) is None
    assert schedule.due(datetime(2026, 10, 30, tzinfo=UTC), after) == due


@pytest.mark.parametrize("text", ["", "0 6 3 *", "61 6 3 * *", "a b c d e"])
def test_a_text_that_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(WrongScheduleError):
        Schedule(text)


def test_vega_draws_the_chart_where_the_paper_does() -> None:
    """One specification: what vl-convert makes of it and what typst is told are the same dots."""
    shares = {"6A": 988, "6B": 931, "6C": 965, "6D": 1000}
    parts = [
        {"kind": "class", "name": name, "code": name, "schools": [1, 1],
         "cells": {"attendance_rate": rate(1000 - share, 1000, "provisional" if name == "6C" else "final")}}
        for name, share in shares.items()
    ]  # fmt: skip
    spec = chart_spec(Content({"parts": parts, "period": "2026-10"}))
    paper = drawn(spec)
    assert spec is not None
    assert paper is not None
    assert [dot["name"] for dot in paper["dots"]] == ["6B", "6C", "6A", "6D"]
    assert [dot["is_hollow"] for dot in paper["dots"]] == [False, True, False, False]
    symbols = list(_symbols(vl_convert.vegalite_to_scenegraph(spec)["scenegraph"]))
    assert [round(one["x"] / spec["width"], 4) for one in symbols] == [dot["place"] for dot in paper["dots"]]
    assert [one["fill"] == "white" for one in symbols] == [False, True, False, False]
    assert [one["y"] for one in symbols] == sorted(one["y"] for one in symbols)


def _symbols(node: Figures) -> Iterator[Figures]:
    if node.get("marktype") == "symbol" and node.get("role") == "mark":
        yield from node["items"]
    for item in node.get("items", []):
        yield from _symbols(item)
