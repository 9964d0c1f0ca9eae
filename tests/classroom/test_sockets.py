"""A lesson over real sockets against the real server, and through its faults, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import select

from app import db
from classroom.answers.models import Attempt, AttemptChange
from classroom.lessons.events import DEVICE_COOKIE
from tests.classroom.held import CANARY
from tests.classroom.served import OPTIONS, School, answered, post
from tests.classroom.wires import RefusedError

# --- one lesson ---------------------------------------------------------------------------------------------------


def test_a_question_is_asked_answered_changed_and_revealed(school: School) -> None:
    teacher, screen = school.teacher(), school.screen()
    pupils = [school.device(number) for number in range(3)]
    activity = school.ask(teacher)
    for pupil in pupils:
        stage = pupil.wait_for("stage")
        assert stage["activity"]["id"] == activity
        assert stage["activity"]["options"] == OPTIONS
    assert pupils[0].ask("answer", answered(activity, "B", made=1))["mine"]["answer"] == ["B"]
    assert pupils[0].ask("answer", answered(activity, "A", made=2))["mine"]["version"] == 2
    assert pupils[1].ask("answer", answered(activity, "C"))["ok"]
    while (frame := screen.wait_for("stage"))["answered"] < 2:
        assert frame["tallies"] is None, "no histogram before the reveal"
    school.move(teacher, activity, "close")
    school.move(teacher, activity, "reveal")
    while (frame := screen.wait_for("stage"))["tallies"] is None:
        continue
    assert frame["tallies"] == {"1": {"A": 1, "B": 0, "C": 1, "D": 0}}
    assert frame["activity"]["solution"] == ["A"]
    assert len(school.stored()) == 2


def test_no_frame_to_a_pupil_or_screen_holds_a_solution_before_the_reveal_or_a_name_ever(
    school: School,
) -> None:
    teacher, screen, pupil = school.teacher(), school.screen(), school.device(0)
    activity = school.ask(teacher)
    pupil.ask("answer", answered(activity, "A"))
    school.move(teacher, activity, "close")
    pupil.ask("pupil_sync", {})
    screen.ask("screen_sync", {})
    for wire in (pupil, screen):
        wire.listen(0.6)
        assert not [frame for frame in wire.frames if CANARY in frame or '"solution"' in frame]
    school.move(teacher, activity, "reveal")
    for wire in (pupil, screen):
        while not any(CANARY in frame for frame in wire.frames):
            wire.wait_for("stage")
        assert "Nguyễn" not in json.dumps(wire.frames, ensure_ascii=False)
        assert "Nguy\\u1ec5n" not in "".join(wire.frames)
        wire.close()
    assert CANARY in "".join(teacher.frames)


def test_what_stands_beside_the_questions_reaches_who_may_know_it(school: School) -> None:
    """A hand, a feeling, a question with a vote, a guest: names to the teacher alone, nothing to whom it is not for."""
    teacher, screen = school.teacher(), school.screen()
    first, second = school.device(0), school.device(1)
    lesson = {"lesson": school.lesson.id}
    for what in ("takes_inquiries", "takes_guests", "inquiries"):
        assert teacher.ask("lesson_switch", lesson | {"what": what, "on": True})["ok"]
    assert first.ask("hand", {"uuid": "hand-0001", "up": True})["hand"] == "hand-0001"
    assert second.ask("feel", {"uuid": "tap-00001", "feels": "lost"})["feels"] == "lost"
    asked = first.ask("inquiry_ask", {"uuid": "ask-00001", "text": "Vì sao lá xanh?"})["inquiry"]
    judged = lesson | {"inquiry": asked, "state": "shown"}
    assert teacher.ask("inquiry_judge", judged)["ok"]
    assert second.ask("inquiry_vote", {"inquiry": asked, "up": True, "made": 1})["votes"] == 1
    assert first.wait_for("asked") == {"id": asked, "state": "shown"}
    post(school, "guest-device", f"/j/{school.lesson.code}/guest", {"nickname": "Cô Hoa"})
    guest = school.wire(f"door=guest&lesson={school.lesson.id}", f"{DEVICE_COOKIE}=guest-device")
    assert guest.ask("guest_sync", {})["ok"]
    assert guest.ask("hand", {"uuid": "hand-0001", "up": True})["error"] == "not_found"
    activity = school.ask(teacher)
    assert guest.ask("guest_answer", answered(activity, "B"))["mine"]["answer"] == ["B"]
    assert teacher.ask("hands_lower", lesson)["lowered"] == 1
    assert first.wait_for("hand") == {"hand": None}
    assert school.stored() == {}, "a guest's answer is no pupil's"
    state = teacher.ask("lesson_watch", lesson)["snapshot"]
    assert [row["name"] for row in state["guests"].values()] == ["Cô Hoa"]
    assert [one["votes"] for one in state["inquiries"].values()] == [1]
    while not screen.wait_for("stage").get("inquiries"):
        continue
    second.listen(0.6)
    seen = "".join(screen.frames + second.frames + guest.frames)
    assert "hand-0001" not in seen
    assert "Hoa" not in seen.replace("Hoa Sen", "")
    assert "Nguyễn" not in seen
    out = lesson | {"guest": int(next(iter(state["guests"])))}
    assert teacher.ask("guest_out", out)["ok"]
    assert guest.ends_within(2)


def test_a_lost_acknowledgement_costs_nothing(school: School) -> None:
    """The same tap over the socket, over a new socket, and over HTTP is one answer."""
    teacher, pupil = school.teacher(), school.device(0)
    tap = answered(school.ask(teacher), "D")
    pupil.send("answer", tap)
    pupil.close()
    again = school.device(0)
    first = again.ask("answer", tap)
    over_http = post(school, school.token(0), f"/live/pupil/answer?lesson={school.lesson.id}", tap)
    assert first == over_http
    with school.held.world.app.app_context():
        of_activity = select(AttemptChange.id).where(AttemptChange.activity_id == tap["activity"])
        assert len(list(db.session().scalars(of_activity))) == 1


def test_a_second_device_takes_over_and_the_first_is_cut_off(school: School) -> None:
    first = school.device(0, "phone")
    second = school.device(0, "tablet")
    assert first.ends_within(2)
    with pytest.raises(RefusedError) as refused:
        school.wire(f"door=pupil&lesson={school.lesson.id}", f"{DEVICE_COOKIE}=phone")
    assert refused.value.status == 401
    assert second.ask("pupil_sync", {})["ok"]


def test_the_teacher_enters_an_answer_and_the_pupils_device_hears_of_it(school: School) -> None:
    teacher, pupil = school.teacher(), school.device(0)
    activity = school.ask(teacher)
    sent = answered(activity, "C") | {"lesson": school.lesson.id, "pupil": school.held.pupils[0]}
    assert teacher.ask("answer_for", sent)["ok"]
    assert pupil.wait_for("mine")["answer"] == ["C"]
    stranger = sent | {"pupil": school.held.world.pupil_ids["other_class"][0], "uuid": str(uuid.uuid4())}
    assert teacher.ask("answer_for", stranger)["error"] == "not_found"


# --- faults -------------------------------------------------------------------------------------------------------


def test_a_kill_between_answer_and_reveal_loses_nothing_acknowledged(school: School) -> None:
    teacher = school.teacher()
    pupils = [school.device(number) for number in range(6)]
    activity = school.ask(teacher)
    letters = "ABCDAB"
    for pupil, letter in zip(pupils, letters, strict=True):
        assert pupil.ask("answer", answered(activity, letter))["ok"]
    school.served.kill9()
    expected = {pupil: f'["{letter}"]' for pupil, letter in zip(school.held.pupils, letters, strict=True)}
    assert school.stored() == expected
    school.served.start()
    back = school.wire(f"door=pupil&lesson={school.lesson.id}", f"{DEVICE_COOKIE}={school.token(2)}")
    state = back.ask("pupil_sync", {})
    assert (state["stage"]["activity"]["phase"], state["mine"]["answer"]) == ("open", ["C"])
    teacher = school.teacher()
    school.move(teacher, activity, "close")
    school.move(teacher, activity, "reveal")
    assert back.wait_for("stage")["activity"]["phase"] in {"closed", "revealed"}
    assert school.stored() == expected


def test_every_acknowledged_answer_is_there_after_a_kill_in_the_middle(school: School) -> None:
    teacher, pupil = school.teacher(), school.device(0)
    activity = school.ask(teacher)
    acknowledged = 0
    for made in range(1, 40):
        acknowledged = pupil.ask("answer", answered(activity, "ABCD"[made % 4], made=made))["mine"]["version"]
    pupil.send("answer", answered(activity, "A", made=99))
    school.served.kill9()
    school.served.start()
    with school.held.world.app.app_context():
        of_lesson = select(Attempt.version).where(Attempt.lesson_id == school.lesson.id)
        version = db.session().scalars(of_lesson).one()
        of_activity = select(AttemptChange.id).where(AttemptChange.activity_id == activity)
        changes = len(list(db.session().scalars(of_activity)))
    assert acknowledged == 39
    assert version in {39, 40}
    assert changes == version
