"""Taking a register over HTTP: stored once, merged per pupil, counted in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select, update

from app import clock, db
from app.access import Role
from app.facts import FactRow
from app.school.models import ClassMembership, SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.opening import open_register
from attendance.registers.models import Mark, MarkEvent, Register, RosterVersion
from tests.world import MONDAY, add_pupil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.attendance.registers.conftest import Desk


def count_of(desk: Desk, table: type) -> int:
    with desk.world.app.app_context():
        return db.session().scalar(select(func.count()).select_from(table)) or 0


def test_all_present_but_two(desk: Desk) -> None:
    answer = desk.save(desk.operation(0, "P", reason="Bệnh"), desk.operation(3, "K"))
    assert answer.status_code == 200
    stands = answer.get_json()
    assert stands["state"] == "submitted"
    assert stands["counters"] == {
        "expected": 6, "present": 4, "excused": 1, "unexcused": 1, "pending": 0, "late": 0, "left_early": 0,
    }  # fmt: skip
    assert stands["marks"][str(desk.pupils[0])]["reason"] == "Bệnh"
    row = desk.row()
    assert (row.expected, row.present, row.excused, row.unexcused) == (6, 4, 1, 1)
    assert count_of(desk, Mark) == 2, "only exceptions are stored"


def test_late_is_present_and_keeps_its_minutes(desk: Desk) -> None:
    stands = desk.save(desk.operation(1, "T", minutes_late=12)).get_json()
    assert (stands["counters"]["present"], stands["counters"]["late"]) == (6, 1)
    assert stands["marks"][str(desk.pupils[1])]["minutes_late"] == 12


def test_provisional_in_period_one_then_final_in_period_two(desk: Desk) -> None:
    first = desk.save(desk.operation(0, "K"), submit="provisional").get_json()
    assert first["state"] == "provisional"
    version = first["version"]
    second = desk.save(desk.operation(0, "P", base=version), submit="final", base=version).get_json()
    assert second["state"] == "submitted"
    assert (second["counters"]["excused"], second["counters"]["unexcused"]) == (1, 0)


def test_a_provisional_save_that_comes_late_takes_nothing_back(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    late = desk.save(desk.operation(1, "P"), submit="provisional")
    assert late.get_json()["state"] == "submitted"


def test_the_same_request_twice_has_one_effect_and_one_answer(desk: Desk) -> None:
    operation, save_id = desk.operation(0, "K"), desk.new_id()
    first = desk.save(operation, save_id=save_id)
    second = desk.save(operation, save_id=save_id)
    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())
    assert count_of(desk, MarkEvent) == 2, "one tap and one change of state"
    with desk.world.app.app_context():
        told = db.session().scalar(select(func.count()).where(FactRow.name == "RegisterSaved"))
    assert told == 1


def test_a_tap_whose_id_was_stored_with_another_save_is_not_stored_again(desk: Desk) -> None:
    """The acknowledgement was lost, and the device has wrapped the same tap into a new save on a newer base."""
    operation = desk.operation(0, "K")
    version = desk.save(operation, submit="").get_json()["version"]
    again = desk.save({**operation, "base": version}, base=version)
    assert again.status_code == 200
    assert again.get_json()["counters"]["unexcused"] == 1
    assert count_of(desk, MarkEvent) == 3, "the tap, the opening, the submission"


def test_two_teachers_at_once_are_merged_per_pupil(desk: Desk) -> None:
    other = desk.world.client(Role.TEACHER)
    assert desk.save(desk.operation(0, "P")).status_code == 200
    merged = desk.save(desk.operation(4, "T"), by=other, device="device-of-teacher")
    assert merged.status_code == 200
    assert merged.get_json()["counters"] | {"left_early": 0} == {
        "expected": 6, "present": 5, "excused": 1, "unexcused": 0, "pending": 0, "late": 1, "left_early": 0,
    }  # fmt: skip


def test_the_same_pupil_shows_both_values_and_is_never_overwritten(desk: Desk) -> None:
    other = desk.world.client(Role.TEACHER)
    desk.save(desk.operation(0, "P", reason="Bệnh"))
    mine = desk.operation(0, "K")
    crossed = desk.save(mine, desk.operation(5, "T"), by=other, device="device-of-teacher")
    assert crossed.status_code == 409
    current = crossed.get_json()["current"]
    (conflict,) = current["conflicts"]
    assert (conflict["yours"]["letter"], conflict["current"]["letter"]) == ("K", "P")
    assert conflict["by"] == "Trần Thị homeroom_teacher"
    assert current["marks"][str(desk.pupils[0])]["letter"] == "P"
    assert current["marks"][str(desk.pupils[5])]["letter"] == "T", "what does not conflict is stored"
    again = desk.save(
        {**mine, "id": desk.new_id(), "base": current["version"]}, by=other, base=current["version"]
    )
    assert again.status_code == 200
    assert again.get_json()["marks"][str(desk.pupils[0])]["letter"] == "K"


def test_a_save_with_a_conflict_does_not_submit(desk: Desk) -> None:
    desk.save(desk.operation(0, "P"), submit="")
    crossed = desk.save(
        desk.operation(0, "K"), by=desk.world.client(Role.TEACHER), device="device-of-teacher"
    )
    assert crossed.status_code == 409
    assert desk.row().state == "open"


def test_both_say_the_same_and_nobody_is_asked(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    agreed = desk.save(desk.operation(0, "K"), by=desk.world.client(Role.TEACHER), device="device-of-teacher")
    assert agreed.status_code == 200


def test_agreeing_by_chance_is_not_having_seen(desk: Desk) -> None:
    """She said P; he taps P and then K without having seen hers: in one save or in two, he is asked."""
    him = desk.world.client(Role.TEACHER)
    desk.save(desk.operation(0, "P"))
    assert desk.save(desk.operation(0, "P"), by=him, device="device-of-teacher").status_code == 200
    assert desk.save(desk.operation(0, "K"), by=him, device="device-of-teacher").status_code == 409


def test_ones_own_older_tap_is_no_surprise(desk: Desk) -> None:
    """Two saves leave one device before the first is answered: both have the old base."""
    desk.save(desk.operation(0, "P"), submit="")
    assert desk.save(desk.operation(0, "K")).get_json()["marks"][str(desk.pupils[0])]["letter"] == "K"


def test_taking_a_mark_back_leaves_no_mark_but_its_history(desk: Desk) -> None:
    version = desk.save(desk.operation(0, "K")).get_json()["version"]
    after = desk.save(desk.operation(0, "", base=version), base=version).get_json()
    assert after["counters"]["present"] == 6
    assert after["marks"] == {}
    assert count_of(desk, Mark) == 0
    page = desk.world.client(Role.PRINCIPAL).get(f"/registers/{desk.register_id}/history").text
    assert "Nguyễn Văn An" in page


def test_a_pupil_of_another_class_cannot_be_marked(desk: Desk) -> None:
    stranger = desk.world.pupil_ids["other_class"][0]
    answer = desk.save({**desk.operation(0, "K"), "pupil": stranger})
    assert answer.status_code == 409
    assert answer.get_json()["current"]["conflicts"][0]["refusal"] == "not_in_class"
    assert count_of(desk, Mark) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"letter": "Z"},
        {"letter": "T", "minutes_late": 601},
        {"letter": "T", "minutes_late": -1},
        {"letter": "T", "arrived": "25:61"},
        {"pupil": 0},
        {"base": -1},
        {"unknown": 1},
    ],
)
def test_a_tap_that_cannot_be_read_is_refused_and_nothing_stored(
    desk: Desk, wrong: dict[str, object]
) -> None:
    assert desk.save({**desk.operation(0, "K"), **wrong}).status_code == 422
    assert count_of(desk, MarkEvent) == 0


def test_nothing_readable_is_refused(desk: Desk) -> None:
    client = desk.world.client(Role.HOMEROOM_TEACHER)
    for body in (b"", b"null", b"[]", b"{"):
        path = f"/registers/{desk.register_id}/save"
        assert client.post(path, data=body, content_type="application/json").status_code == 422


def test_a_session_to_come_cannot_be_taken(desk: Desk) -> None:
    with desk.world.app.app_context():
        school_class = db.session().get_one(SchoolClass, desk.world.class_ids["own"])
        desk.register_id = open_register(school_class, MONDAY.replace(day=6), DaySession.MORNING)
    assert desk.save(desk.operation(0, "K")).status_code == 422
    assert desk.row().state == "due"


def test_a_locked_register_takes_no_more(desk: Desk) -> None:
    version = desk.save(desk.operation(0, "K")).get_json()["version"]
    with desk.world.app.app_context(), db.transaction() as session:
        session.execute(update(Register).values(state="locked"))
    refused = desk.save(desk.operation(0, "P", base=version), base=version)
    assert refused.status_code == 409
    assert "khóa" in refused.get_json()["message"]
    assert desk.row().unexcused == 1


# --- the roster ---------------------------------------------------------------------------------------------------


def test_a_pupil_who_comes_later_changes_nothing_before_the_next_save(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    with desk.world.app.app_context(), db.transaction() as session:
        school_class = session.get_one(SchoolClass, desk.world.class_ids["own"])
        newcomer = add_pupil(session, school_class, "Hồ Thị Mới", MONDAY).id
    assert desk.row().expected == 6
    page = desk.world.client(Role.HOMEROOM_TEACHER).get(f"/registers/{desk.register_id}").text
    assert "Danh sách lớp đã thay đổi" in page
    assert "Thêm: Hồ Thị Mới" in page
    version = desk.row().row_version
    stands = desk.save(base=version).get_json()
    assert stands["counters"]["expected"] == 7
    assert str(newcomer) not in stands["marks"]
    assert count_of(desk, RosterVersion) == 2
    with desk.world.app.app_context():
        told = db.session().scalars(select(MarkEvent.kind).order_by(MarkEvent.sequence)).all()
    assert "roster" in told, "the amendment is visible"


def test_a_leaver_is_on_the_sheets_of_the_days_before_and_not_after(desk: Desk) -> None:
    leaver = desk.pupils[0]
    with desk.world.app.app_context(), db.transaction() as session:
        session.execute(
            update(ClassMembership)
            .where(ClassMembership.pupil_id == leaver)
            .values(ends_on=MONDAY.replace(day=6))
        )
    assert desk.save(desk.operation(0, "K")).get_json()["counters"]["expected"] == 6
    tuesday = MONDAY.replace(day=6)
    with desk.world.app.app_context(), clock.at(clock.now().replace(day=6)):
        school_class = db.session().get_one(SchoolClass, desk.world.class_ids["own"])
        desk.register_id = open_register(school_class, tuesday, DaySession.MORNING)
        assert desk.save().get_json()["counters"]["expected"] == 5


def test_a_mark_of_a_pupil_who_was_moved_away_is_kept_but_no_longer_counts(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    with desk.world.app.app_context(), db.transaction() as session:
        session.execute(
            update(ClassMembership).where(ClassMembership.pupil_id == desk.pupils[0]).values(ends_on=MONDAY)
        )
    stands = desk.save(base=desk.row().row_version).get_json()
    assert (stands["counters"]["expected"], stands["counters"]["unexcused"]) == (5, 0)
    assert count_of(desk, Mark) == 1
    today = desk.world.client(Role.PRINCIPAL).get(f"/attendance/today/{desk.world.school_ids['a']}").text
    assert "Nguyễn Văn An" not in today


# --- corrections --------------------------------------------------------------------------------------------------


def test_the_office_corrects_and_both_words_stay(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    stands = desk.correct(0, "P").get_json()
    assert stands["marks"][str(desk.pupils[0])] | {"reason": ""} == {
        "letter": "K", "minutes_late": None, "arrived": None, "left": None, "reason": "", "note": "", "office": "P",
    }  # fmt: skip
    assert (stands["counters"]["excused"], stands["counters"]["unexcused"]) == (1, 0)
    history = desk.world.client(Role.HOMEROOM_TEACHER).get(f"/registers/{desk.register_id}/history").text
    assert "Phụ huynh gọi" in history


def test_the_office_may_say_that_somebody_was_there_after_all_and_take_it_back(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    assert desk.correct(0, "").get_json()["counters"]["present"] == 6
    assert desk.correct(0, "K").get_json()["marks"][str(desk.pupils[0])]["office"] is None


def test_the_office_marks_somebody_whom_the_teacher_had_present(desk: Desk) -> None:
    desk.save()
    assert desk.correct(2, "K").get_json()["counters"]["unexcused"] == 1
    assert desk.correct(2, "").get_json()["counters"]["unexcused"] == 0
    assert count_of(desk, Mark) == 0


def test_what_the_office_corrected_a_later_save_does_not_undo(desk: Desk) -> None:
    version = desk.save(desk.operation(0, "K")).get_json()["version"]
    desk.correct(0, "P")
    version = desk.row().row_version
    stands = desk.save(desk.operation(0, "T", base=version), base=version).get_json()
    mark = stands["marks"][str(desk.pupils[0])]
    assert (mark["letter"], mark["office"]) == ("T", "P")
    assert (stands["counters"]["excused"], stands["counters"]["late"]) == (1, 0)


def test_a_correction_needs_a_reason_and_a_register_that_was_taken(desk: Desk) -> None:
    assert desk.correct(0, "P").status_code == 409
    desk.save()
    assert desk.correct(0, "P", why="").status_code == 422
    assert desk.correct(0, "Z").status_code == 422
    assert desk.correct(0, "P").status_code == 200


def test_a_correction_sent_twice_is_stored_once(desk: Desk) -> None:
    desk.save()
    same_id, base = desk.new_id(), desk.row().row_version
    first, second = desk.correct(0, "K", id=same_id, base=base), desk.correct(0, "K", id=same_id, base=base)
    assert first.get_json() == second.get_json()


def test_a_correction_of_what_the_teacher_just_changed_asks_to_look_again(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    seen = desk.row().row_version
    desk.save(desk.operation(0, "T", base=seen), base=seen)
    refused = desk.correct(0, "P", base=seen)
    assert refused.status_code == 409
    assert "Trần Thị homeroom_teacher" in refused.get_json()["message"]


# --- permissions: allowed and refused share one set-up ------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.HOMEROOM_TEACHER, 200),
        (Role.TEACHER, 200),
        (Role.PRINCIPAL, 404),
        (Role.OFFICE_CLERK, 404),
        (Role.DEPARTMENT_OFFICER, 404),
        (Role.GUARDIAN, 404),
    ],
)
def test_who_may_take_the_register(desk: Desk, role: Role, status: int) -> None:
    assert desk.save(desk.operation(0, "K"), by=desk.world.client(role)).status_code == status


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OFFICE_CLERK, 200),
        (Role.PRINCIPAL, 200),
        (Role.HOMEROOM_TEACHER, 404),
        (Role.TEACHER, 404),
        (Role.DEPARTMENT_OFFICER, 404),
    ],
)
def test_who_may_correct_it(desk: Desk, role: Role, status: int) -> None:
    desk.save()
    assert desk.correct(0, "K", by=desk.world.client(role)).status_code == status


def test_a_homeroom_teacher_sees_no_other_class(desk: Desk) -> None:
    client = desk.world.client(Role.HOMEROOM_TEACHER)
    with desk.world.app.app_context():
        school_class = db.session().get_one(SchoolClass, desk.world.class_ids["other_class"])
        other = open_register(school_class, MONDAY, DaySession.MORNING)
    assert client.get(f"/registers/{desk.register_id}").status_code == 200
    assert client.get(f"/registers/{other}").status_code == 404


# --- cost ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def statements(desk: Desk) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(None, 1)[0].upper() in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            seen.append(statement)

    with desk.world.app.app_context():
        engine = db.db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_save_takes_few_statements_however_many_marks(desk: Desk, statements: list[str]) -> None:
    client = desk.world.client(Role.HOMEROOM_TEACHER)
    desk.world.app.extensions["bangxanh.dispatcher"]._running = True  # as in a server: facts go out elsewhere  # noqa: SLF001
    desk.save(by=client)
    version = desk.row().row_version
    statements.clear()
    desk.save(desk.operation(0, "K", base=version), by=client, base=version)
    one = len(statements)
    version = desk.row().row_version
    statements.clear()
    desk.save(*(desk.operation(n, "P", base=version) for n in range(1, 6)), by=client, base=version)
    assert one == len(statements), "as many for one mark as for five"
    assert one <= 12, "\n".join(statements)
