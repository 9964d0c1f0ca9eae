"""What a device may keep: only the own classes' sheets, sealed with a key of one's own, behind a shell of nobody's."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from app import clock, db, realtime
from app.access import SYSTEM, Actor, Role
from app.assets import MANIFEST
from app.school.seating.commands import save_plan
from app.school.seating.rules import Plan, Seat
from attendance.devices.rules import PeriodKey, kept_days
from attendance.evidence.models import Evidence
from attendance.evidence.rules import EvidenceKind
from attendance.excuses.commands import Asked, request_excuse
from attendance.excuses.rules import Source, Span
from attendance.outings.commands import plan_outing, set_going
from attendance.outings.rules import Plan as OutingPlan
from attendance.registers.commands.opening import materialise, materialise_around
from tests.app_wide.test_socket_access import staff_peer
from tests.world import MONDAY, MORNING, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.realtime import Room
    from tests.attendance.registers.conftest import Desk
    from tests.world import World


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_week_and_a_week_ahead_are_kept(today: date) -> None:
    first, after_last = kept_days(today)
    assert first.isoweekday() == 1
    assert first <= today < after_last == today + timedelta(days=7)
    assert after_last - first <= timedelta(days=13)


def test_a_device_gets_the_sheets_of_its_own_classes(world: World) -> None:
    with world.app.app_context():
        materialise_around(MONDAY)
    sheets = world.client(Role.HOMEROOM_TEACHER).get("/registers/device").get_json()["sheets"]
    assert {sheet["className"] for sheet in sheets} == {"4/1"}
    assert {sheet["user"] for sheet in sheets} == {world.user_ids[Role.HOMEROOM_TEACHER]}
    days = {sheet["day"] for sheet in sheets}
    assert days == {day.isoformat() for day in (MONDAY + timedelta(days=n) for n in range(5))}
    assert [one["name"] for one in sheets[0]["pupils"]] != []
    assert {one["name"] for one in sheets[0]["pupils"]} == set(NAMES)
    assert world.client(Role.OFFICE_CLERK).get("/registers/device").status_code == 404


def test_a_kept_sheet_says_how_the_class_sits_on_its_day(world: World) -> None:
    class_id, pupils = world.class_ids["own"], world.pupil_ids["own"]
    with world.app.app_context():
        materialise_around(MONDAY)
        save_plan(SYSTEM, class_id, Plan(2, 3, (Seat(pupils[0], 0, 2), Seat(pupils[1], 1, 0))), MONDAY)
        save_plan(SYSTEM, class_id, Plan(1, 3, (Seat(pupils[0], 0, 1),)), MONDAY + timedelta(days=2))
    homeroom = world.client(Role.HOMEROOM_TEACHER)
    sheets = homeroom.get("/registers/device").get_json()["sheets"]
    by_day = {sheet["day"]: sheet["seats"] for sheet in sheets}
    first = {"rows": 2, "columns": 3, "places": [[pupils[0], 0, 2], [pupils[1], 1, 0]]}
    second = {"rows": 1, "columns": 3, "places": [[pupils[0], 0, 1]]}
    assert list(by_day.values()) == [first, first, second, second, second]
    page = homeroom.get(f"/registers/{sheets[0]['register']}").text
    found = re.search(r'<script[^>]*id="sheet-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["seats"] == first, "and so does the page"


def test_many_sheets_cost_as_many_queries_as_one(world: World) -> None:
    client = world.client(Role.HOMEROOM_TEACHER)
    client.get("/registers/device")

    def queries() -> int:
        seen = []
        with world.app.app_context():
            engine = db.db.engine
        listen = lambda *rest: seen.append(rest[2])  # noqa: E731 - one line to hang on and to take off
        event.listen(engine, "before_cursor_execute", listen)
        client.get("/registers/device")
        event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    with world.app.app_context():
        materialise(MONDAY, MONDAY + timedelta(days=1))
    before = queries()
    with world.app.app_context():
        materialise_around(MONDAY)
    assert queries() == before


def test_a_week_of_own_classes_periods_and_scans_is_two_dozen_queries(world: World) -> None:
    """It was 62 for a teacher of six classes: every day's lessons were asked for by themselves."""
    client, pupils = world.client(Role.TEACHER), world.pupil_ids["own"]
    client.get("/registers/device")
    with world.app.app_context(), db.transaction() as session:
        place = {"school_id": world.school_ids["a"], "day": MONDAY, "slot": 1, "kind": "gate", "at": MORNING}
        for pupil in pupils[:3]:
            session.add(Evidence(pupil_id=pupil, source=f"g{pupil}", **place))
    with world.app.app_context():
        materialise_around(MONDAY)
        engine = db.db.engine
    seen: list[str] = []
    listen = lambda *rest: seen.append(rest[2])  # noqa: E731 - one line to hang on and to take off
    event.listen(engine, "before_cursor_execute", listen)
    sheets = client.get("/registers/device").get_json()["sheets"]
    event.remove(engine, "before_cursor_execute", listen)
    assert any("quẹt thẻ cổng" in str(sheet["suggestions"]) for sheet in sheets)
    assert len([sheet for sheet in sheets if sheet["slot"] > 9]) == 5
    assert len(seen) <= 32, seen


