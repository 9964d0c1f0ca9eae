"""School events: suggested on the sheet of who goes, for their days and session, until they are called off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app import db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant
from app.accounts.models import Grant
from app.school.models import Staff
from attendance.outings.models import Outing
from attendance.outings.rules import says_all
from attendance.registers.models import Register
from attendance.registers.queries.sheets import codes, mark_lines, roll_of
from tests.attendance.evidence.test_evidence import island
from tests.world import MONDAY

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


# --- the roll call ------------------------------------------------------------------------------------------------


@dataclass
class Trip:
    """Class 4/1 as a whole and one pupil of 4/2 on a trip that the subject teacher, who teaches neither, leads."""

    world: World
    id: int
    clerk: FlaskClient
    leader: FlaskClient

    def call(self, *, by: FlaskClient | None = None, version: int | None = None, **said: str) -> int:
        """Send a roll call: everybody came along but for those named (p<number> of 4/1).

        `version` is the one of 4/1's register that the page showed.
        """
        pupils = [*self.world.pupil_ids["own"], self.world.pupil_ids["other_class"][0]]
        form = {f"p-{pupil}": said.get(f"p{n}", "H") for n, pupil in enumerate(pupils)}
        form["client_key"] = uuid4().hex[:12]
        if version is not None:
            form[f"v-{self.world.class_ids['own']}"] = str(version)
        return (by or self.leader).post(f"/outings/{self.id}/roll?session=morning", data=form).status_code

    def stands(self, of: str = "own") -> tuple[str, tuple[int, int, int, int], dict[int, str]]:
        """Return state, (expected, present, excused, unexcused) and {number: letter} of a class's morning."""
        with self.world.app.app_context():
            session = db.session()
            query = select(Register).where(
                Register.class_id == self.world.class_ids[of], Register.day == MONDAY, Register.slot == 1
            )
            row = session.scalars(query).one()
            marks = mark_lines(roll_of(session, row), codes(session, row.school_id))
            numbers = {pupil: n for n, pupil in enumerate(self.world.pupil_ids[of])}
            found = row.counters
            letters = {numbers[pupil]: line.letter for pupil, line in marks.items()}
            return row.state, (found.expected, found.present, found.excused, found.unexcused), letters


@pytest.fixture
def trip(world: World) -> Trip:
    clerk = world.client(Role.OFFICE_CLERK)
    outing_id = plan(world, clerk, slot="0", last_day="2026-10-05")
    own, other = world.class_ids["own"], world.class_ids["other_class"]
    clerk.post(f"/outings/{outing_id}/classes", data={"class": [str(own)]})
    one = {"class_id": str(other), "pupil": [str(world.pupil_ids["other_class"][0])]}
    clerk.post(f"/outings/{outing_id}/pupils", data=one)
    with world.app.app_context(), db.transaction() as session:
        staff = session.scalars(select(Staff).where(Staff.user_id == world.user_ids[Role.TEACHER])).one()
        session.execute(delete(Grant).where(Grant.user_id == staff.user_id))
        grant = NewGrant(Role.TEACHER, world.school_ids["a"], MONDAY, other)
        add_grant(session, SYSTEM, world.user_ids[Role.TEACHER], grant)
    leader = str(world.user_ids[Role.TEACHER])
    clerk.post(f"/outings/{outing_id}/leader", data={"leader": leader})
    return Trip(world, outing_id, clerk, world.client(Role.TEACHER))


def test_one_sending_takes_the_register_of_a_class_that_is_away(trip: Trip) -> None:
    pupils = trip.world.pupil_ids["own"]
    assert f'href="/outings/{trip.id}/roll"' in trip.leader.get("/").text
    page = trip.leader.get(f"/outings/{trip.id}/roll").text
    assert page.count("<select") == len(pupils) + 1
    assert trip.call(p1="K") == 302
    state, counters, letters = trip.stands()
    assert (state, counters) == ("submitted", (6, 5, 0, 1)), "a trip is presence"
    assert letters == {0: "H", 1: "K", 2: "H", 3: "H", 4: "H", 5: "H"}
    state, counters, letters = trip.stands("other_class")
    assert (state, counters, letters) == ("open", (0, 0, 0, 0), {0: "H"}), (
        "the others are their teacher's to see"
    )
    history = trip.clerk.get(page_of_register(trip)).text
    assert "Trần Thị teacher" in history


