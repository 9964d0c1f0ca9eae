"""Who gets a socket, what it may send, and when it ends; over real sockets against the real server."""

from __future__ import annotations

import json
import time
from typing import Any, Final

import pytest
import requests

from app.access import Role
from classroom.lessons.events import DEVICE_COOKIE
from tests.classroom.served import School, answered, csrf_of
from tests.classroom.wires import RefusedError

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
