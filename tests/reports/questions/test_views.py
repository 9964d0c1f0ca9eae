"""The week's page: the department sees schools, a principal the own classes; views are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
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
    empty = officer.get("/reports/week?week=2026-W30").get_data(as_text=True)
    assert "Tuần này chưa có buổi học nào" in empty
    assert october.client(Role.TEACHER).get("/reports/week").status_code == 404
    with october.app.app_context():
        actions = db.session().scalars(select(AuditEntry.action)).all()
        assert actions.count("figures.viewed") >= 4
