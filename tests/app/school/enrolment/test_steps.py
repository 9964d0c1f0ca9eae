"""Steps of enrolment as the office takes them, through the pages, on both databases."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, create_user, give_grant
from app.audit.models import AuditEntry
from app.errors import ConflictError
from app.facts import FactRow
from app.school.enrolment import commands
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.queries import history_of, keeping_school
from app.school.enrolment.rules import Coming, LeavingReason
from app.school.models import ClassMembership, Enrolment, Pupil
from app.school.queries import pupils_in_class
from attendance.registers.commands.opening import materialise
from attendance.registers.models import Mark, Register
from attendance.registers.queries.sheets import sheet_of
from tests.attendance.registers.conftest import desk  # noqa: F401 - a fixture
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.attendance.registers.conftest import Desk
    from tests.world import World

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clerk(world: World) -> Iterator[FlaskClient]:
    with clock.at(MORNING):
        yield world.client(Role.OFFICE_CLERK)


@pytest.fixture
def other_clerk(world: World) -> FlaskClient:
    """The clerk of school B."""
    with world.app.app_context(), clock.at(MORNING):
        user_id = create_user(SYSTEM, "vanthub", "Văn thư B", "x")
        give_grant(SYSTEM, user_id, NewGrant(Role.OFFICE_CLERK, world.school_ids["b"], MONDAY))
    return world.client_of(user_id)


def form(day: date, key: str = "key-00000001", /, **more: object) -> dict[str, object]:
    return {"day": day.isoformat(), "client_key": key, "note": "", **more}


def names(world: World, key: str, day: date) -> set[int]:
    with world.app.app_context():
        return {pupil.id for pupil in pupils_in_class(db.session(), world.class_ids[key], day)}


def test_a_move_holds_from_its_day_and_can_be_taken_back(clerk: FlaskClient, world: World) -> None:
    pupil = world.pupil_ids["own"][0]
    answer = clerk.post(f"/pupils/{pupil}/move", data=form(TUESDAY, class_id=world.class_ids["other_class"]))
    assert answer.headers["Location"] == f"/pupils/{pupil}"
    clerk.post(f"/pupils/{pupil}/move", data=form(TUESDAY, class_id=world.class_ids["other_class"]))
    assert pupil in names(world, "own", MONDAY)
    assert pupil not in names(world, "own", TUESDAY)
    assert pupil in names(world, "other_class", TUESDAY)
    page = clerk.get(f"/pupils/{pupil}").text
    assert page.count("/enrolment/") == 1, "one step, however often it was sent"
    assert clerk.post(re.findall(r"/enrolment/\d+/undo", page)[0]).status_code == 302
    assert pupil in names(world, "own", TUESDAY)
    assert pupil not in names(world, "other_class", TUESDAY)
    assert "Đã hoàn tác" in clerk.get(f"/pupils/{pupil}").text
    again = clerk.post(f"/pupils/{pupil}/move", data=form(TUESDAY, class_id=world.class_ids["other_class"]))
    assert again.status_code == 422, "a form that comes back does not report what it did not do"
    assert pupil in names(world, "own", TUESDAY)


def test_what_a_rule_refuses_stands_beside_its_field(clerk: FlaskClient, world: World) -> None:
    pupil = world.pupil_ids["own"][0]
    before = date(2026, 9, 1)
    answer = clerk.post(f"/pupils/{pupil}/move", data=form(before, class_id=world.class_ids["other_class"]))
    assert answer.status_code == 422
    assert "Em mới vào học từ ngày 07/09/2026" in answer.text
    same = clerk.post(f"/pupils/{pupil}/move", data=form(TUESDAY, class_id=world.class_ids["own"]))
    assert "Em đang ở lớp này rồi" in same.text
    assert (
        clerk.post(
            f"/pupils/{pupil}/move", data=form(TUESDAY, class_id=world.class_ids["other_school"])
        ).status_code
        == 422
    ), "a class of another school is no choice"


def test_transfer_between_two_schools_keeps_the_pupil_and_the_history(
    clerk: FlaskClient, other_clerk: FlaskClient, world: World
) -> None:
    pupil = world.pupil_ids["own"][0]
    assert other_clerk.get(f"/pupils/{pupil}").status_code == 404
    to: dict[str, object] = {"to_school_id": world.school_ids["b"], "destination": ""}
    assert clerk.post(f"/pupils/{pupil}/transfer", data=form(MONDAY, "key-00000001", **to)).status_code == 302
    assert "chưa tiếp nhận em" in clerk.get(f"/pupils/{pupil}").text
    waiting = other_clerk.get(f"/schools/{world.school_ids['b']}/arrivals").text
    assert "Nguyễn Văn An" in waiting
    place = re.findall(r"/arrivals/\d+", waiting)[0]
    assert clerk.get(place).status_code == 404, "the sending school does not accept for the other"
    data = form(TUESDAY, "key-00000002", class_id=world.class_ids["other_school"])
    assert other_clerk.post(place, data=data).headers["Location"] == f"/pupils/{pupil}"
    page = other_clerk.get(f"/pupils/{pupil}").text
    assert "Tiểu học Hoa Sen" in page, "the school where the pupil is sees the whole way"
    assert "Chuyển đến kỳ 1" in page
    old = clerk.get(f"/pupils/{pupil}").text
    assert "chưa tiếp nhận em" not in old
    assert "Chuyển đi kỳ 1" in old, "a leaver is still found where the pupil was"
    assert "Lớp 6A1" not in old.replace("page-head__lead", "")[old.index("Quá trình học") :]
    assert clerk.get(f"/pupils/{pupil}/edit").status_code == 404
    assert clerk.post(f"/pupils/{pupil}/sensitive").status_code == 404, "what is sensitive moved along"
    assert other_clerk.post(f"/pupils/{pupil}/sensitive").status_code == 200
    assert "6A1" not in old, "the class of now is not the old school's to see"
    assert clerk.post(f"/pupils/{pupil}/return", data=data).status_code == 404
    assert "Không có em nào chờ" in other_clerk.get(f"/schools/{world.school_ids['b']}/arrivals").text
    with world.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Pupil)) == 18
        offer = db.session().scalars(select(EnrolmentChange.id).order_by(EnrolmentChange.id)).first() or 0
        db.session().rollback()
        with pytest.raises(ConflictError):
            commands.undo_change(SYSTEM, offer)


def test_an_old_transfer_no_longer_waits_once_the_pupil_came_back(
    clerk: FlaskClient, other_clerk: FlaskClient, world: World
) -> None:
    pupil, school = world.pupil_ids["own"][0], world.school_ids["a"]
    to: dict[str, object] = {"to_school_id": world.school_ids["b"], "destination": ""}
    clerk.post(f"/pupils/{pupil}/transfer", data=form(MONDAY, "key-00000001", **to))
    waiting = f"/schools/{world.school_ids['b']}/arrivals"
    place = re.findall(r"/arrivals/\d+", other_clerk.get(waiting).text)[0]
    clerk.post(f"/pupils/{pupil}/return", data=form(TUESDAY, "key-00000002", class_id=world.class_ids["own"]))
    assert "Nguyễn Văn An" not in other_clerk.get(waiting).text
    with world.app.app_context():
        away = TUESDAY + timedelta(days=1)
        commands.end_enrolment(
            SYSTEM, pupil, school, LeavingReason.OTHER, commands.Step("key-00000003", away)
        )
    assert "Nguyễn Văn An" not in other_clerk.get(waiting).text, "left again, but not to that school"
    data = form(away, "key-00000004", class_id=world.class_ids["other_school"])
    refused = other_clerk.post(place, data=data)
    assert refused.status_code == 422
    with world.app.app_context():
        assert len(history_of(db.session(), pupil).stays) == 2


def test_the_school_of_today_keeps_the_record_of_who_is_expected_elsewhere(
    clerk: FlaskClient, other_clerk: FlaskClient, world: World
) -> None:
    pupil, later = world.pupil_ids["own"][0], MONDAY + timedelta(days=7)
    to: dict[str, object] = {"to_school_id": world.school_ids["b"], "destination": ""}
    clerk.post(f"/pupils/{pupil}/transfer", data=form(later, "key-00000001", **to))
    waiting = other_clerk.get(f"/schools/{world.school_ids['b']}/arrivals").text
    place = re.findall(r"/arrivals/\d+", waiting)[0]
    data = form(later, "key-00000002", class_id=world.class_ids["other_school"])
    assert other_clerk.post(place, data=data).status_code == 302
    assert clerk.get(f"/pupils/{pupil}/edit").status_code == 200, "here until next week"
    assert other_clerk.get(f"/pupils/{pupil}/edit").status_code == 404
    with clock.at(MORNING + timedelta(days=7)):
        assert world.client(Role.OFFICE_CLERK).get(f"/pupils/{pupil}/edit").status_code == 404
        with world.app.app_context():
            assert keeping_school(db.session(), pupil) == world.school_ids["b"]


def test_a_transfer_needs_a_destination(clerk: FlaskClient, world: World) -> None:
    pupil = world.pupil_ids["own"][0]
    refused = clerk.post(f"/pupils/{pupil}/transfer", data=form(MONDAY, to_school_id=0, destination=" "))
    assert refused.status_code == 422
    away = form(MONDAY, to_school_id=0, destination="Trường Tiểu học số 2, tỉnh Lâm Đồng")
    assert clerk.post(f"/pupils/{pupil}/transfer", data=away).status_code == 302
    assert "tỉnh Lâm Đồng" in clerk.get(f"/pupils/{pupil}").text


def test_leaving_and_coming_back(clerk: FlaskClient, world: World) -> None:
    pupil = world.pupil_ids["own"][0]
    clerk.post(f"/pupils/{pupil}/leave", data=form(MONDAY, reason=LeavingReason.DISTANCE.value))
    assert pupil not in names(world, "own", MONDAY)
    page = clerk.get(f"/pupils/{pupil}").text
    assert "Thôi học kỳ 1" in page
    assert "Xa trường, đi lại khó khăn" in page
    assert f"/pupils/{pupil}/return" in page
    assert f"/pupils/{pupil}/move" not in page
    clerk.post(f"/pupils/{pupil}/return", data=form(TUESDAY, "key-00000002", class_id=world.class_ids["own"]))
    assert pupil in names(world, "own", TUESDAY)
    with world.app.app_context():
        stays = history_of(db.session(), pupil).stays
        assert [one.status for one in stays] == ["Thôi học kỳ 1", "Nghỉ học xin học lại kỳ 1"]
        actions = db.session().scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
        assert actions[-2:] == ["enrolment.leave", "enrolment.return"]
        facts = db.session().scalars(select(FactRow).where(FactRow.name == "EnrolmentChanged")).all()
        assert [row.dispatched_at is not None for row in facts] == [True, True]


def test_a_date_entered_wrong_is_put_right(clerk: FlaskClient, world: World) -> None:
    pupil = world.pupil_ids["own"][0]
    clerk.post(f"/pupils/{pupil}/move", data=form(TUESDAY, class_id=world.class_ids["other_class"]))
    data = form(MONDAY, "key-00000002", wrong_day=TUESDAY.isoformat())
    assert clerk.post(f"/pupils/{pupil}/correct", data=data).status_code == 302
    assert pupil in names(world, "other_class", MONDAY)
    assert pupil not in names(world, "own", MONDAY)


def test_enrolling_by_hand(clerk: FlaskClient, world: World) -> None:
    school = world.school_ids["a"]
    who = {
        "full_name": "  Nguyễn  Văn An",
        "birth_date": "2016-05-17",
        "sex": "M",
        "ministry_code": "",
        "how": "new",
    }
    data = form(MONDAY, class_id=world.class_ids["own"], **who)
    namesake = clerk.post(f"/schools/{school}/pupils/new", data=data)
    assert namesake.status_code == 422
    assert "Trường đã có học sinh cùng họ tên và ngày sinh" in namesake.text
    place = clerk.post(f"/schools/{school}/pupils/new", data={**data, "is_another": "y"}).headers["Location"]
    assert (
        clerk.post(f"/schools/{school}/pupils/new", data={**data, "is_another": "y"}).headers["Location"]
        == place
    )
    other = {**data, "is_another": "y", "full_name": "Lê Thị Bông"}
    again = clerk.post(f"/schools/{school}/pupils/new", data=other)
    assert again.status_code == 422, (
        "a form that comes back for somebody else does not report the first pupil"
    )
    assert "đã được gửi rồi" in again.text
    assert "TAM-" in clerk.get(place).text
    with world.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Pupil)) == 19


def test_a_known_code_is_the_known_pupil(world: World) -> None:
    pupil, code = world.pupil_ids["own"][0], "7500000001"
    with world.app.app_context(), clock.at(MORNING):
        with db.transaction() as session:
            session.execute(update(Pupil).where(Pupil.id == pupil).values(ministry_code=code))
        new = commands.NewPupil("Nguyễn Văn An", date(2016, 5, 17), "M", code)
        there = world.class_ids["other_school"]
        with pytest.raises(ConflictError):
            commands.enrol_pupil(SYSTEM, new, there, Coming.ARRIVED, commands.Step("k1-00000000", TUESDAY))
        away = commands.Destination(name="Lâm Đồng")
        commands.transfer_pupil(
            SYSTEM, pupil, world.school_ids["a"], away, commands.Step("k2-00000000", MONDAY)
        )
        step = commands.Step("k3-00000000", TUESDAY)
        assert commands.enrol_pupil(SYSTEM, new, there, Coming.ARRIVED, step) == pupil


def test_the_database_refuses_two_enrolments_of_one_year_on_one_day(world: World) -> None:
    """PostgreSQL by an exclusion constraint, both by the key of open enrolments; the commands say it in words."""
    pupil = world.pupil_ids["own"][0]
    with world.app.app_context():
        rows = {
            "pupil_id": pupil,
            "school_id": world.school_ids["b"],
            "year_id": world.year_id,
            "status": "Đang học",
        }
        with pytest.raises(IntegrityError), db.transaction() as session:
            session.add(Enrolment(**rows, starts_on=TUESDAY))
        if db.db.engine.dialect.name == "postgresql":
            with pytest.raises(IntegrityError), db.transaction() as session:
                session.add(Enrolment(**rows, starts_on=TUESDAY, ends_on=TUESDAY + timedelta(days=3)))


def test_attendance_follows(desk: Desk, clerk: FlaskClient) -> None:  # noqa: F811 - the fixture
    """A leaver's marks stay; the sheet says how the class differs; nobody is on a sheet before joining."""
    world, pupil = desk.world, desk.pupils[0]
    desk.save(desk.operation(0, "K"))
    clerk.post(f"/pupils/{pupil}/leave", data=form(MONDAY, reason=LeavingReason.OTHER.value))
    with world.app.app_context():
        assert db.session().get(Mark, (desk.register_id, pupil)) is not None
        assert desk.row().state == "submitted"
    with world.app.app_context():
        sheet = sheet_of(db.session(), desk.row())
        assert sheet.amendment.removed == ("Nguyễn Văn An",), "visible until the next save"
        assert len(sheet.pupils) == len(desk.pupils) - 1
    clerk.post(f"/pupils/{pupil}/return", data=form(TUESDAY, "key-00000002", class_id=world.class_ids["own"]))
    with world.app.app_context():
        assert pupil not in {one.id for one in pupils_in_class(db.session(), world.class_ids["own"], MONDAY)}


def test_an_emptied_class_owes_no_register_and_a_filled_one_does(clerk: FlaskClient, world: World) -> None:
    def due(day: date) -> int:
        with world.app.app_context():
            return (
                db.session().scalar(
                    select(func.count()).where(
                        Register.class_id == world.class_ids["other_class"], Register.day == day
                    )
                )
                or 0
            )

    with world.app.app_context():
        materialise(MONDAY, MONDAY + timedelta(days=5))
        with db.transaction() as session:
            session.execute(
                update(ClassMembership)
                .where(
                    ClassMembership.class_id == world.class_ids["other_class"],
                    ClassMembership.pupil_id != world.pupil_ids["other_class"][0],
                )
                .values(ends_on=MONDAY)
            )
    assert due(TUESDAY) == 1
    last = world.pupil_ids["other_class"][0]
    clerk.post(f"/pupils/{last}/leave", data=form(TUESDAY, reason=LeavingReason.OTHER.value))
    assert (due(MONDAY), due(TUESDAY)) == (1, 0)
    clerk.post(re.findall(r"/enrolment/\d+/undo", clerk.get(f"/pupils/{last}").text)[0])
    assert due(TUESDAY) == 1
