"""Photographs of pupils: off until a principal says why, small, sealed, seen by who teaches the class, gone in time."""

from __future__ import annotations

import base64
import re
import threading
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.commands import record as record_change
from app.audit.models import AuditEntry
from app.errors import ConflictError
from app.photos.commands import EnrolmentMoved, forget_leaver, keep_photo, switch_off, switch_on
from app.photos.models import PupilPhoto
from app.school.models import Enrolment
from tests.app.test_pictures import photo
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.test import TestResponse

    from tests.world import World


@pytest.fixture(autouse=True)
def _this_morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def send(world: World, pupil_id: int, content: bytes, role: Role = Role.OFFICE_CLERK) -> TestResponse:
    return world.client(role).post(f"/pupils/{pupil_id}/photo", data={"photo": (BytesIO(content), "anh.jpg")})


def kept(world: World) -> list[PupilPhoto]:
    with world.app.app_context():
        return list(db.session().scalars(select(PupilPhoto)))


def test_a_school_keeps_photographs_only_while_it_says_why(world: World) -> None:
    school_id, pupil_id = world.school_ids["a"], world.pupil_ids["own"][0]
    url = f"/schools/{school_id}/photos"
    assert send(world, pupil_id, photo()).status_code == 409, "off until it is switched on"
    assert world.client(Role.OFFICE_CLERK).post(url, data={"reason": "x"}).status_code == 404
    principal = world.client(Role.PRINCIPAL)
    assert principal.post(url, data={"reason": ""}).status_code == 422
    for _ in range(2):
        assert (
            principal.post(url, data={"reason": "Giáo viên dạy thay cần nhận ra các em"}).status_code == 302
        )
    assert send(world, pupil_id, photo(), Role.HOMEROOM_TEACHER).status_code == 404
    for _ in range(2):
        assert send(world, pupil_id, photo()).status_code == 302
    assert "1/6 ảnh" in principal.get(url).text
    assert principal.post(f"{url}/off").status_code == 302
    assert kept(world) == [], "switched off is deleted"
    assert "Giáo viên dạy thay" in principal.get(url).text, "that it was on, and why, stays"
    with world.app.app_context():
        told = db.session().scalars(
            select(AuditEntry.action)
            .where(AuditEntry.action.startswith("photo"))
            .order_by(AuditEntry.sequence)
        )
        assert list(told) == ["photos.switched_on", "photo.kept", "photo.kept", "photos.switched_off"]


def test_a_photograph_is_small_sealed_and_on_the_sheet_of_its_class(world: World) -> None:
    class_id, pupil_id = world.class_ids["own"], world.pupil_ids["own"][0]
    with world.app.app_context():
        switch_on(SYSTEM, world.school_ids["a"], "Nhận ra học sinh")
    for wrong in (b"", b"%PDF-", photo()[:200]):
        assert send(world, pupil_id, wrong).status_code == 422
    send(world, pupil_id, photo((900, 1200)))
    [row] = kept(world)
    assert b"WEBP" not in row.sealed
    teacher = world.client(Role.TEACHER)
    answer = teacher.get(f"/classes/{class_id}/photos/sheet")
    assert answer.headers["Cache-Control"] == "no-store"
    [(name, address)] = answer.get_json()["photos"].items()
    assert name == str(pupil_id)
    with Image.open(BytesIO(base64.b64decode(address.split(",")[1]))) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (120, 160), {})
    assert address in teacher.get(f"/classes/{class_id}/photos").text
    assert teacher.get(f"/classes/{world.class_ids['other_class']}/photos").status_code == 404
    assert world.client(Role.GUARDIAN).get(f"/classes/{class_id}/photos/sheet").status_code == 404
    office = world.client(Role.OFFICE_CLERK)
    assert f"/classes/{class_id}/photos" in office.get(f"/classes/{class_id}").text, (
        "where the office finds them"
    )
    world.client(Role.OFFICE_CLERK).post(f"/pupils/{pupil_id}/photo/delete")
    assert kept(world) == []


def test_a_photograph_goes_when_its_pupil_leaves_the_school(world: World) -> None:
    pupil_id = world.pupil_ids["own"][0]
    with world.app.app_context():
        switch_on(SYSTEM, world.school_ids["a"], "Nhận ra học sinh")
    send(world, pupil_id, photo())
    with world.app.app_context(), db.transaction() as session:
        forget_leaver(session, EnrolmentMoved(pupil_id))
        assert session.scalar(select(func.count()).select_from(PupilPhoto)) == 1, "who stays keeps it"
        row = session.scalars(select(Enrolment).where(Enrolment.pupil_id == pupil_id)).one()
        row.ends_on = clock.today() + timedelta(days=0)
        session.flush()
        forget_leaver(session, EnrolmentMoved(pupil_id))
    assert kept(world) == []


def test_the_sheet_says_where_photographs_are_only_where_they_are_kept(world: World) -> None:
    homeroom, class_id = world.client(Role.HOMEROOM_TEACHER), world.class_ids["own"]
    opened = homeroom.post(
        f"/registers/open/{class_id}", data={"day": MORNING.date().isoformat(), "day_session": "morning"}
    )
    page = homeroom.get(opened.headers["Location"]).text
    assert re.search(r'"photos": ?null', page)
    with world.app.app_context():
        switch_on(SYSTEM, world.school_ids["a"], "Nhận ra học sinh")
    assert f"/classes/{class_id}/photos/sheet" in homeroom.get(opened.headers["Location"]).text


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_two_photographs_of_a_pupil_at_once_and_a_switch_off_beside_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    school_id, pupil_id = world.school_ids["a"], world.pupil_ids["own"][0]
    faults: list[Exception] = []

    def beside(do: Callable[[], object]) -> None:
        def run() -> None:
            try:
                with world.app.app_context(), clock.at(MORNING):
                    do()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                faults.append(error)

        thread = threading.Thread(target=run)
        threads.append(thread)
        thread.start()
        thread.join(0.3)

    threads: list[threading.Thread] = []
    others: list[Callable[[], object]] = [
        lambda: keep_photo(SYSTEM, school_id, pupil_id, b"two"),
        lambda: switch_off(SYSTEM, school_id),
    ]

    def record(*about: Any) -> None:  # noqa: ANN401 - whatever is recorded
        """The first is written and not committed yet when the others come."""
        while others and about[2] == "photo.kept":
            beside(others.pop(0))
        record_change(*about)

    with world.app.app_context():
        switch_on(SYSTEM, school_id, "Giáo viên dạy thay cần nhận ra các em")
        monkeypatch.setattr("app.photos.commands.record", record)
        keep_photo(SYSTEM, school_id, pupil_id, b"one")
    for thread in threads:
        thread.join(10)
    assert [type(fault) for fault in faults] in ([], [ConflictError]), (
        "refused in words where the switch came first"
    )
    assert kept(world) == []
