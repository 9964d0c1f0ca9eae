"""School events: suggested on the sheet of who goes, for their days and session, until they are called off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.access import Role
from attendance.outings.models import Outing
from tests.attendance.evidence.test_evidence import island

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.world import World

FORM = {
    "client_key": "outing-form-1",
    "name": "Hội khỏe Phù Đổng",
    "first_day": "2026-10-05",
    "last_day": "2026-10-06",
    "slot": "1",
}


def plan(world: World, clerk: FlaskClient, **changes: str) -> int:
    answer = clerk.post(f"/schools/{world.school_ids['a']}/outings", data=FORM | changes)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def test_who_goes_is_suggested_and_called_off_it_is_not(world: World) -> None:
    clerk = world.client(Role.OFFICE_CLERK)
    outing_id = plan(world, clerk)
    assert plan(world, clerk) == outing_id, "the form sent twice is one event"
    goes = world.pupil_ids["own"][0]
    stranger = world.pupil_ids["other_school"][0]
    chosen = {"class_id": str(world.class_ids["own"]), "pupil": [str(goes), str(stranger), "0" * 30]}
    assert clerk.post(f"/outings/{outing_id}/pupils", data=chosen).status_code == 302
    page = clerk.get(f"/outings/{outing_id}?class_id={world.class_ids['own']}").text
    assert page.count("checked") == 1
    words = {"kind": "outing", "words": "đi hoạt động: Hội khỏe Phù Đổng", "letter": None, "minutes": None}
    assert island(world)["suggestions"] == {str(goes): [words]}
    clerk.post(f"/outings/{outing_id}/off")
    assert island(world)["suggestions"] == {}
    clerk.post(f"/outings/{outing_id}/on")
    assert island(world)["suggestions"] == {str(goes): [words]}
    clerk.post(f"/outings/{outing_id}/pupils", data=chosen | {"pupil": []})
    assert island(world)["suggestions"] == {}


def test_another_session_and_another_day_are_not_touched(world: World) -> None:
    clerk = world.client(Role.OFFICE_CLERK)
    chosen = {"class_id": str(world.class_ids["own"]), "pupil": [str(world.pupil_ids["own"][0])]}
    for number, changes in enumerate(({"slot": "2"}, {"first_day": "2026-10-06"})):
        outing_id = plan(world, clerk, client_key=f"outing-form-{number}", **changes)
        clerk.post(f"/outings/{outing_id}/pupils", data=chosen)
    assert island(world)["suggestions"] == {}


def test_days_that_make_no_sense_are_told(world: World) -> None:
    clerk = world.client(Role.OFFICE_CLERK)
    address = f"/schools/{world.school_ids['a']}/outings"
    for changes in ({"last_day": "2026-10-01"}, {"last_day": "2027-10-01"}, {"name": " "}, {"slot": "9"}):
        assert clerk.post(address, data=FORM | changes).status_code == 422
    with world.app.app_context():
        assert db.session().scalars(select(Outing)).all() == []