def test_the_periods_that_one_teaches_are_kept_before_anybody_has_opened_them(world: World) -> None:
    with world.app.app_context():
        materialise_around(MONDAY)
    client = world.client(Role.TEACHER)
    sheets = client.get("/registers/device").get_json()["sheets"]
    periods = [sheet for sheet in sheets if sheet["slot"] > 9]
    assert {(one["className"], one["slot"]) for one in periods} == {("4/1", 12)}, (
        "the one lesson of 4/1 each day"
    )
    assert len({one["day"] for one in periods}) == len(periods) == 5
    first = periods[0]
    assert (first["register"] < 0, first["urls"]["save"], first["standing"]["state"]) == (True, "", "due")
    assert world.client().get(f"/registers/{first['register']}").status_code == 200, "the shell, of nobody"

    ask = {"period": -first["register"]}
    made = [client.post("/registers/device/period", json=ask).get_json()["register"] for _twice in range(2)]
    assert made[0] == made[1] > 0
    again = client.get("/registers/device").get_json()["sheets"]
    assert made[0] in {sheet["register"] for sheet in again}
    assert first["register"] not in {sheet["register"] for sheet in again}
    for wrong in (
        PeriodKey(world.class_ids["other_school"], MONDAY, 12),
        PeriodKey(world.class_ids["own"], MONDAY, 19),
        PeriodKey(world.class_ids["own"], MONDAY, 92),
    ):
        body = {"period": -wrong.number}
        assert client.post("/registers/device/period", json=body).status_code in {404, 422}
    assert client.post("/registers/device/period", json={"period": -1}).status_code == 422


@given(st.integers(1, 900_000_000), st.dates(date(2020, 1, 1), date(2099, 1, 1)), st.integers(1, 39))
def test_a_period_is_read_from_its_number(class_id: int, day: date, slot: int) -> None:
    key = PeriodKey(class_id, day, slot)
    assert PeriodKey.read(key.number) == key
    assert -(2**53) < key.number < 0


def test_a_kept_sheet_carries_what_is_suggested_and_as_of_when(desk: Desk) -> None:
    world = desk.world
    sick, goes, scans, _absent, *_ = desk.pupils
    with world.app.app_context():
        materialise_around(MONDAY)
        span = Span(MONDAY, 1, MONDAY + timedelta(days=1), 1)
        asked = Asked("excuse-1", span, "Sốt", Source.OFFICE)
        clerk = Actor(world.user_ids[Role.OFFICE_CLERK], "")
        request_excuse(clerk, sick, world.school_ids["a"], asked, approve=True)
        outing = plan_outing(SYSTEM, world.school_ids["a"], OutingPlan("Hội trại", MONDAY, MONDAY), "o1")
        set_going(SYSTEM, outing, world.class_ids["own"], [goes])
        with db.transaction() as session:
            row = Evidence(pupil_id=scans, school_id=world.school_ids["a"], day=MONDAY, slot=1, source="g")
            row.kind, row.at = EvidenceKind.GATE, MORNING
            session.add(row)
    desk.save(desk.operation(3, "K"))
    client = world.client(Role.HOMEROOM_TEACHER)
    with clock.at(MORNING):
        sheets = client.get("/registers/device").get_json()["sheets"]
    by_slot = {(sheet["day"], sheet["slot"]): sheet for sheet in sheets}
    monday, tuesday = by_slot["2026-10-05", 1], by_slot["2026-10-06", 1]
    assert re.fullmatch(r"2026-10-05T07:05:\d\d\+07:00", monday["asOf"])
    assert {pupil: [one["kind"] for one in found] for pupil, found in monday["suggestions"].items()} == {
        str(sick): ["excuse"],
        str(goes): ["outing"],
        str(scans): ["gate"],
    }
    assert {pupil: [one["kind"] for one in found] for pupil, found in tuesday["suggestions"].items()} == {
        str(sick): ["excuse"]
    }
    period = by_slot["2026-10-05", 11]
    words = [one["words"] for one in period["suggestions"][str(desk.pupils[3])]]
    assert words == ["vắng buổi sáng (K)"], "absent in the session, seen before its period"
    page = client.get(f"/registers/{desk.register_id}").text
    found = re.search(r'<script[^>]*id="sheet-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["suggestions"] == monday["suggestions"], "as on the page"


def test_the_key_is_the_accounts_and_its_other_half_the_sign_ins(world: World) -> None:
    def given_to(role: Role) -> tuple[str, str]:
        answer = world.client(role).get("/account/device")
        cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("bx_kept="))
        assert "Max-Age=43200" in cookie
        assert "SameSite=Strict" in cookie
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.get_json()["key"], cookie.split(";")[0]

    first, again = given_to(Role.TEACHER), given_to(Role.TEACHER)
    other = given_to(Role.HOMEROOM_TEACHER)
    assert first[0] == again[0] != other[0]
    assert len({first[1], again[1], other[1]}) == 3, "each sign-in has its own half"
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key, _ in (first, other))
    assert world.client().get("/account/device", headers={"Accept": "application/json"}).status_code == 401


