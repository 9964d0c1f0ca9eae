"""The calendar through its pages: decide, inherit, override, undo, export; and the frame of the year."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.facts import FactRow
from app.school.models import CalendarDay, SchoolYear
from app.school.queries import day_at_school
from app.school.rules import DaySession

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World

TET = date(2027, 2, 4)


def decide(client: FlaskClient, unit_id: int, key: str = "key-00000001", **form: Any) -> TestResponse:  # noqa: ANN401
    filled = {
        "first": TET.isoformat(),
        "last": (TET + timedelta(days=1)).isoformat(),
        "kind": "holiday",
        "follows_weekday": "",
        "note": "Tết Nguyên đán",
        "client_key": key,
    }
    return client.post(f"/calendar/{unit_id}", data=filled | form)


def is_taught(world: World, school: str, day: date = TET) -> bool:
    with world.app.app_context():
        return day_at_school(db.session(), world.school_ids[school], day).is_teaching


def test_a_range_that_the_province_decides_holds_at_all_schools(world: World) -> None:
    client = world.client(Role.DEPARTMENT_OFFICER)
    assert decide(client, world.province_id).status_code == 302
    assert decide(client, world.province_id).status_code == 302  # sent twice, decided once
    assert not is_taught(world, "a")
    assert not is_taught(world, "b", TET + timedelta(days=1))
    assert is_taught(world, "b", TET - timedelta(days=1))
    with world.app.app_context():
        rows = db.session().scalars(select(CalendarDay)).all()
        assert [(row.day, row.decided_by) for row in rows] == [
            (TET, world.user_ids[Role.DEPARTMENT_OFFICER]),
            (TET + timedelta(days=1), world.user_ids[Role.DEPARTMENT_OFFICER]),
        ]
        facts = db.session().scalars(select(FactRow.payload).where(FactRow.name == "CalendarChanged")).all()
        assert [json.loads(payload) for payload in facts] == [
            {"unit_id": world.province_id, "first": "2027-02-04", "after_last": "2027-02-06"}
        ]
        assert db.session().scalar(select(AuditEntry).where(AuditEntry.action == "calendar.decided"))
    page = world.client(Role.PRINCIPAL).get(f"/calendar/{world.school_ids['a']}").text
    assert "Nghỉ lễ, Tết – Tết Nguyên đán (Tỉnh Đồng Nai; " in page, (
        "who decided, and when, is told to the school too"
    )
    assert page.count('data-label="Quyết định của">Tỉnh Đồng Nai</td>') == 1
    assert "Hoàn tác" not in page, "the school does not take back what the province decided"


def test_a_school_overrides_and_takes_it_back(world: World) -> None:
    decide(world.client(Role.DEPARTMENT_OFFICER), world.province_id)
    client, school_id = world.client(Role.OFFICE_CLERK), world.school_ids["a"]
    same_day = {"last": TET.isoformat(), "kind": "instructional", "note": ""}
    decide(client, school_id, "key-own-0001", **same_day)
    assert is_taught(world, "a")
    assert not is_taught(world, "b")
    page = client.get(f"/calendar/{school_id}").text
    assert "thay cho: Nghỉ lễ, Tết của Tỉnh Đồng Nai" in page
    assert client.post("/calendar/changes/2/undo").status_code == 302
    assert not is_taught(world, "a")
    assert "đã hoàn tác" in client.get(f"/calendar/{school_id}").text


def test_undo_puts_back_exactly_what_was_there(world: World) -> None:
    client, school_id = world.client(Role.OFFICE_CLERK), world.school_ids["a"]

    def own_days() -> list[tuple[date, str, str, int | None]]:
        with world.app.app_context():
            rows = db.session().scalars(select(CalendarDay).order_by(CalendarDay.day))
            return [(row.day, row.kind, row.note, row.decided_by) for row in rows]

    decide(client, school_id, "key-00000001")
    before = own_days()
    later = {"first": (TET + timedelta(days=1)).isoformat(), "last": "2027-02-08", "kind": "inherit"}
    decide(client, school_id, "key-00000002", **later)
    assert [day for day, *_ in own_days()] == [TET]
    assert client.post("/calendar/changes/1/undo").status_code == 409  # a later one stands on its days
    assert client.post("/calendar/changes/2/undo").status_code == 302
    assert own_days() == before
    assert client.post("/calendar/changes/1/undo").status_code == 302
    assert own_days() == []


def test_half_a_day_is_taught_in_one_session_and_comes_back_with_undo(world: World) -> None:
    client, school_id = world.client(Role.OFFICE_CLERK), world.school_ids["a"]

    def taught() -> list[bool]:
        with world.app.app_context():
            day = day_at_school(db.session(), school_id, TET)
            return [day.teaches_in(session) for session in (DaySession.MORNING, DaySession.AFTERNOON)]

    half = {"last": TET.isoformat(), "kind": "partial", "only_session": "morning"}
    assert decide(client, school_id, "key-half-001", **half).status_code == 302
    assert taught() == [True, False]
    page = client.get(f"/calendar/{school_id}").text
    assert "½S" in page
    assert "Học một phần ngày, chỉ học buổi sáng</td>" in page, "among the decisions as well"
    rows = list(
        openpyxl.load_workbook(BytesIO(client.get(f"/calendar/{school_id}.xlsx").data)).worksheets[0].values
    )
    assert "chỉ học buổi sáng" in str(rows[1])
    decide(client, school_id, "key-half-002", **(half | {"only_session": "afternoon"}))
    assert taught() == [False, True]
    assert client.post("/calendar/changes/2/undo").status_code == 302
    assert taught() == [True, False]
    decide(client, school_id, "key-half-003", **(half | {"kind": "instructional"}))
    assert taught() == [True, True], "half a day is only half on a partial day"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"kind": "make_up", "note": ""}, "Chọn thời khóa biểu của thứ mấy"),
        ({"note": ""}, "Ghi lý do"),
        ({"last": "2027-02-01"}, "Ngày cuối không được trước ngày đầu"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    world: World, form: dict[str, str], told: str
) -> None:
    answer = decide(world.client(Role.OFFICE_CLERK), world.school_ids["a"], **form)
    assert answer.status_code == 422
    assert told in answer.text
    assert is_taught(world, "a")


def test_a_clerk_does_not_decide_for_the_province(world: World) -> None:
    assert decide(world.client(Role.OFFICE_CLERK), world.province_id).status_code == 404
    assert is_taught(world, "a")


def test_teaching_weeks_are_counted_against_the_plan(world: World) -> None:
    client, school_id = world.client(Role.OFFICE_CLERK), world.school_ids["a"]
    # 7 September 2026 to 17 January 2027: 19 weeks of five days.
    assert "19 / 18 tuần" in client.get(f"/calendar/{school_id}").text
    decide(client, school_id, first="2026-10-05", last="2026-10-16", kind="closure", note="Nghỉ do mưa bão")
    page = client.get(f"/calendar/{school_id}").text
    assert "17 / 18 tuần" in page
    assert "còn thiếu 5 ngày" in page


def test_the_calendar_as_a_workbook(world: World) -> None:
    client, school_id = world.client(Role.OFFICE_CLERK), world.school_ids["a"]
    decide(client, school_id, note="=1+1")
    answer = client.get(f"/calendar/{school_id}.xlsx")
    rows = list(openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0].values)
    assert rows[1] == (
        "04/02/2027",
        "Thứ Năm",
        "Nghỉ lễ, Tết",
        "Không",
        "",
        "=1+1",
        "Tiểu học Hoa Sen",
        "Trần Thị office_clerk",
        rows[1][8],
    )
    assert len(rows) == 3
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d", str(rows[1][8])), "when it was decided"


def test_the_frame_of_a_year_is_edited_by_the_department_only(world: World) -> None:
    form = {"starts_on": "2026-09-07", "second_semester_on": "2027-01-11", "last": "2027-05-28"}
    address = f"/years/{world.year_id}"
    assert world.client(Role.PRINCIPAL).post(address, data=form).status_code == 404
    officer = world.client(Role.DEPARTMENT_OFFICER)
    assert officer.post(address, data=form | {"last": "2026-12-01"}).status_code == 422
    assert officer.post(address, data=form).status_code == 302
    assert "2027-01-11" in officer.get("/years").text
    with world.app.app_context():
        assert db.session().get_one(SchoolYear, world.year_id).ends_on == date(2027, 5, 29)


def test_a_new_year_has_the_usual_frame_and_overlaps_no_other(world: World) -> None:
    officer = world.client(Role.DEPARTMENT_OFFICER)
    assert officer.post("/years", data={"code": "2027-2029"}).status_code == 422
    assert officer.post("/years", data={"code": "2027-2028"}).status_code == 302
    with world.app.app_context():
        added = db.session().scalars(select(SchoolYear).where(SchoolYear.code == "2027-2028")).one()
        assert added.starts_on == date(2027, 9, 5)
        year_id = added.id
    form = {"starts_on": "2027-05-01", "second_semester_on": "2028-01-11", "last": "2028-05-28"}
    refused = officer.post(f"/years/{year_id}", data=form)
    assert refused.status_code == 422
    assert "chồng lên năm học 2026-2027" in refused.text


def test_whoever_has_one_school_comes_straight_to_its_calendar(world: World) -> None:
    answer = world.client(Role.PRINCIPAL).get("/calendar")
    assert answer.location.endswith(f"/calendar/{world.school_ids['a']}")
    assert "THCS Sao Mai" in world.client(Role.DEPARTMENT_OFFICER).get("/calendar").text
