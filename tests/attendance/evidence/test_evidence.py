"""Joining a lesson is shown beside the name, once, in its own session, and is never a mark."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from app import clock, db, facts
from app.access import SYSTEM, Role
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.evidence.models import Evidence
from attendance.evidence.rules import EvidenceKind, Sighting, first_sightings, suggestion
from attendance.feature.taking import EVIDENCE
from attendance.registers.commands.opening import open_register
from attendance.registers.models import Mark
from attendance.rulebook.commands import save_rules
from attendance.rulebook.rules import USUAL
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from datetime import date

    from tests.world import World

AT = datetime(2026, 10, 5, 0, 12, tzinfo=UTC)


@dataclass(frozen=True)
class PupilJoinedLesson(facts.Fact):
    """The fact as live lessons publish it."""

    fact_name: ClassVar[str] = "PupilJoinedLesson"
    lesson_id: int
    class_id: int
    school_id: int
    pupil_id: int
    day: date
    day_session: str
    number: int | None
    at: datetime


def join(world: World, day_session: str = "morning") -> None:
    fact = PupilJoinedLesson(
        lesson_id=7,
        class_id=world.class_ids["own"],
        school_id=world.school_ids["a"],
        pupil_id=world.pupil_ids["own"][0],
        day=MONDAY,
        day_session=day_session,
        number=1,
        at=AT,
    )
    with world.app.app_context(), db.transaction() as session:
        facts.record(session, fact)


def island(world: World) -> dict[str, object]:
    with world.app.app_context():
        school_class = db.session().get_one(SchoolClass, world.class_ids["own"])
        register_id = open_register(school_class, MONDAY, DaySession.MORNING)
    page = world.client(Role.HOMEROOM_TEACHER).get(f"/registers/{register_id}").text
    start = page.index(">", page.index('id="sheet-data"')) + 1
    found: dict[str, object] = json.loads(page[start : page.index("</script>", start)])
    return found


def test_joining_is_seen_beside_the_name_and_marks_nobody(world: World) -> None:
    join(world)
    data = island(world)
    seen = {"kind": "lesson", "words": "đã vào tiết học tương tác 07:12", "letter": None, "minutes": None}
    assert data["suggestions"] == {str(world.pupil_ids["own"][0]): [seen]}
    with world.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Mark)) == 0


def test_the_same_joining_told_twice_is_stored_once(world: World) -> None:
    join(world)
    join(world)
    with world.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Evidence)) == 1


def test_the_afternoon_says_nothing_of_the_morning(world: World) -> None:
    join(world, "afternoon")
    assert island(world)["suggestions"] == {}


def test_the_earliest_of_each_kind_is_told() -> None:
    late = AT.replace(hour=1)
    found = [
        Sighting(EvidenceKind.LESSON_JOINED, 1, 1, late),
        Sighting(EvidenceKind.LESSON_JOINED, 1, 1, AT),
        Sighting(EvidenceKind.GATE, 1, 0, AT.replace(minute=2)),
        Sighting(EvidenceKind.LESSON_JOINED, 2, 2, AT),
    ]
    words = [suggestion(one) for one in first_sightings(found, 1)]
    assert words == ["quẹt thẻ cổng 07:02", "đã vào tiết học tương tác 07:12"]


def test_what_is_older_than_a_school_keeps_goes_and_marks_stay(world: World) -> None:
    """By the clock: what was seen 7 days ago is kept still, a day later no more, at this school alone."""
    pupil, school = world.pupil_ids["own"][0], world.school_ids["a"]
    (nightly,) = EVIDENCE.periodic
    with world.app.app_context():
        with db.transaction() as session:
            save = {"kind": EvidenceKind.GATE, "slot": 1, "at": AT}
            for number, (school_id, back) in enumerate(
                [(school, 0), (school, 1), (world.school_ids["b"], 1)]
            ):
                day = MONDAY - timedelta(days=back)
                session.add(
                    Evidence(pupil_id=pupil, school_id=school_id, day=day, source=f"x{number}", **save)
                )
        save_rules(SYSTEM, school, replace(USUAL, scan_days=7))
        before = db.session().scalar(select(func.count()).select_from(Mark))
        for days, left in ((6, 3), (7, 2), (7, 2), (8, 1), (89, 1), (90, 0)):
            with clock.at(MORNING + timedelta(days=days)):
                nightly.run()
            db.session().rollback()
            assert db.session().scalar(select(func.count()).select_from(Evidence)) == left, days
        assert db.session().scalar(select(func.count()).select_from(Mark)) == before
