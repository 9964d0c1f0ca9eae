"""Lessons over real sockets against the real server, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from classroom.answers.models import Attempt, AttemptChange
from classroom.lessons.commands import end_lesson
from classroom.lessons.events import DEVICE_COOKIE
from classroom.lessons.models import Lesson
from classroom.lessons.rules import screen_token
from tests.classroom.held import CANARY, begin
from tests.classroom.wires import RefusedError, Wire
from tests.servers import served_app
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings
    from tests.classroom.held import Held
    from tests.servers import ServedApp
    from tests.world import World

NOW: Final = "2026-10-05T07:05:00"
OPTIONS: Final = ["Ô-xi", "Các-bô-níc", "Ni-tơ", "Hơi nước"]


@dataclass
class School:
    """A served installation with a lesson that goes on, and the people's devices."""

    served: ServedApp
    held: Held
    lesson: Lesson
    secret: str
    wires: list[Wire] = field(default_factory=list)

    def wire(self, query: str = "", cookie: str = "", origin: str | None = None) -> Wire:
        """Connect a device; it is closed after the test."""
        made = Wire(self.served.url, query, cookie, origin)
        self.wires.append(made)
        return made.open()

    def cookie(self, role: Role = Role.TEACHER) -> str:
        """Sign a role in; return its browser's cookies."""
        client = self.held.world.client(role)
        found = client.get_cookie("bx_session")
        assert found is not None
        return f"bx_session={found.value}"

    def teacher(self) -> Wire:
        """The teacher's laptop, on the console."""
        wire = self.wire(cookie=self.cookie())
        assert wire.ask("lesson_watch", {"lesson": self.lesson.id})["ok"]
        return wire

    def token(self, number: int) -> str:
        """What the cookie of a pupil's device holds."""
        return f"device-{self.lesson.id}-{number}"

    def device(self, number: int, token: str = "") -> Wire:
        """A pupil's device that has joined over HTTP with the card's code, connected and in step."""
        pupil = self.held.pupils[number]
        token = token or self.token(number)
        join(self, pupil, token)
        wire = self.wire(f"door=pupil&lesson={self.lesson.id}", f"{DEVICE_COOKIE}={token}")
        assert wire.ask("pupil_sync", {})["ok"]
        return wire

    def screen(self) -> Wire:
        """The projector."""
        token = screen_token(self.secret, self.lesson.id, self.lesson.screen_nonce)
        wire = self.wire(f"door=screen&lesson={self.lesson.id}&token={token}")
        assert wire.ask("screen_sync", {})["ok"]
        return wire

    def ask(self, teacher: Wire) -> int:
        """Prepare and open a question over the teacher's socket."""
        question = {
            "lesson": self.lesson.id, "op_id": str(uuid.uuid4()), "question": "Khí nào?", "options": OPTIONS,
            "solution": ["A"], "explanation": CANARY,
        }  # fmt: skip
        made = teacher.ask("activity_add", question)
        self.move(teacher, made["activity"], "open")
        return int(made["activity"])

    def move(self, teacher: Wire, activity: int, move: str) -> None:
        """Move a question."""
        ack = teacher.ask("activity_move", {"lesson": self.lesson.id, "activity": activity, "move": move})
        assert ack["ok"], ack

    def stored(self) -> dict[int, str]:
        """What the database says stands for whom."""
        with self.held.world.app.app_context():
            of_lesson = select(Attempt).where(Attempt.lesson_id == self.lesson.id)
            return {row.pupil_id: row.answer for row in db.session().scalars(of_lesson)}


def join(school: School, pupil: int, token: str) -> None:
    with school.held.world.app.app_context():
        card = school.held.card(pupil)
    answer = post(school, token, f"/j/{school.lesson.code}/seat", {"pupil": pupil, "card": card})
    assert answer["ok"], answer


