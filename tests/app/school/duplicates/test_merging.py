"""Two records made one and taken apart again, with everything that hangs on them; on both databases."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.commands import record
from app.errors import ConflictError
from app.merging import Pair, belongings
from app.school.duplicates.commands import forget_journals, merge_pupils, undo_merge
from app.school.duplicates.models import PupilMerge
from app.school.enrolment.commands import NewPupil, Step, end_enrolment, enrol_pupil
from app.school.enrolment.queries import history_of
from app.school.enrolment.rules import Coming, LeavingReason
from app.school.models import Pupil, PupilCard
from attendance.corrections.models import MarkCorrection
from attendance.registers.models import Mark, Register, RosterVersion
from attendance.registers.queries.sheets import Amendment, members_of, sheet_of
from reports.stretches.models import PupilStretch
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


def twin_of(world: World, day: date) -> int:
    """The first pupil of 4/1 enrolled once more by hand, this time with a ministry code."""
    with world.app.app_context():
        new = NewPupil("Nguyễn Văn An", date(2016, 5, 17), "F", "7500000001")
        step = Step("twin-key-01", day)
        return enrol_pupil(SYSTEM, new, world.class_ids["own"], Coming.NEW, step, is_another=True)


def everything(world: World, *pupil_ids: int) -> dict[str, object]:
    """What the database says of pupils, for comparing."""
    with world.app.app_context():
        session = db.session()
        registers = session.execute(select(Register.id, Register.roster_version_id, Register.expected)).all()
        marks = session.execute(select(Mark.register_id, Mark.pupil_id, Mark.code_id)).all()
        return {
            "histories": [history_of(session, one) for one in pupil_ids],
            "counts": [[it.count(session, one) for it in belongings()] for one in pupil_ids],
            "codes": [session.get_one(Pupil, one).ministry_code for one in pupil_ids],
            "registers": sorted(registers),
            "marks": sorted(marks),
        }


def key_in(page: str) -> str:
    found = re.search(r'name="client_key"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_two_records_become_one_and_can_be_taken_apart(clerk: FlaskClient, world: World, desk: Desk) -> None:  # noqa: F811
    gone = world.pupil_ids["own"][0]
    assert desk.save(desk.operation(0, "K")).status_code == 200
    with world.app.app_context():
        end_enrolment(SYSTEM, gone, world.school_ids["a"], LeavingReason.OTHER, Step("leave-key-1", TUESDAY))
    kept = twin_of(world, TUESDAY)
    listed = clerk.get(f"/schools/{world.school_ids['a']}/duplicates").text
    place = f"/pupils/{kept}/merge/{gone}"
    assert place in listed
    before = everything(world, kept, gone)
    page = clerk.get(place).text
    assert "Buổi có ghi vắng, trễ" in page
    assert "Chưa gộp được" not in page
    data = {"client_key": key_in(page), "value-ethnicity": "gone"}
    assert clerk.post(place, data=data).headers["Location"] == f"/pupils/{kept}"
    with world.app.app_context():
        session = db.session()
        pupil = session.get_one(Pupil, kept)
        assert (pupil.ministry_code, pupil.ethnicity) == ("7500000001", "Kinh")
        assert [one.starts_on for one in history_of(session, kept).stays] == [date(2026, 9, 7), TUESDAY]
        assert history_of(session, gone).stays == ()
        assert session.scalars(select(Mark.pupil_id)).all() == [kept]
        register = session.get_one(Register, desk.register_id)
        roster = session.get_one(RosterVersion, register.roster_version_id)
        assert (kept in members_of(roster), gone in members_of(roster)) == (True, False)
        assert (register.expected, register.unexcused, roster.member_count) == (6, 1, 6)
        assert sheet_of(session, register).amendment == Amendment(), "its roster is the class of that day"
        assert session.scalars(
            select(PupilCard.pupil_id).where(PupilCard.pupil_id.in_([kept, gone]))
        ).all() == [kept]
        again = merge_pupils(SYSTEM, world.school_ids["a"], Pair(kept, gone), (), data["client_key"])
    assert clerk.get(f"/pupils/{gone}").status_code == 404, "there is one record"
    assert clerk.post(f"/merges/{again}/undo").status_code == 302
    assert clerk.post(f"/merges/{again}/undo").status_code == 302
    assert everything(world, kept, gone) == before


def test_open_corrections_and_the_cube_follow_a_merge_at_once_and_back(world: World, desk: Desk) -> None:  # noqa: F811
    """In the working day and not in the night: the kept record has the absence, and its request can be decided."""
    gone = world.pupil_ids["own"][0]
    with clock.at(MORNING):
        assert desk.save(desk.operation(0, "K")).status_code == 200
        with world.app.app_context():
            step = Step("leave-key-1", TUESDAY)
            end_enrolment(SYSTEM, gone, world.school_ids["a"], LeavingReason.OTHER, step)
            with db.transaction() as session:
                for number, state in enumerate(("waiting", "rejected")):
                    session.add(correction(world, desk.register_id, gone, state, number))
        kept = twin_of(world, TUESDAY)
        assert stretches(world, kept, gone) == {gone: (1, 1)}
        with world.app.app_context():
            merge = merge_pupils(SYSTEM, world.school_ids["a"], Pair(kept, gone), (), "merge-key-1")
        assert stretches(world, kept, gone) == {kept: (1, 1)}
        assert requests(world) == {"waiting": kept, "rejected": gone}
        with world.app.app_context():
            undo_merge(SYSTEM, merge)
        assert stretches(world, kept, gone) == {gone: (1, 1)}
        assert requests(world) == {"waiting": gone, "rejected": gone}


def correction(world: World, register_id: int, pupil_id: int, state: str, number: int) -> MarkCorrection:
    clerk, decided = world.user_ids[Role.OFFICE_CLERK], state != "waiting"
    return MarkCorrection(
        client_key=f"fix-{number}",
        register_id=register_id,
        pupil_id=pupil_id,
        letter="P",
        why="Phụ huynh nộp đơn trễ",
        state=state,
        requested_by=clerk,
        requested_at=clock.now(),
        decided_by=clerk if decided else None,
        decided_at=clock.now() if decided else None,
        decision_note="",
    )


def requests(world: World) -> dict[str, int]:
    with world.app.app_context():
        return {row.state: row.pupil_id for row in db.session().scalars(select(MarkCorrection))}


def stretches(world: World, *pupil_ids: int) -> dict[int, tuple[int, int]]:
    """Return {pupil: (sessions expected, absent without permission)} as the cube of reports has it."""
    with world.app.app_context():
        rows = db.session().scalars(select(PupilStretch).where(PupilStretch.pupil_id.in_(pupil_ids)))
        return {row.pupil_id: (row.expected, row.unexcused) for row in rows}


def test_a_pupil_entered_twice_at_one_school_is_there_once_and_no_mark_is_lost(
    clerk: FlaskClient,
    world: World,
    desk: Desk,  # noqa: F811
) -> None:
    kept = world.pupil_ids["own"][0]
    gone = twin_of(world, MONDAY)
    desk.pupils.append(gone)
    assert desk.save(desk.operation(0, "P"), desk.operation(len(desk.pupils) - 1, "K")).status_code == 200
    place = f"/pupils/{kept}/merge/{gone}"
    before = everything(world, kept, gone)
    page = clerk.get(place).text
    assert "Từ ngày 05/10/2026 em được ghi danh hai lần ở cùng một trường" in page
    assert "05/10/2026 4/1: K ≠ P" in page, "which register says two things"
    assert clerk.post(place, data={"client_key": "merge-key-1", "value-code": "gone"}).status_code == 302
    with world.app.app_context():
        session = db.session()
        stays = history_of(session, kept).stays
        assert [(one.starts_on, one.ends_on) for one in stays] == [(date(2026, 9, 7), None), (MONDAY, MONDAY)]
        assert set(session.scalars(select(Mark.pupil_id))) == {kept, gone}, (
            "the other mark stays where it was"
        )
        assert session.get_one(Pupil, kept).ministry_code == "7500000001"
        undo_merge(SYSTEM, 1)
    assert everything(world, kept, gone) == before


def test_two_enrolments_of_which_one_ended_are_for_people_to_judge(clerk: FlaskClient, world: World) -> None:
    kept = world.pupil_ids["own"][0]
    gone = twin_of(world, MONDAY)
    place = f"/pupils/{kept}/merge/{gone}"
    with world.app.app_context():
        end_enrolment(SYSTEM, gone, world.school_ids["a"], LeavingReason.OTHER, Step("leave-key-1", TUESDAY))
    assert "cả hai hồ sơ đều đang được ghi danh" in clerk.get(place).text
    refused = clerk.post(place, data={"client_key": "merge-key-1"})
    assert (refused.status_code, "Từ ngày 05/10/2026" in refused.text) == (422, True)
    with world.app.app_context():
        end_enrolment(SYSTEM, kept, world.school_ids["a"], LeavingReason.OTHER, Step("leave-key-2", MONDAY))
        merge = merge_pupils(SYSTEM, world.school_ids["a"], Pair(kept, gone), (), "merge-key-2")
        with db.transaction() as session:
            session.get_one(Pupil, kept).sex = "M"
        with pytest.raises(ConflictError):
            undo_merge(SYSTEM, merge)


def test_only_the_school_that_keeps_both_records_merges_them(clerk: FlaskClient, world: World) -> None:
    own, other = world.pupil_ids["own"][0], world.pupil_ids["other_school"][0]
    assert clerk.get(f"/pupils/{own}/merge/{other}").status_code == 404
    assert clerk.post(f"/pupils/{own}/merge/{other}", data={"client_key": "merge-key-2"}).status_code == 404
    assert clerk.get(f"/pupils/{own}/merge/{own}").status_code == 404
    assert world.client(Role.TEACHER).get(f"/pupils/{own}/merge/{other}").status_code == 404
    assert clerk.get(f"/pupils/{own}/merge/{world.pupil_ids['own'][1]}").status_code == 200


def test_the_department_sees_pairs_of_two_schools_and_makes_them_one(
    world: World, clerk: FlaskClient
) -> None:
    """A school sees only its own; the one record has left its school, or the pupil would be enrolled twice."""
    officer, gone = world.client(Role.DEPARTMENT_OFFICER), world.pupil_ids["own"][0]
    with world.app.app_context():
        end_enrolment(SYSTEM, gone, world.school_ids["a"], LeavingReason.OTHER, Step("left-key-01", MONDAY))
        new = NewPupil("Nguyễn Văn An", date(2016, 5, 17), "F", "7500000001")
        step = Step("other-key-01", TUESDAY)
        kept = enrol_pupil(SYSTEM, new, world.class_ids["other_school"], Coming.NEW, step, is_another=True)
    page = officer.get("/duplicates").text
    assert "Tiểu học Hoa Sen" in page
    assert f"/pupils/{kept}/merge/{gone}" in page
    assert clerk.get("/duplicates").status_code == 404
    assert clerk.get(f"/pupils/{kept}/merge/{gone}").status_code == 404
    form = {"client_key": key_in(officer.get(f"/pupils/{kept}/merge/{gone}").text)}
    done = officer.post(f"/pupils/{kept}/merge/{gone}", data=form)
    assert done.headers["Location"].endswith(f"/schools/{world.school_ids['b']}/duplicates")
    assert officer.get(done.headers["Location"]).status_code == 200
    assert f"/pupils/{kept}/merge/{gone}" not in officer.get("/duplicates").text


def test_the_old_values_of_a_merge_are_forgotten_after_ninety_days(world: World, clerk: FlaskClient) -> None:
    kept, gone = twin_of(world, TUESDAY), world.pupil_ids["own"][0]
    with world.app.app_context():
        end_enrolment(SYSTEM, gone, world.school_ids["a"], LeavingReason.OTHER, Step("left-key-01", MONDAY))
        merge_id = merge_pupils(SYSTEM, world.school_ids["a"], Pair(kept, gone), [], "merge-key-01")
        forget_journals()
        assert "Nguyễn Văn An" in db.session().get_one(PupilMerge, merge_id).journal
    with clock.at(MORNING + timedelta(days=91)), world.app.app_context():
        forget_journals()
        db.session().expire_all()
        assert db.session().get_one(PupilMerge, merge_id).journal == ""
        with pytest.raises(ConflictError, match="quá 90 ngày"):
            undo_merge(SYSTEM, merge_id)
        with db.transaction() as session:
            record(session, SYSTEM, "pupil.forgotten", ("pupil", gone), {"reason": "Phiếu số 7"})
        with pytest.raises(ConflictError, match="đã được xóa theo yêu cầu"):
            undo_merge(SYSTEM, merge_id)
    page = clerk.get(f"/schools/{world.school_ids['a']}/duplicates").text
    assert "Các lần gộp" in page
    assert f"/merges/{merge_id}/undo" not in page
