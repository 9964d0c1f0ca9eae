"""People and registers written in bulk, on SQLite and PostgreSQL alike, also in July."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM
from app.audit.queries import verify_chain
from app.school.commands import create_school
from app.school.models import Pupil, SchoolClass
from app.school.queries import lessons_on, pupils_in_class
from app.staff.queries import staff_of_school
from attendance.registers.commands.saving import Save, save_register
from attendance.registers.models import Register
from attendance.registers.rules.states import Submit
from attendance.rulebook.commands import save_rules
from attendance.rulebook.rules import Rulebook
from demo.absences import Season
from demo.calling import Calls, call_rolls, write_cube
from demo.days import demo_year, first_day_with_registers
from demo.founded import Founding
from demo.founding import found_school, found_year
from demo.pilot import found_pilot, found_province
from demo.schools import SchoolPlan, pilot_schools
from reports.recount.queries import Scope, recount_differences

if TYPE_CHECKING:
    from flask import Flask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
JULY = datetime(2027, 7, 14, 2, 0, tzinfo=UTC)


def test_a_school_in_july_has_lessons_registers_and_figures(app: Flask) -> None:
    with app.app_context(), clock.at(JULY):
        today, now = clock.today(), clock.now()
        with db.transaction() as current:
            pilot = found_pilot(current, today, "hash")
            first = first_day_with_registers(today, pilot.founding.year)
            school = pilot.schools[3]
            calls = Calls(first, now, Season(), open_class=pilot.demo_class)
            assert call_rolls(pilot.founding, school, calls) > 300
            write_cube(pilot.founding, school, calls)
            pilot.founding.close()
        assert lessons_on(db.session(), school.id, today)
        staff = staff_of_school(db.session(), school.id)
        assert {"Hiệu trưởng", "Phó hiệu trưởng", "Nhân viên văn thư", "Giáo viên"} == {
            one.position for one in staff
        }
        assert all(one.subjects for one in staff if one.position == "Giáo viên")
        assert verify_chain(db.session()).is_sound
        assert not recount_differences(db.session(), Scope(school.id, first, pilot.founding.year.ends_on))


def test_the_product_goes_on_where_the_bulk_ended(app: Flask) -> None:
    """Counters of the database, the audit chain and the chain of the day are where the commands expect them."""
    with app.app_context():
        today, now = clock.today(), clock.now()
        school = _one_school(Calls(demo_year(today).starts_on, now, Season()))
        create_school(SYSTEM, "MOI", "Trường mới")
        register = (
            db.session()
            .scalars(
                select(Register)
                .where(Register.school_id == school, Register.state == "due")
                .order_by(Register.day.desc(), Register.id)
                .limit(1)
            )
            .one()
        )
        save_rules(SYSTEM, school, Rulebook(teacher_days=366, office_days=366))
        saved = save_register(SYSTEM, register.id, Save("0" * 32, "d", 0, (), Submit.FINAL))
        assert saved.counters.expected == len(pupils_in_class(db.session(), register.class_id, register.day))
        assert verify_chain(db.session()).is_sound


def _one_school(calls: Calls) -> int:
    plan = pilot_schools(random.Random(1))[3]
    small = SchoolPlan(plan.code, plan.name, plan.level, plan.classes[:3])
    with db.transaction() as current:
        founding = Founding(current, demo_year(calls.today), random.Random(1), "hash")
        found_year(founding)
        school = found_school(founding, small, found_province(founding))
        call_rolls(founding, school, calls)
        founding.close()
    assert db.session().scalar(select(func.count()).select_from(Pupil)) == sum(
        one.size for one in small.classes
    )
    assert db.session().scalar(select(func.count()).select_from(SchoolClass)) == 3
    return school.id
