"""Headers, health, errors and languages, through HTTP."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from uuid import UUID

import pytest
from flask import abort
from flask.json.provider import DefaultJSONProvider
from markupsafe import Markup

from app import clock, db, jobs
from app.access import Role
from tests.world import MORNING

if TYPE_CHECKING:
    from flask import Flask

    from tests.world import World


def test_health_is_ok_and_readiness_asks_database_and_worker(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    silent = client.get("/readyz")
    assert silent.status_code == 503
    assert silent.json == {"status": "not ready", "database": "ok", "worker": "no answer"}
    with app.app_context():
        jobs.current_jobs().beat("w")
    assert client.get("/readyz").json == {"status": "ok", "database": "ok", "worker": "ok"}


def test_a_dead_database_is_said_and_not_a_crash(app: Flask) -> None:
    client = app.test_client()
    with app.app_context():
        engine = db.db.engine
        engine.dispose()
        engine.pool._creator = lambda *_: (_ for _ in ()).throw(OSError("gone"))  # noqa: SLF001 - the cable is cut
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "no answer"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/login", "/healthz", "/nothing/here", "/static/favicon.svg"])
def test_every_answer_has_the_security_headers(app: Flask, path: str) -> None:
    with app.test_client().get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_hostile_host_does_not_get_into_the_policy(app: Flask) -> None:
    answer = app.test_client().get("/login", headers={"Host": "a; script-src *"})
    assert "script-src *" not in answer.headers.get("Content-Security-Policy", "")


def test_every_write_needs_the_csrf_token(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    client = world.client(Role.TEACHER)
    for rule in world.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in EXEMPT:
            answer = client.post(rule.rule, data={})
            assert answer.status_code in {400, 404}, rule.endpoint
    assert client.get("/account").status_code == 200, "a refused request must not have signed out"


EXEMPT: Final = {"rostering.token", "gates.receive"}
"""Writes without a form cookie: a program shows its own secret or signature there, and no cookie counts."""


def test_english_is_a_choice_of_the_device_not_of_the_browser(app: Flask) -> None:
    client = app.test_client()
    assert "Đăng nhập" in client.get("/login", headers={"Accept-Language": "en"}).text
    client.post("/language", data={"language": "en", "next": "/login"})
    assert "Sign in" in client.get("/login").text or "Log in" in client.get("/login").text
    assert client.post("/language", data={"language": "xx"}).status_code == 422


def test_programs_get_json_and_people_get_pages(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/account", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["sign_in"].startswith("/login")
    fragment = client.get("/account", headers={"HX-Request": "true"})
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"].startswith("/login")
    assert client.get("/nothing").text.startswith("<!doctype html>")


@pytest.mark.parametrize("number", [2**31, 10**20])
@pytest.mark.parametrize("path", ["/classes/{}", "/schools/{}", "/jobs/{}"])
def test_an_id_beyond_every_column_is_not_found(world: World, path: str, number: int) -> None:
    assert world.client(Role.PRINCIPAL).get(path.format(number)).status_code == 404


def test_a_nul_character_is_the_senders_fault(app: Flask) -> None:
    answer = app.test_client().post("/login", data={"username": "a\0b", "password": "x"})
    assert answer.status_code in {400, 422}


def test_an_error_is_said_in_words_even_when_the_page_of_errors_cannot_be_made(app: Flask) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.jinja_env.globals.pop("asset_tags")
    answer = app.test_client().get("/login")
    assert answer.status_code == 500
    assert "Hệ thống tạm ngừng" in answer.text


def test_the_page_of_an_error_gives_one_piece_of_advice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says once what to do next; a fragment and a program have the sentence alone."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail() -> str:
        raise OSError

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", fail)
    client = app.test_client()
    assert client.get("/login").text.lower().count("thử lại") == 1
    assert "thử lại" in client.get("/login", headers={"HX-Request": "true"}).text
    client.set_cookie("language", "en")
    monkeypatch.setitem(app.view_functions, "accounts.sign_in", lambda: abort(429))
    assert client.get("/login").text.lower().count("thử lại") == 1


def test_signed_out_is_said_before_a_stale_form(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    answer = world.client().post("/logout", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_an_upload_over_the_limit_is_refused_in_words(world: World) -> None:
    world.app.config["MAX_CONTENT_LENGTH"] = 100
    answer = world.client(Role.TEACHER).post("/account/password", data={"current": "x" * 200})
    assert answer.status_code == 413


def test_the_menu_marks_the_entry_that_fits_best(world: World) -> None:
    """A school's pupils are below /schools, and yet "Học sinh" is where the reader is."""
    client, school, own = world.client(Role.OFFICE_CLERK), world.school_ids["a"], world.class_ids["own"]
    with clock.at(MORNING):
        marked = {
            page: re.findall(r'aria-current="page">.*?<span>(.*?)</span>', client.get(page).text)[:1]
            for page in (f"/schools/{school}", f"/schools/{school}/pupils", f"/schools/{school}/imports",
                         f"/schools/{school}/staff", f"/schools/{school}/bells", f"/classes/{own}", "/",
                         f"/attendance/late/{school}", f"/attendance/corrections/{school}",
                         f"/schools/{school}/outings")
        }  # fmt: skip
    assert [one[0] for one in marked.values()] == [
        "Trường", "Học sinh", "Nhập từ Excel", "Nhân sự", "Trường", "Lớp", "Trang chính",
        "Điểm danh", "Điểm danh", "Điểm danh",
    ]  # fmt: skip


