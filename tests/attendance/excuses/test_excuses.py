"""Excuses: who may ask and decide, what one covers, and that it never changes a mark."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import db
from app.access import Role
from app.errors import ConflictError, InvalidError
from attendance.excuses.models import Excuse, ExcuseCover
from attendance.excuses.rules import ExcuseState, Span, Step, state_after
from attendance.registers.models import Mark
from tests.world import MONDAY

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.attendance.registers.conftest import Desk

days = st.dates(date(2026, 9, 1), date(2027, 5, 31))


def test_an_excuse_covers_and_never_overwrites(desk: Desk) -> None:
    guardian, homeroom = desk.world.client(Role.GUARDIAN), desk.world.client(Role.HOMEROOM_TEACHER)
    for _ in range(2):
        assert ask(desk, guardian, key="page-of-guardian", reason="Bệnh, sốt").status_code == 302
    [excuse] = rows(desk)
    assert (excuse.state, excuse.source) == ("submitted", "guardian")
    assert "đơn nghỉ đã duyệt" not in homeroom.get(f"/registers/{desk.register_id}").text
    url = f"/attendance/excuses/{excuse.id}"
    assert guardian.post(f"{url}/approve").status_code == 404
    assert homeroom.post(f"{url}/reject").status_code == 422
    for _ in range(2):
        assert homeroom.post(f"{url}/approve").status_code == 302
    sheet = homeroom.get(f"/registers/{desk.register_id}").text
    assert "đơn nghỉ đã duyệt: Bệnh, sốt" in sheet, "suggested"
    assert covers(desk) == [], "and no mark by itself"
    desk.save(desk.operation(0, "K"), desk.operation(1, "K"))
    assert covers(desk) == [(excuse.id, desk.register_id)], "the absence is linked when it is saved"
    assert code_of(desk, 0) == 2, "the teacher's K stands"
    assert desk.row().counters.unexcused == 2
    assert '"excused": {"' in homeroom.get(f"/registers/{desk.register_id}").text.replace('":{', '": {')
    desk.save(desk.operation(0, "", base=1), base=1)
    assert covers(desk) == [], "no absence, nothing to cover"
    desk.save(desk.operation(0, "K", base=2), base=2)
    assert guardian.post(f"{url}/withdraw").status_code == 302
    assert covers(desk) == []
    assert code_of(desk, 0) == 2
    assert homeroom.post(f"{url}/approve").status_code == 409, "what was withdrawn is asked for anew"


def test_the_office_records_and_approves_at_once_and_what_was_marked_is_covered(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    clerk = desk.world.client(Role.OFFICE_CLERK)
    assert ask(desk, clerk, approve="y").status_code == 302
    [excuse] = rows(desk)
    assert (excuse.state, excuse.source) == ("approved", "office")
    assert covers(desk) == [(excuse.id, desk.register_id)]
    assert ask(desk, clerk, last_day=MONDAY - timedelta(days=1)).status_code == 422
    assert ask(desk, desk.world.client(Role.TEACHER)).status_code == 404, "a subject teacher reads only"
    listed = clerk.get(f"/attendance/excuses/school/{desk.world.school_ids['a']}").text
    assert "Nguyễn Văn An" in listed
    assert "Đã duyệt" in listed


def ask(
    desk: Desk, client: FlaskClient, *, key: str = "", last_day: date = MONDAY, **more: str
) -> TestResponse:
    body = {
        "client_key": key or desk.new_id(),
        "first_day": MONDAY.isoformat(),
        "first_slot": "1",
        "last_day": last_day.isoformat(),
        "last_slot": "3",
        "reason": "Việc gia đình",
        **more,
    }
    return client.post(f"/pupils/{desk.pupils[0]}/excuses", data=body)


def rows(desk: Desk) -> list[Excuse]:
    with desk.world.app.app_context():
        return list(db.session().scalars(select(Excuse)))


def covers(desk: Desk) -> list[tuple[int, int]]:
    with desk.world.app.app_context():
        found = db.session().execute(select(ExcuseCover.excuse_id, ExcuseCover.register_id))
        return [(row.excuse_id, row.register_id) for row in found]


def code_of(desk: Desk, pupil: int) -> int | None:
    with desk.world.app.app_context():
        return db.session().get_one(Mark, (desk.register_id, desk.pupils[pupil])).code_id


@given(days, st.integers(1, 3), st.integers(0, 70), st.integers(1, 3), days, st.integers(1, 3))
def test_a_span_covers_what_lies_between_its_ends(
    first: date, first_slot: int, length: int, last_slot: int, day: date, slot: int
) -> None:
    span = Span(first, first_slot, first + timedelta(days=length), last_slot)
    if (length == 0 and last_slot < first_slot) or length > 60:
        with pytest.raises(InvalidError):
            span.checked()
        return
    assert span.checked() is span
    half_days = (day - first).days * 3 + slot
    assert span.covers(day, slot) == (first_slot <= half_days <= length * 3 + last_slot)


@given(st.sampled_from(ExcuseState), st.lists(st.sampled_from(Step), max_size=4))
def test_a_step_taken_twice_is_taken_once(state: ExcuseState, steps: list[Step]) -> None:
    for step in steps:
        try:
            after = state_after(state, step)
        except ConflictError:
            continue
        assert state_after(after, step) is after
        state = after
