"""A year rolled over as the office does it: decided, reviewed, written, taken back; on both databases."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Role
from app.school.commands import issue_cards
from app.school.enrolment.commands import Step, move_pupil
from app.school.enrolment.queries import history_of
from app.school.models import Pupil, SchoolClass, SchoolYear
from app.school.queries import class_sizes, classes_of_school, pupils_in_class, year_by_code
from app.school.rollover.models import Rollover, RolloverLine
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.world import World

KEY = "rollover-key-1"


@pytest.fixture
def clerk(world: World) -> Iterator[FlaskClient]:
    with clock.at(MORNING):
        yield world.client(Role.OFFICE_CLERK)


def begun(clerk: FlaskClient, world: World, key: str = KEY) -> str:
    """The address of a draft from this year into the next."""
    place = f"/schools/{world.school_ids['a']}/rollover"
    data = {"from_year": "2026-2027", "to_year": "2027-2028", "client_key": key}
    return clerk.post(place, data=data).headers["Location"]


def written(clerk: FlaskClient, place: str) -> None:
    """Confirm what the page shows; jobs run at once in tests."""
    fingerprint = re.search(r'name="fingerprint" value="(\w+)"', clerk.get(place).text)
    assert fingerprint
    data = {"fingerprint": fingerprint[1]}
    assert clerk.post(f"{place}/apply", data=data).status_code == 302
    assert clerk.post(f"{place}/apply", data=data).status_code == 302, "twice is once"


def classes_of(world: World, code: str) -> dict[str, SchoolClass]:
    session = db.session()
    year = year_by_code(session, code)
    assert year
    return {one.name: one for one in classes_of_school(session, world.school_ids["a"], year.id)}


def sizes_of(world: World) -> dict[str, int]:
    """Pupils in each class on the first day of the new year."""
    with world.app.app_context():
        made = classes_of(world, "2027-2028")
        sizes = class_sizes(db.session(), [one.id for one in made.values()], date(2027, 9, 6))
        return {name: sizes.get(one.id, 0) for name, one in made.items()}


def choices(world: World, **more: str) -> dict[str, str]:
    own, other = world.class_ids["own"], world.class_ids["other_class"]
    return {
        f"decision-{own}": "promote",
        f"target-{own}": "5/1",
        f"repeat-{own}": "4/1",
        f"decision-{other}": "promote",
        f"target-{other}": "5/2",
        f"repeat-{other}": "4/2",
        "first_grade": "1/1, 1/2",
        "opens": "1",
        "seen": "0",
        **more,
    }


def test_a_year_is_decided_written_and_taken_back(clerk: FlaskClient, world: World) -> None:
    place = begun(clerk, world)
    assert begun(clerk, world, "rollover-key-2") == place, "a school has one draft"
    own, pupils = world.class_ids["own"], world.pupil_ids["own"]
    assert clerk.post(f"{place}/classes", data=choices(world)).status_code == 302
    assert clerk.post(f"{place}/classes", data=choices(world)).status_code == 422, (
        "somebody decided meanwhile"
    )
    bad = clerk.post(f"{place}/classes", data=choices(world, first_grade="Hoa Mai", seen="1"))
    assert (bad.status_code, "Hoa Mai" in bad.text) == (422, True)
    single = {f"decision-{pupils[0]}": "repeat", f"decision-{pupils[1]}": "leave", "seen": "1"}
    assert clerk.post(f"{place}/classes/{own}", data=single).headers["Location"] == place
    page = clerk.get(place).text
    assert "Sẽ mở" in page
    with world.app.app_context():
        before = {one: history_of(db.session(), one) for one in pupils}
        assert db.session().scalar(select(func.count()).select_from(RolloverLine)) == 0
    written(clerk, place)
    assert sizes_of(world) == {"1/1": 0, "1/2": 0, "4/1": 1, "5/1": 4, "5/2": 6}
    with world.app.app_context():
        session = db.session()
        assert len(pupils_in_class(session, own, date(2027, 5, 31))) == 6, "the old year stays what it was"
        assert len(pupils_in_class(session, own, date(2027, 8, 1))) == 5, (
            "in the old class until the new year"
        )
        assert history_of(session, pupils[1]).stays[-1].status == "Thôi học trong hè"
        assert classes_of(world, "2027-2028")["5/1"].main_session == "morning"
    assert "Lưu ban" in clerk.get(f"/pupils/{pupils[0]}").text
    assert "Đã kết chuyển" in clerk.get(place).text
    assert clerk.post(f"{place}/undo").status_code == 302
    assert clerk.post(f"{place}/undo").status_code == 302
    with world.app.app_context():
        assert {one: history_of(db.session(), one) for one in pupils} == before
        assert classes_of(world, "2027-2028") == {}
    again = begun(clerk, world, "rollover-key-3")
    written(clerk, again)
    assert sizes_of(world)["5/1"] == 6, "a step that was taken back can be taken again"


def test_what_stands_on_it_keeps_a_rollover_from_being_undone(clerk: FlaskClient, world: World) -> None:
    place = begun(clerk, world)
    written(clerk, place)
    pupil = world.pupil_ids["own"][0]
    with world.app.app_context():
        with db.transaction() as session:
            year = session.scalars(select(SchoolYear).where(SchoolYear.code == "2027-2028")).one()
            issue_cards(session, world.school_ids["a"], year.id, [session.get_one(Pupil, pupil)])
        move_pupil(
            SYSTEM, pupil, classes_of(world, "2027-2028")["5/2"].id, Step("move-key-01", date(2027, 9, 6))
        )
    refused = clerk.post(f"{place}/undo")
    assert refused.status_code == 409
    assert "Đã cấp 1 thẻ" in refused.text
    assert "1 học sinh đã được chuyển lớp" in refused.text
    assert sizes_of(world)["5/1"] == 5


def test_what_was_not_seen_is_not_written(clerk: FlaskClient, world: World) -> None:
    place = begun(clerk, world)
    stale = re.search(r'name="fingerprint" value="(\w+)"', clerk.get(place).text)
    assert stale
    with world.app.app_context():
        move_pupil(
            SYSTEM, world.pupil_ids["own"][0], world.class_ids["other_class"], Step("move-key-02", MONDAY)
        )
    clerk.post(f"{place}/apply", data={"fingerprint": stale[1]})
    page = clerk.get(place).text
    assert "đã thay đổi sau khi xem trước" in page
    assert sizes_of(world) == {}
    written(clerk, place)
    assert sizes_of(world)["5/2"] == 7


def test_what_was_changed_and_not_saved_is_shown_before_it_is_written(
    clerk: FlaskClient, world: World
) -> None:
    place = begun(clerk, world)
    fingerprint = re.search(r'name="fingerprint" value="(\w+)"', clerk.get(place).text)
    assert fingerprint
    sent = choices(world, fingerprint=fingerprint[1], **{f"target-{world.class_ids['own']}": "5/9"})
    clerk.post(f"{place}/apply", data=sent)
    assert "5/9" in clerk.get(place).text
    assert sizes_of(world) == {}
    again = re.search(r'name="fingerprint" value="(\w+)"', clerk.get(place).text)
    assert again
    clerk.post(f"{place}/apply", data={**sent, "seen": "1", "fingerprint": again[1]})
    assert sizes_of(world)["5/9"] == 6


def test_the_command_line_previews_and_writes(world: World) -> None:
    run = world.app.test_cli_runner().invoke
    ask = ["school", "rollover", "THA", "--from", "2026-2027", "--to", "2027-2028", "--json"]
    with clock.at(MORNING):
        seen = json.loads(run(args=ask).output)
        assert (seen["applied"], seen["pupils"]["promote"], seen["opened"]) == (
            False,
            12,
            ["4/1", "4/2", "5/1", "5/2"],
        )
        with world.app.app_context():
            assert year_by_code(db.session(), "2027-2028") is None, "a look writes nothing"
        done = json.loads(run(args=[*ask, "--apply"]).output)
        assert (done["applied"], done["classes"]["5/1"]) == (True, 6)
        again = json.loads(run(args=[*ask, "--apply"]).output)
        assert (again["applied"], sum(again["pupils"].values())) == (False, 0), "twice is once"
        assert (
            run(args=["school", "rollover", "THA", "--from", "2026-2027", "--to", "2026-2027"]).exit_code == 1
        )
    with world.app.app_context():
        states = db.session().scalars(select(Rollover.state).order_by(Rollover.id)).all()
        assert states == ["applied", "discarded"]
