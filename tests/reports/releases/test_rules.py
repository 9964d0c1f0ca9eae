from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.cubes.rules import ClassMonth, Month, SchoolMonth
from reports.indicators.rules import Counts
from reports.releases.rules import PUBLISHED_COUNTS, release_month

OCTOBER = Month(2026, 10)


def class_month(class_id: int, pupils: int, absent: int = 20) -> ClassMonth:
    counts = Counts(
        classes=1,
        pupils=pupils,
        sessions_due=22,
        sessions_taken=22,
        expected=22 * pupils,
        excused=absent // 2,
        unexcused=absent - absent // 2,
        late=min(20, pupils),
        lessons_held=2,
    )
    return ClassMonth(class_id, f"4/{class_id}", 4, counts)


def school(*sizes: int) -> SchoolMonth:
    rows = tuple(class_month(number, size) for number, size in enumerate(sizes, 1))
    return SchoolMonth(1, "TH-HOA-SEN", "Tiểu học Hoa Sen", OCTOBER, rows)


def test_usual_classes_leave_as_they_are() -> None:
    month = school(30, 32, 28)
    release = release_month(month)
    assert release.withheld == frozenset()
    assert [row.counts["pupils"] for row in release.rows if row.counts] == [90, 30, 32, 28]
    assert release.source_digest == month.digest


def test_a_withheld_row_travels_without_any_count() -> None:
    release = release_month(school(30, 32, 8))
    assert release.withheld == {("1",), ("3",)}
    assert release.certificate.passed
    for row in release.rows:
        sent = row.as_json()
        if row.counts is None:
            assert sent["status"] == "withheld"
            assert not {"counts", *PUBLISHED_COUNTS} & sent.keys()
            assert not any(isinstance(value, int) for name, value in sent.items() if name != "grade")
        else:
            assert sent["counts"] == row.counts


def test_a_school_below_the_threshold_shows_nothing_at_all() -> None:
    release = release_month(school(4, 5))
    assert all(row.counts is None for row in release.rows)


def test_a_class_that_was_withheld_stays_so_when_it_grows() -> None:
    first = release_month(school(30, 32, 8))
    later = release_month(school(30, 32, 12), frozen=first.withheld)
    assert first.withheld <= later.withheld
    assert release_month(school(30, 32, 12)).withheld == frozenset()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=6))
def test_nothing_below_the_threshold_is_in_what_travels(sizes: list[int]) -> None:
    release = release_month(school(*sizes))
    for row in release.rows:
        sent = json.loads(json.dumps(row.as_json()))
        assert "counts" not in sent or not any(sent["counts"].values()) or sent["counts"]["pupils"] >= 10


def test_the_digest_follows_every_figure() -> None:
    month = school(30, 32)
    other = replace(
        month,
        classes=(
            replace(month.classes[0], counts=month.classes[0].counts + Counts(late=1)),
            month.classes[1],
        ),
    )
    assert other.digest != month.digest
