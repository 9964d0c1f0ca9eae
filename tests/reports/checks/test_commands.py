"""The second computation agrees with the cubes after many saves, and finds what is planted, with its keys."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from app import db
from app.access import SYSTEM
from attendance.rulebook.commands import save_rules
from attendance.rulebook.rules import Rulebook
from reports.checks.commands import check_figures
from reports.checks.models import FigureCheck, FigureDifference
from reports.cubes.commands import refresh_year
from reports.cubes.models import ClassDay
from reports.stretches.models import PupilStretch
from tests.reports.cubes.test_commands import take
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World


def checked() -> tuple[FigureCheck, list[FigureDifference]]:
    check_id = check_figures()
    found = db.session().scalars(select(FigureDifference).where(FigureDifference.check_id == check_id)).all()
    return db.session().get_one(FigureCheck, check_id), list(found)


def test_both_computations_agree_and_a_planted_difference_is_found_with_its_keys(world: World) -> None:
    random = Random(20261128)
    own, pupil = world.class_ids["own"], world.pupil_ids["own"][2]
    with world.app.app_context():
        save_rules(SYSTEM, world.school_ids["a"], Rulebook(teacher_days=60, office_days=60))
        for number in range(25):
            day = MONDAY - timedelta(days=random.choice((0, 3, 4, 5, 6, 7, 12)))
            marks = {place: random.choice(["", "P", "K", "T"]) for place in random.sample(range(6), 3)}
            take(world, random.choice(["own", "other_class"]), marks, day, save_id=f"s{number}")
        refresh_year()
        run, found = checked()
        assert (run.schools, run.differences, found) == (2, 0, [])
        assert run.rows_read > 100
        assert run.ended_at is not None
        with db.transaction() as session:
            session.execute(
                update(ClassDay)
                .where(ClassDay.class_id == own, ClassDay.day == MONDAY)
                .values(sessions_due=7)
            )
            session.execute(
                update(PupilStretch)
                .where(
                    PupilStretch.class_id == own,
                    PupilStretch.pupil_id == pupil,
                    PupilStretch.starts_on == MONDAY.replace(day=1),
                )
                .values(expected=PupilStretch.expected + 1)
            )
            session.execute(
                delete(ClassDay).where(
                    ClassDay.class_id == world.class_ids["other_class"], ClassDay.day == MONDAY
                )
            )
        run, found = checked()
        keys = {(row.cube, row.class_id, row.day, row.pupil_id, row.measure) for row in found}
        assert ("day", own, MONDAY, None, "sessions_due") in keys
        assert ("pupil", own, MONDAY.replace(day=1), pupil, "expected") in keys
        missing = [row for row in found if row.class_id == world.class_ids["other_class"]]
        assert {row.stored for row in missing} == {None}
        assert run.differences == len(found) == 2 + len(missing)
