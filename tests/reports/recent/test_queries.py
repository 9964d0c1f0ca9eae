"""What is remembered of many schools is what would be counted, and only schools with newer rows are counted again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from app import clock, db
from app.access import Role
from app.bulk import is_sqlite
from reports.cubes.queries import _counted, counts_of_schools, months_with_figures
from reports.cubes.rules import Month
from reports.questions.queries import latest_day
from reports.questions.rules import Week
from reports.recent import queries
from tests.reports.figures import (
    AFTER_OCTOBER,
    BIG,
    OCTOBER,
    SCHOOL_DAYS,
    ClassFigures,
    add_figures,
    change_cube,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    import pytest
    from sqlalchemy.orm import Session

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


def test_a_page_of_many_schools_shows_at_once_what_was_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums, months, latest day and remembered rows: none of them hides a register that was just handed in."""
    monkeypatch.setattr(queries, "FEW", 0)
    queries._kept.clear()  # noqa: SLF001 - the memory of the process
    with clock.at(AFTER_OCTOBER):
        ids = add_figures(world, *BIG, OTHER)
    pages = ("/reports/attendance?month=2026-10", f"/reports/week?week={Week.of(SCHOOL_DAYS[0])}")

    def told() -> list[str]:
        officer = world.client(Role.DEPARTMENT_OFFICER)
        return [officer.get(page).get_data(as_text=True).split("<main")[1] for page in pages]

    def ends() -> tuple[list[Month], date | None]:
        with world.app.app_context():
            schools = list(world.school_ids.values())
            return months_with_figures(db.session(), schools), latest_day(db.session(), schools)

    with clock.at(AFTER_OCTOBER + timedelta(minutes=2)):
        before, (months, last) = told(), ends()
        assert told() == before
    with clock.at(AFTER_OCTOBER + timedelta(minutes=3)):
        change_cube(world, ids["6B"], excused=17, computed_at=clock.now())
        assert all(now != earlier for now, earlier in zip(told(), before, strict=True))
        later = (last or OCTOBER.first) + timedelta(days=40)
        change_cube(world, ids["6B"], day=later, computed_at=clock.now())
        newer, newest = ends()
        assert (newer[0], newest) == (Month.of(later), later)
        assert newer[-1] == months[-1]


def test_what_was_written_since_is_looked_up_and_not_walked_through(world: World) -> None:
    """SQLite, without statistics, took the index of schools: 190 ms for each page of a province."""
    with world.app.app_context(), db.transaction() as session:
        if not is_sqlite(session):
            return
        asked: list[tuple[str, Any]] = []
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", lambda *called: asked.append((called[2], called[3])))
        queries._touched(session, clock.now(), (date.min, date.max))  # noqa: SLF001
        told = next(one for one in asked if "computed_at" in one[0])
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {told[0]}", told[1]).all()
    assert any("ix_cube_class_day_computed_at" in row[-1] for row in plan)