def post(school: School, token: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
    """Open the pupil's page on a device and send JSON from it, as its island does."""
    with requests.Session() as browser:
        browser.cookies.set(DEVICE_COOKIE, token)
        csrf = csrf_of(browser.get(f"{school.served.url}/j/{school.lesson.code}", timeout=10))
        answer = browser.post(
            school.served.url + path, json=content, headers={"X-CSRFToken": csrf}, timeout=10
        )
    found: dict[str, Any] = answer.json()
    return found


def csrf_of(page: requests.Response) -> str:
    return page.text.split('name="csrf-token" content="')[1].split('"')[0]


def answered(activity: int, letter: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a payload
    return {"activity": activity, "round": 1, "uuid": str(uuid.uuid4()), "answer": [letter], **more}


@pytest.fixture(scope="module")
def served(standing: tuple[World, Settings]) -> Iterator[ServedApp]:
    """One server for all lessons of a file: a start costs more than most of the tests."""
    _, settings = standing
    variables = {"BANGXANH_NOW": NOW, "DATABASE_URL": settings.database_url}
    with served_app(settings.instance, variables) as running:
        yield running


@pytest.fixture
def school(standing: tuple[World, Settings], served: ServedApp) -> Iterator[School]:
    """A lesson of its own for each test; it ends with the test, and the next one begins."""
    world, settings = standing
    with world.app.app_context(), clock.at(MORNING):
        held = begin(world)
        lesson = db.session().get_one(Lesson, held.lesson_id)
        db.session().expunge(lesson)
        db.session().rollback()
    made = School(served, held, lesson, settings.secret_key)
    yield made
    for wire in made.wires:
        wire.close()
    with world.app.app_context(), clock.at(MORNING):
        end_lesson(SYSTEM, lesson.id)


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


# --- who gets in --------------------------------------------------------------------------------------------------


STRANGERS: Final = (
    ("", ""),
    ("", "bx_session=made-up"),
    ("door=pupil&lesson=1", ""),
    ("door=pupil&lesson=1", f"{DEVICE_COOKIE}=made-up"),
    ("door=guest&lesson=1", f"{DEVICE_COOKIE}=made-up"),
    ("door=screen&lesson=1&token=made-up", ""),
    ("door=nobody", ""),
    ("door=pupil&lesson=x", f"{DEVICE_COOKIE}=made-up"),
)


def test_nobody_is_upgraded_without_proof(school: School) -> None:
    for query, cookie in STRANGERS:
        with pytest.raises(RefusedError) as refused:
            school.wire(query, cookie)
        assert refused.value.status == 401, (query, cookie)


def test_a_page_of_another_site_gets_no_socket(school: School) -> None:
    cookie = school.cookie()
    with pytest.raises(RefusedError) as refused:
        school.wire("", cookie, "https://evil.example")
    assert refused.value.status in {400, 403}
    own = school.wire("", cookie, school.served.url)
    assert own.ask("lesson_watch", {"lesson": school.lesson.id})["ok"]


def test_each_event_is_for_its_door_only_and_a_lesson_for_its_owner(school: School) -> None:
    lesson = {"lesson": school.lesson.id}
    pupil, screen = school.device(0), school.screen()
    for wire in (pupil, screen):
        for event in ("lesson_watch", "lesson_end", "question_history"):
            assert wire.ask(event, lesson)["error"] == "not_found"
    assert screen.ask("answer", answered(1, "A"))["error"] == "not_found"
    for role in (Role.HOMEROOM_TEACHER, Role.PRINCIPAL, Role.OFFICE_CLERK):
        other = school.wire(cookie=school.cookie(role))
        assert other.ask("lesson_watch", lesson)["error"] == "not_found"
        assert other.ask("lesson_watch", {"lesson": 999_999})["error"] == "not_found"
        assert other.ask("pupil_sync", {})["error"] == "not_found"


def test_signing_out_ends_the_socket_within_a_second(school: School) -> None:
    cookie = school.cookie()
    wire = school.wire(cookie=cookie)
    assert wire.ask("lesson_watch", {"lesson": school.lesson.id})["ok"]
    with requests.Session() as browser:
        browser.cookies.set("bx_session", cookie.partition("=")[2], domain="127.0.0.1", path="/")
        csrf = csrf_of(browser.get(f"{school.served.url}/account", timeout=10))
        began = time.monotonic()
        assert browser.post(f"{school.served.url}/logout", data={"csrf_token": csrf}, timeout=10).ok
    assert wire.ends_within(2)
    assert time.monotonic() - began < 2
    with pytest.raises(RefusedError):
        school.wire(cookie=cookie)


def test_a_message_that_is_too_large_ends_the_connection_while_it_arrives(school: School) -> None:
    wire = school.device(0)
    wire.raw('421["answer","' + "x" * 70_000 + '"]')
    assert wire.ends_within(3)
    again = school.device(0)
    assert again.ask("pupil_sync", {})["ok"]


def test_a_packet_that_does_not_parse_harms_nobody(school: School) -> None:
    other = school.device(1)
    for text in ("42[", "429[]", '42["answer"', "9", "51-[]", '42["answer",{}'):
        wire = school.device(0)
        wire.raw(text)
        wire.ends_within(0.5)
        wire.close()
        assert other.ask("pupil_sync", {})["ok"], text


def test_who_left_the_namespace_is_heard_no_more(school: School) -> None:
    activity = school.ask(school.teacher())
    wire = school.device(0)
    wire.raw("41")
    wire.raw(f'427["answer",{json.dumps(answered(activity, "A"))}]')
    wire.ends_within(0.5)
    assert school.stored() == {}


MISFITS: Final[tuple[dict[str, Any], ...]] = (
    {"activity": "1"},
    {"activity": True},
    {"activity": 0},
    {"answer": "A"},
    {"answer": []},
    {"answer": ["A"] * 62},
    {"answer": ["x" * 501]},
    {"uuid": ""},
    {"uuid": "x" * 37},
    {"pupil": 2},
    {"made": 2**53},
    {"round": 0},
)


def test_a_payload_that_does_not_fit_is_refused_and_said_so(school: School) -> None:
    teacher, pupil = school.teacher(), school.device(0)
    good = answered(school.ask(teacher), "A")
    for change in MISFITS:
        ack = pupil.ask("answer", good | change)
        assert (ack["ok"], ack["error"]) == (False, "invalid"), change
        assert ack["message"]
    assert school.stored() == {}
    assert pupil.ask("answer", good)["ok"], "the same without a change is stored"
    pupil.close()
