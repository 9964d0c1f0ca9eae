"""The page of a change: sendable, only of places within reach, logged."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from tests.reports.extracts.test_commands import october

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["october"]
ADDRESS = "/reports/change?day=2026-10-12&what=Gọi+điện+%3Cb%3E"


def test_a_change_is_shown_of_schools_and_classes_within_reach(october: World) -> None:
    officer, principal = (october.client(role) for role in (Role.DEPARTMENT_OFFICER, Role.PRINCIPAL))
    own, other = october.school_ids["a"], october.school_ids["b"]
    page = officer.get(f"{ADDRESS}&place={own}").get_data(as_text=True)
    assert "Gọi điện &lt;b&gt;" in page
    assert "Tiểu học Hoa Sen, từ ngày 12/10/2026" in page
    assert "Chưa đủ tuần để kết luận" in page
    whole = principal.get(ADDRESS).get_data(as_text=True)
    (class_id,) = re.findall(r'<option value="(\d+)">4/3<', whole)
    inside = principal.get(f"{ADDRESS}&class={class_id}").get_data(as_text=True)
    assert "Các lớp khác của trường, cùng lúc" in inside
    # Another school's number in the address shows the own school, and nothing else.
    assert "Sao Mai" not in principal.get(f"{ADDRESS}&place={other}").get_data(as_text=True)
    for wrong in ("day=0001-01-01", "day=9999-12-31", "day=x", "place=99999999999999999999", "class=0"):
        assert officer.get(f"/reports/change?{wrong}").status_code == 200
    assert october.client(Role.TEACHER).get("/reports/change").status_code == 404
    with october.app.app_context():
        noted = db.session().scalars(select(AuditEntry.details).where(AuditEntry.action == "figures.viewed"))
        assert {json.loads(details)["report"] for details in noted} == {"change"}
