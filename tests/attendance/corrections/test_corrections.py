"""Windows by role, and what is left after them: a request with a reason, and the principal's decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from attendance.corrections.models import MarkCorrection
from attendance.registers.models import Mark
from attendance.registers.queries.chain import verify_chains
from tests.world import MORNING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.attendance.registers.conftest import Desk

OK, SENT_ON, CONFLICT, INVALID, NOT_FOUND = 200, 302, 409, 422, 404


def test_windows_by_role_then_a_request_and_a_decision(desk: Desk) -> None:
    version = desk.save(desk.operation(0, "K")).get_json()["version"]
    principal = desk.world.client(Role.PRINCIPAL)
    with clock.at(MORNING + timedelta(days=3)):
        teacher = desk.world.client(Role.HOMEROOM_TEACHER)
        assert ask(desk, teacher, 0, "P").status_code == INVALID, "it can still be changed directly"
        assert desk.save(desk.operation(1, "T", base=version), base=version).status_code == OK
    with clock.at(MORNING + timedelta(days=4)):
        teacher = desk.world.client(Role.HOMEROOM_TEACHER)
        refused = desk.save(desk.operation(0, "P", base=2), base=2)
        assert refused.status_code == CONFLICT
        assert "đính chính" in refused.get_json()["message"]
        assert "hết ngày 08/10/2026" in teacher.get(f"/registers/{desk.register_id}").text
        assert desk.correct(1, "K").status_code == OK, "the office has longer"
        for _ in range(2):
            assert ask(desk, teacher, 0, "P", key="page-of-request").status_code == SENT_ON
        assert ask(desk, teacher, 0, "T").status_code == CONFLICT, "one waits already"
        assert ask(desk, teacher, 0, "P", why="").status_code == INVALID
        assert counted(desk, 0) == 2, "asking changes nothing"
        [request_id] = requests(desk)
        url = f"/attendance/corrections/{request_id}"
        assert teacher.post(f"{url}/approve").status_code == NOT_FOUND
        assert desk.world.client(Role.OFFICE_CLERK).post(f"{url}/approve").status_code == NOT_FOUND
        for _ in range(2):
            assert principal.post(f"{url}/approve").status_code == SENT_ON
        assert principal.post(f"{url}/reject", data={"note": "không"}).status_code == CONFLICT
        assert counted(desk, 0) == 1
        assert desk.row().counters.excused == 1
        assert "Đã duyệt" in principal.get(f"/attendance/corrections/{desk.world.school_ids['a']}").text
    with clock.at(MORNING + timedelta(days=15)):
        assert desk.correct(1, "P").status_code == CONFLICT, "the office's window has passed too"
        assert desk.correct(1, "P", by=desk.world.client(Role.PRINCIPAL)).status_code == OK
    with desk.world.app.app_context():
        assert verify_chains(db.session()).broken == ()
        kept = db.session().scalars(
            select(AuditEntry.action)
            .where(AuditEntry.action.startswith("correction."))
            .order_by(AuditEntry.sequence)
        )
        assert list(kept) == ["correction.requested", "correction.approved"]


def test_a_rejection_says_why_and_leaves_the_register(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    with clock.at(MORNING + timedelta(days=20)):
        principal = desk.world.client(Role.PRINCIPAL)
        ask(desk, desk.world.client(Role.OFFICE_CLERK), 0, "")
        [request_id] = requests(desk)
        url = f"/attendance/corrections/{request_id}/reject"
        assert principal.post(url).status_code == INVALID
        assert principal.post(url, data={"note": "Không có đơn"}).status_code == SENT_ON
        assert counted(desk, 0) == 2
        page = desk.world.client(Role.HOMEROOM_TEACHER).get(f"/registers/{desk.register_id}/corrections")
        assert "Không có đơn" in page.text


def ask(
    desk: Desk, client: FlaskClient, pupil: int, letter: str, *, why: str = "Nộp đơn trễ", key: str = ""
) -> TestResponse:
    body = {
        "client_key": key or desk.new_id(),
        "pupil_id": desk.pupils[pupil],
        "letter": letter,
        "why": why,
    }
    return client.post(f"/registers/{desk.register_id}/corrections", data=body)


def requests(desk: Desk) -> list[int]:
    with desk.world.app.app_context():
        return list(db.session().scalars(select(MarkCorrection.id)))


def counted(desk: Desk, pupil: int) -> int | None:
    with desk.world.app.app_context():
        return db.session().get_one(Mark, (desk.register_id, desk.pupils[pupil])).code_id