def test_signing_out_takes_the_half_of_the_key_away(world: World) -> None:
    client = world.client(Role.TEACHER)
    client.get("/account/device")
    gone = next(
        line for line in client.post("/logout").headers.getlist("Set-Cookie") if line.startswith("bx_kept=")
    )
    assert "Max-Age=0" in gone


def test_shell_and_worker_are_the_same_for_everybody_and_hold_nothing_of_anybody(world: World) -> None:
    def without_token(page: str) -> str:
        return re.sub(r'<meta name="csrf-token"[^>]*>', "", page)

    client = world.client(Role.HOMEROOM_TEACHER)
    assert without_token(client.get("/offline").text) == without_token(world.client().get("/offline").text)
    worker = world.client().get("/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "default-src 'none'" in worker.headers["Content-Security-Policy"]
    kept = json.loads(re.search(r"BX_KEPT=(\{.*?\});", worker.text)[1])  # type: ignore[index] # or the test fails
    assert kept["shell"] == "/offline"
    assert len(kept["files"]) == len(set(kept["files"])), "a cache refuses the same file twice"
    assert all(path.startswith("/static/") for path in kept["files"])
    built = json.loads(MANIFEST.read_text())["attendance/devices/frontend/worker.entry.ts"]
    assert not built.get("imports"), "one classic script"


def test_the_server_takes_taps_of_who_is_signed_in_only(desk: Desk) -> None:
    own, other = (desk.world.user_ids[role] for role in (Role.HOMEROOM_TEACHER, Role.TEACHER))
    body = {"id": desk.new_id(), "device": "device-of-both", "base": 0, "submit": "final"}
    body["operations"] = [desk.operation(0, "K")]
    client, address = desk.world.client(Role.TEACHER), f"/registers/{desk.register_id}/save"
    assert client.post(address, json=body | {"author": own}).status_code == 401
    assert desk.row().row_version == 0
    assert client.post(address, json=body | {"author": other}).status_code == 200


@pytest.fixture
def heard() -> Iterator[list[tuple[Room, str, Mapping[str, object]]]]:
    found: list[tuple[Room, str, Mapping[str, object]]] = []
    stop = realtime.listen(lambda *told: found.append(told))
    yield found
    stop()


def test_those_who_have_a_register_open_hear_taps_and_what_stands(
    desk: Desk, heard: list[tuple[Room, str, Mapping[str, object]]]
) -> None:
    peer = staff_peer(desk.world, Role.TEACHER)
    author = desk.world.user_ids[Role.TEACHER]
    watch = {"register": desk.register_id, "author": author, "device": "device-of-teacher"}
    of_another = watch | {"author": desk.world.user_ids[Role.HOMEROOM_TEACHER]}
    assert realtime.answer(peer, "register_watch", of_another)["error"] == "signed_out"
    assert realtime.answer(peer, "register_watch", watch)["ok"]
    tap = {"pupil": desk.pupils[2], "letter": "K"}
    assert realtime.answer(peer, "register_taps", watch | {"taps": [tap]})["ok"]
    desk.save(desk.operation(2, "P"))
    for tell in peer.on_leave:
        tell()
    assert {to for to, _, _ in heard} == {f"register:{desk.register_id}"}
    names = [name for _, name, _ in heard]
    assert names == ["register_joined", "register_taps", "register_standing", "register_taps"]
    assert heard[1][2] == {"device": "device-of-teacher", "name": "Trần Thị teacher", "taps": [tap]}
    standing = heard[2][2]
    assert (standing["by"], standing["device"]) == ("Trần Thị homeroom_teacher", "device-of-homeroom")
    assert heard[3][2]["taps"] == []