def page_of_register(trip: Trip) -> str:
    with trip.world.app.app_context():
        query = select(Register.id).where(
            Register.class_id == trip.world.class_ids["own"], Register.slot == 1
        )
        return f"/registers/{db.session().scalars(query).one()}/history"


def test_a_roll_call_is_taken_back_and_what_others_said_since_stays(trip: Trip) -> None:
    trip.call()
    with trip.world.app.app_context():
        register_id = int(page_of_register(trip).split("/")[2])
    pupil = trip.world.pupil_ids["own"][2]
    tap = {"id": "tap-of-homeroom", "pupil": pupil, "letter": "P", "base": 1}
    body = {"id": "save-of-homeroom", "device": "device-of-homeroom", "base": 1, "operations": [tap]}
    homeroom = trip.world.client(Role.HOMEROOM_TEACHER)
    assert homeroom.post(f"/registers/{register_id}/save", json=body | {"submit": ""}).status_code == 200
    back = f"/outings/{trip.id}/roll/back?session=morning"
    for _twice in range(2):
        assert trip.leader.post(back, data={"client_key": "back-1"}).status_code == 302
    assert trip.stands() == ("open", (0, 0, 0, 0), {2: "P"}), "nobody is present by default"
    assert trip.stands("other_class")[2] == {}
    assert "Bỏ điểm danh" not in trip.leader.get(f"/outings/{trip.id}/roll").text
    assert trip.call(version=1) == 302
    assert trip.stands()[0] == "open", "what was not seen is not overwritten"
    assert trip.stands()[2][2] == "P"
    assert trip.call(p2="P") == 302
    assert trip.stands()[:2] == ("submitted", (6, 5, 1, 0)), "and called again"


def test_who_stays_at_school_leaves_the_register_to_the_class(trip: Trip) -> None:
    trip.call(p3="")
    state, _counters, letters = trip.stands()
    assert (state, 3 in letters) == ("open", False)


def test_only_who_leads_and_the_office_call_the_roll(trip: Trip) -> None:
    homeroom = trip.world.client(Role.HOMEROOM_TEACHER)
    assert trip.call(by=homeroom) == 404, "the class is hers, the trip is not"
    assert homeroom.get(f"/outings/{trip.id}/roll").status_code == 404
    assert trip.leader.get(f"/outings/{trip.id}").status_code == 404, "who leads plans nothing"
    assert trip.call(by=trip.clerk) == 302
    assert trip.stands()[0] == "submitted"
    assert "ghi thay Trần Thị teacher" in trip.clerk.get(page_of_register(trip)).text
    trip.clerk.post(f"/outings/{trip.id}/leader", data={"leader": ""})
    assert trip.call() == 404
    stranger = {"leader": str(trip.world.user_ids[Role.GUARDIAN])}
    assert trip.clerk.post(f"/outings/{trip.id}/leader", data=stranger).status_code == 422


def test_whole_classes_and_single_pupils_live_together(trip: Trip) -> None:
    other = str(trip.world.class_ids["other_class"])
    page = trip.clerk.get(f"/outings/{trip.id}").text
    assert "6 trên 6 em" in page
    assert "1 trên 6 em" in page
    trip.clerk.post(f"/outings/{trip.id}/classes", data={"class": []})
    page = trip.clerk.get(f"/outings/{trip.id}?class_id={other}").text
    assert "0 trên 6 em" in page, "the whole class stays"
    assert "1 trên 6 em" in page, "the single pupil goes"


@given(st.sets(st.integers(1, 5)), st.dictionaries(st.integers(1, 5), st.sampled_from(["H", "K", ""])))
def test_a_call_speaks_for_a_class_when_everybody_carries_a_letter(
    members: set[int], said: dict[int, str]
) -> None:
    assert says_all(members, said) == (members != set() and all(said.get(one) for one in members))
