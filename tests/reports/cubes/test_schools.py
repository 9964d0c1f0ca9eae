"""The days of schools: the sums of their classes' days, kept with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import db
from reports.cubes.commands import rebuild
from reports.cubes.models import ClassDay, SchoolDay
from reports.cubes.queries import SUMS, sums_of_schools
from tests.reports.figures import BIG, OCTOBER, SCHOOL_DAYS, ClassFigures, add_figures

if TYPE_CHECKING:
    from datetime import date

    from tests.world import World


def sums(table: type[ClassDay | SchoolDay]) -> dict[tuple[int, date], list[int]]:
    columns = (func.sum(getattr(table, name)) for name in SUMS)
    query = select(table.school_id, table.day, *columns).group_by(table.school_id, table.day)
    return {(school, day): [int(one) for one in row] for school, day, *row in db.session().execute(query)}


def test_days_of_schools_are_summed_again_when_a_class_is_computed_again(november: World) -> None:
    add_figures(november, *BIG, ClassFigures("6A2", 20, school="b"))
    with november.app.app_context():
        before = sums(SchoolDay)
        assert before == sums(ClassDay)
        month = sums_of_schools(db.session(), list(november.school_ids.values()), OCTOBER)
        assert month[november.school_ids["a"]].expected == sum(
            row[SUMS.index("expected")]
            for (school, _), row in before.items()
            if school == november.school_ids["a"]
        )
        db.session().rollback()
        # What was made up here no register says: computed again, it goes.
        assert rebuild([november.school_ids["a"]], SCHOOL_DAYS[0], OCTOBER.after_last)
        after = sums(SchoolDay)
        assert after == sums(ClassDay)
        assert after != before
