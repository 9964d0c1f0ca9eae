"""Live lessons, plans and their slides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import clock, db
from app.access import Actor, Role
from app.school.models import SchoolClass
from app.school.rules import DaySession
from classroom.activities.models import Activity
from classroom.activities.queries import stored_content
from classroom.activities.rules.reading import must_read
from classroom.bank.commands import begin_plan
from classroom.bank.rules import PlanDraft
from classroom.lessons.models import Lesson
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.queries import folder_of
from classroom.slides.rules import Page, slides_of
from tests.app_wide.objects.kind import Kind, class_of, numbers, school_of
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World


def _lesson(world: World, role: Role, relation: str) -> int:
    """A lesson of the class in question: the role's own where the role teaches there, else somebody else's."""
    teaches = role in {Role.TEACHER, Role.HOMEROOM_TEACHER} and relation == "own"
    owner = world.user_ids[role if teaches else Role.HOMEROOM_TEACHER]
    with world.app.app_context(), db.transaction() as session:
        school_class = session.get_one(SchoolClass, class_of(world, role, relation))
        lesson = Lesson(
            op_id=f"{next(numbers)}-{role}-{relation}"[:36],
            school_id=school_class.school_id,
            class_id=school_class.id,
            owner_id=owner,
            subject="Toán",
            held_on=MONDAY,
            day_session=DaySession.MORNING,
            number=None,
            code=f"{len(role)}{role[0]}{relation[-4:]}".upper()[:6],
            screen_nonce="0" * 16,
            state="ended",
            seq=0,
            started_at=clock.now(),
        )
        session.add(lesson)
        session.flush()
        return lesson.id


def _plan(world: World, role: Role, relation: str) -> int:
    """A lesson plan that the role's own account wrote, at the school in question."""
    actor = Actor(world.user_ids[role], "Trần Thị Hường")
    draft = PlanDraft("Ôn tập", "Toán", must_read("1 + 1 = ?\nA. 1\n*B. 2"))
    with world.app.app_context():
        return begin_plan(actor, school_of(world, role, relation), draft, f"{role}-{relation}"[:36])


def _slide_file(world: World) -> str:
    """The hash of a presentation of one page whose picture is there; a number makes it another one."""
    sha256 = f"{next(numbers):064x}"
    folder = folder_of(world.app.extensions["bangxanh.settings"].instance, sha256)
    folder.mkdir(parents=True)
    for size in ("l", "s"):
        (folder / f"0001-{size}.webp").write_bytes(b"RIFF")
    return sha256


def _deck(world: World, role: Role, relation: str) -> int:
    """A presentation on a plan as `_plan` makes it."""
    sha256, actor = _slide_file(world), Actor(world.user_ids[role], "Trần Thị Hường")
    draft = PlanDraft("Bài giảng", "Toán", ())
    with world.app.app_context():
        plan_id = begin_plan(actor, school_of(world, role, relation), draft, f"d-{role}-{relation}"[:36])
        with db.transaction() as session:
            file = SlideFile(
                sha256=sha256, suffix="pdf", size=1, state="ready",
                pages='[{"high": 1152, "text": "Trang"}]', uploaded_at=clock.now(),
            )  # fmt: skip
            session.add(file)
            session.flush()
            deck = PlanDeck(
                plan_id=plan_id, number=1, op_id="op-000001", file_id=file.id, name="bai.pdf",
                user_id=actor.user_id, added_at=clock.now(),
            )  # fmt: skip
            session.add(deck)
            session.flush()
            return deck.id


def _slide(world: World, role: Role, relation: str) -> int:
    """A slide in a lesson as `_lesson` makes it."""
    content, lesson_id = (
        slides_of(_slide_file(world), [Page(1152, "Trang")])[0],
        _lesson(world, role, relation),
    )
    with world.app.app_context(), db.transaction() as session:
        activity = Activity(
            lesson_id=lesson_id, op_id="op-slide-1", position=1, kind=content.kind.value,
            content=stored_content(content), phase="reading", shown_seq=1,
        )  # fmt: skip
        session.add(activity)
        session.flush()
        return activity.id


KINDS: Final[dict[str, Kind]] = {
    "lesson_id": Kind("class", _lesson),
    "plan_id": Kind("school", _plan),
    "deck_id": Kind("school", _deck),
    "slide_id": Kind("class", _slide),
}