def test_a_pupils_first_page_tells_the_day_the_way_in_and_the_year(world: World) -> None:
    with clock.at(MORNING):
        pupil, guardian, teacher = (
            world.client(one).get("/").text for one in (Role.PUPIL, Role.GUARDIAN, Role.HOMEROOM_TEACHER)
        )
    for words in ("Tiết học hôm nay", "Điểm danh hôm nay", "Điểm danh năm học này"):
        assert words in pupil
        assert words in guardian
        assert words not in teacher
    assert "Xin nghỉ học" in guardian
    assert "Xin nghỉ học" not in pupil
    assert 'name="code"' in pupil
    assert 'name="code"' not in guardian


def test_the_menu_has_headings_and_opens_one_group_at_a_time_where_it_is_long(world: World) -> None:
    with clock.at(MORNING):
        principal = world.client(Role.PRINCIPAL).get("/reports/attendance", follow_redirects=True).text
        pupil = world.client(Role.PUPIL).get("/").text
    groups = re.findall(
        r'<details class="nav__group" name="nav"( open)?>\s*<summary[^>]*>([^<]+)<', principal
    )
    assert [name for is_open, name in groups if is_open] == ["Báo cáo"]
    assert len(groups) >= 3
    assert principal.count('aria-current="page"') == 2  # once in each width's list
    assert '<details class="nav__group"' not in pupil


@dataclass
class Told:
    word: str
    day: date


def test_json_says_what_flask_s_own_says(app: Flask) -> None:
    told = {
        "words": ["đã nghỉ", "</script>", Role.TEACHER, Markup("<b>")],
        "numbers": {3: 1, 1: 2**70},
        "plain": [0.1, None, True],
        "instant": datetime(2026, 10, 3, 9, tzinfo=UTC),
        "rest": [date(2026, 10, 3), UUID(int=7), Decimal("1.50"), Told("x", date(2026, 1, 1)), (1, 2)],
    }
    plain = {"marks": {12: {"letter": "P", "office": None}}, "counters": {"late": 0}}
    for one in (told, plain):
        assert json.loads(app.json.dumps(one)) == json.loads(DefaultJSONProvider(app).dumps(one))
    assert (
        app.json.dumps(plain, separators=(",", ":"))
        == '{"counters":{"late":0},"marks":{"12":{"letter":"P","office":null}}}'
    )
