"""The week's page: the department sees schools, a principal the own classes; views are logged."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import inspect as sa_inspect
from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from reports.cubes.models import ClassDay
from reports.stretches.models import PupilStretch
from tests.reports.extracts.test_commands import october

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["october"]


def test_questions_are_answered_for_schools_and_for_classes(october: World) -> None:
    officer = october.client(Role.DEPARTMENT_OFFICER)
    page = officer.get("/reports/week?week=2026-W42").get_data(as_text=True)
    assert "Tiểu học Hoa Sen" in page
    assert "Trường nào điểm danh thiếu" in page
    inside = officer.get(f"/reports/week?week=2026-W42&school={october.school_ids['a']}").get_data(
        as_text=True
    )
    assert "4/3" in inside
    own = october.client(Role.PRINCIPAL).get("/reports/week?week=2026-W42&level=1").get_data(as_text=True)
    assert "4/5" in own
    assert "THCS Sao Mai" not in own
    assert (
        october.client(Role.PRINCIPAL).get(f"/reports/week?school={october.school_ids['b']}").status_code
        == 200
    )
    assert 'href="/classes/' in own  # a principal goes on to the class
    assert 'href="/classes/' not in inside.split("<main")[1]
    assert ">6B<" not in own
    assert "chưa có sổ của tuần ấy" in page
    assert "0 trên 5 lớp trong tuần" in page
    assert "0 trên 4 lớp trong tuần" in inside
    empty = officer.get("/reports/week?week=2026-W30").get_data(as_text=True)
    assert "Tuần này chưa có buổi học nào" in empty
    assert october.client(Role.TEACHER).get("/reports/week").status_code == 404
    with october.app.app_context():
        actions = db.session().scalars(select(AuditEntry.action)).all()
        assert actions.count("figures.viewed") >= 4


def test_growth_and_live_lessons_go_by_class_inside_a_school_and_follow_the_level(october: World) -> None:
    with october.app.app_context(), db.transaction() as session:
        stretch = session.scalars(select(PupilStretch).order_by(PupilStretch.pupil_id)).first()
        assert stretch is not None
        school_id, class_id = stretch.school_id, stretch.class_id
        for line in session.scalars(select(PupilStretch).where(PupilStretch.class_id == class_id)):
            values = {name: getattr(line, name) for name in ("pupil_id", "school_id", "expected")}
            november = date(2026, 11, 1)
            session.add(
                PupilStretch(
                    class_id=class_id, starts_on=november, excused=line.expected, unexcused=0, pending=0, late=0,
                    **values,
                )
            )  # fmt: skip
        day = session.scalars(
            select(ClassDay).where(ClassDay.class_id == class_id, ClassDay.day == date(2026, 10, 26))
        ).one()
        session.add(
            ClassDay(
                **{column.key: getattr(day, column.key) for column in sa_inspect(ClassDay).columns}
                | {"day": date(2026, 11, 2), "lessons_held": 2}
            )
        )
    officer = october.client(Role.DEPARTMENT_OFFICER)
    address = "/reports/week?week=2026-W45"
    page = officer.get(address).get_data(as_text=True)
    assert "1 trên 1 lớp trong tuần" in page
    assert "2 tiết tương tác; tuần trước 0 lớp, 0 tiết tương tác" in page
    growth = page.split("Ở đâu số học sinh vắng nhiều tăng lên?")[1]
    assert "Tiểu học Hoa Sen" in growth
    inside = officer.get(f"{address}&school={school_id}").get_data(as_text=True)
    growth = inside.split("Ở đâu số học sinh vắng nhiều tăng lên?")[1]
    assert "Tiểu học Hoa Sen" not in growth.split("</section>")[0]
    assert "100,0\u00a0%" in growth
    # Another level has no such pupils: the level that is chosen holds for every question.
    upper = officer.get(f"{address}&level=3").get_data(as_text=True)
    assert "Tiểu học Hoa Sen" not in upper
