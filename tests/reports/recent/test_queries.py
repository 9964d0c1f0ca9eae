"""What is remembered of many schools is what would be counted, and only schools with newer rows are counted again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app import clock, db
from reports.cubes.queries import _counted, counts_of_schools
from reports.recent import queries
from tests.reports.figures import AFTER_OCTOBER, BIG, OCTOBER, ClassFigures, add_figures, change_cube

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    import pytest
    from sqlalchemy.orm import Session

    from reports.cubes.rules import Month
    from reports.indicators.rules import Counts
    from tests.world import World

OTHER = ClassFigures("6B", 30, excused=5, school="b")


def test_only_a_school_with_newer_rows_is_counted_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", 0)
    queries._kept.clear()  # noqa: SLF001 - the memory of the process
    asked: list[list[int]] = []

    def noted(
        session: Session, some: Collection[int], month: Month, as_of: date, grades: Collection[int]
    ) -> dict[int, Counts]:
        asked.append(sorted(some))
        return _counted(session, some, month, as_of, grades)

    monkeypatch.setattr("reports.cubes.queries._counted", noted)
    with clock.at(AFTER_OCTOBER):
        ids = add_figures(world, *BIG, OTHER)
    schools = sorted(world.school_ids.values())

    def month() -> dict[int, int]:
        with world.app.app_context():
            found = counts_of_schools(db.session(), schools, OCTOBER, OCTOBER.after_last)
            return {school: counts.late for school, counts in found.items()}

    with clock.at(AFTER_OCTOBER + timedelta(minutes=2)):
        before = month()
        assert month() == before
    with clock.at(AFTER_OCTOBER + timedelta(minutes=3)):
        change_cube(world, ids["6B"], late=7, computed_at=clock.now())
        after = month()
        assert after[world.school_ids["b"]] == before[world.school_ids["b"]] + 7
        assert after[world.school_ids["a"]] == before[world.school_ids["a"]]
    assert asked == [schools, [world.school_ids["b"]]]
    with clock.at(AFTER_OCTOBER + timedelta(minutes=9)):
        assert month() == after
    assert asked[-1] == schools
