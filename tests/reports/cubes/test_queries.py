"""Reading months: what they hold, and how many statements that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event

from app import db
from app.school.models import OrgUnit
from reports.cubes.queries import counts_of_schools, months_of_schools, months_with_figures
from tests.reports.figures import AFTER_OCTOBER, BIG, OCTOBER, SCHOOL_DAYS, ClassFigures, add_figures

if TYPE_CHECKING:
    from reports.cubes.rules import SchoolMonth
    from tests.world import World


def months(world: World) -> list[SchoolMonth]:
    schools = [db.session().get_one(OrgUnit, school_id) for school_id in world.school_ids.values()]
    return months_of_schools(db.session(), schools, OCTOBER, AFTER_OCTOBER.date())


def statements(world: World) -> int:
    """Count the statements of reading all schools' months."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    with world.app.app_context():
        schools = [db.session().get_one(OrgUnit, school_id) for school_id in world.school_ids.values()]
        event.listen(db.db.engine, "before_cursor_execute", note)
        months_of_schools(db.session(), schools, OCTOBER, AFTER_OCTOBER.date())
        event.remove(db.db.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_month_adds_up_its_days_and_counts_pupils_at_its_end(november: World) -> None:
    add_figures(november, ClassFigures("4/3", 30, excused=12, late=5, taken=20))
    with november.app.app_context():
        school = months(november)[0]
        found = next(row.counts for row in school.classes if row.name == "4/3")
    assert (found.classes, found.pupils, found.lessons_held) == (1, 30, 1)
    assert (found.sessions_due, found.sessions_taken) == (len(SCHOOL_DAYS), 20)
    assert (found.expected, found.excused, found.late, found.absent) == (600, 12, 5, 12)
    assert school.counts.pupils == 30 + 6 + 6


def test_the_sums_of_schools_are_those_of_their_classes(november: World) -> None:
    add_figures(
        november, *BIG, ClassFigures("6A2", 20, excused=3, school="b"), ClassFigures("6A3", 20, taken=0)
    )
    ids = list(november.school_ids.values())
    with november.app.app_context():
        schools = [db.session().get_one(OrgUnit, school_id) for school_id in ids]
        for grades in ((), (4,), (6,)):
            by_class = months_of_schools(db.session(), schools, OCTOBER, AFTER_OCTOBER.date(), grades)
            counted = counts_of_schools(db.session(), ids, OCTOBER, AFTER_OCTOBER.date(), grades)
            assert counted == {row.school_id: row.counts for row in by_class if row.classes}
            assert counted


def test_more_classes_and_schools_take_no_more_statements(november: World) -> None:
    before = statements(november)
    add_figures(november, *BIG, ClassFigures("6A2", 20, school="b"), ClassFigures("6A3", 20, school="b"))
    assert statements(november) == before


def test_the_months_to_choose_from_have_no_gap(november: World) -> None:
    with november.app.app_context():
        assert months_with_figures(db.session(), list(november.school_ids.values())) == []
    add_figures(november, *BIG)
    with november.app.app_context():
        assert months_with_figures(db.session(), list(november.school_ids.values())) == [OCTOBER]
