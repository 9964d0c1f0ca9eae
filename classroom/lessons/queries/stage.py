"""What pupils' devices begin with: the stage, and what is each pupil's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal_column, select

from app.prepared import Prepared
from classroom.activities import queries as activities
from classroom.activities.models import Activity
from classroom.answers import queries as answers
from classroom.confidence.queries import own_sureness
from classroom.groups.queries import group_of
from classroom.hands.queries import hand_of
from classroom.inquiries.queries import own_inquiries, shown_inquiries
from classroom.lessons.models import Lesson
from classroom.meter.queries import feels_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.prepared import Found


_lesson, _activity = Lesson.__table__.c, Activity.__table__.c
_shown = Activity.__table__.alias()


@Prepared
def _stage(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select of a lesson's switches and an activity
    del for_sqlite
    return (
        select(
            _lesson.seq, _lesson.state.label("lesson_state"),
            _lesson.takes_inquiries, _lesson.asks_confidence, _lesson.shows_groups,
            Activity.__table__,
        )
        .select_from(Lesson.__table__)
        .outerjoin(
            Activity.__table__,
            _activity.id
            == select(_shown.c.id)
            .where(_shown.c.lesson_id == _lesson.id, _shown.c.shown_seq > 0)
            .order_by(_shown.c.shown_seq.desc())
            .limit(literal_column("1"))
            .scalar_subquery(),
        )
        .where(_lesson.id == bindparam("lesson"))
    )  # fmt: skip


def stage_of(session: Session, lesson_id: int) -> Found:
    """Return what is on stage: the lesson's number, state and switches, and the current activity if there is one."""
    found: Found
    (found,) = _stage.rows(session, {"lesson": lesson_id})
    return found


def pupil_snapshot(session: Session, lesson_id: int) -> dict[str, Any]:
    """Return what every pupil of the lesson may see now; nothing personal, no solution before the reveal."""
    return shown_to_pupils(session, lesson_id, stage_of(session, lesson_id))


def shown_to_pupils(session: Session, lesson_id: int, stage: Found) -> dict[str, Any]:
    """Return what pupils may see of a stage that was read a moment ago."""
    return {
        "seq": stage.seq,
        "state": stage.lesson_state,
        "activity": activities.for_devices(stage) if stage.id is not None else None,
        **_offered(session, lesson_id, stage),
    }


def _offered(session: Session, lesson_id: int, row: Found) -> dict[str, Any]:
    """Return what the teacher switched on for pupils' devices; nothing at all, and no byte, while nothing is."""
    offers = {
        "inquiries": row.takes_inquiries,
        "confidence": row.asks_confidence,
        "groups": row.shows_groups,
    }
    if not any(offers.values()):
        return {}
    inquiries = {"inquiries": shown_inquiries(session, lesson_id)} if row.takes_inquiries else {}
    return {"offers": offers, **inquiries}


def own_beside(session: Session, lesson_id: int, stage: Found, pupil_id: int) -> dict[str, Any]:
    """Return what a pupil's device shows beside the question, for that pupil alone: hand, meter, questions, group."""
    hand = hand_of(session, lesson_id, pupil_id)
    own: dict[str, Any] = {
        "hand": hand.uuid if hand else None,
        "feels": feels_of(session, lesson_id, pupil_id).value,
    }
    if stage.takes_inquiries:
        own |= own_inquiries(session, lesson_id, pupil_id)
    if stage.shows_groups:
        own["group"] = group_of(session, lesson_id, pupil_id)
    if stage.asks_confidence and stage.id is not None:
        said = own_sureness(session, stage.id, stage.round, pupil_id)
        own["sure"] = {"uuid": said.uuid, "sure": said.is_sure} if said else None
    return own


def own_answer(session: Session, stage: Found, pupil_id: int) -> dict[str, Any] | None:
    """Return a pupil's own answer to the activity on stage, None when there is none."""
    attempt = answers.attempt_of(session, stage, pupil_id) if stage.id is not None else None
    return answers.for_its_pupil(attempt, stage) if attempt else None
