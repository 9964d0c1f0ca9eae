"""Reading activities: what each side may see of one, and the answers that stand."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, select

from classroom.activities.models import Activity
from classroom.activities.rules import (
    Choice,
    Phase,
    Standing,
    choice,
    shown_question,
    shown_solution,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


_CURRENT: Final = (
    select(Activity)
    .where(Activity.lesson_id == bindparam("lesson"), Activity.shown_seq > 0)
    .order_by(Activity.shown_seq.desc())
    .limit(1)
)


def standing_of(activity: Activity) -> Standing:
    """Return where a stored activity stands."""
    return Standing(
        phase=Phase(activity.phase),
        round=activity.round,
        opened_at=activity.opened_at,
        closes_at=activity.closes_at,
        closed_at=activity.closed_at,
        revealed_at=activity.revealed_at,
    )


@lru_cache(maxsize=512)
def content_of(stored: str) -> Choice:
    """Return the question from its stored form."""
    raw = orjson.loads(stored)
    return choice(
        raw["question"],
        raw["options"],
        raw["solution"],
        several=raw["several"],
        explanation=raw["explanation"],
    )


def stored_content(content: Choice) -> str:
    """Return the form in which a question is stored."""
    return orjson.dumps({**shown_question(content), **shown_solution(content)}).decode()


def current_activity(session: Session, lesson_id: int) -> Activity | None:
    """Return the activity on stage, the one shown last; None before the first."""
    return session.scalar(_CURRENT, {"lesson": lesson_id})


def activities_of(session: Session, lesson_id: int) -> list[Activity]:
    """Return the activities of a lesson in their order."""
    return list(
        session.scalars(
            select(Activity).where(Activity.lesson_id == lesson_id).order_by(Activity.position, Activity.id)
        )
    )


# --- what each side sees ------------------------------------------------------------------------------------------


def for_teacher(activity: Activity) -> dict[str, Any]:
    """Return all of an activity, the solution too; for teachers' rooms only."""
    content = content_of(activity.content)
    return {
        **_for_everybody(activity),
        **shown_question(content),
        **shown_solution(content),
        "position": activity.position,
    }


def for_pupils(activity: Activity) -> dict[str, Any]:
    """Return what pupils and the projector may see in this phase: the solution only once it is revealed."""
    content = content_of(activity.content)
    shown = _for_everybody(activity) | shown_question(content)
    return shown | shown_solution(content) if activity.phase == Phase.REVEALED else shown


def _for_everybody(activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.id,
        "kind": activity.kind,
        "phase": activity.phase,
        "round": activity.round,
        "closes_at": milliseconds(activity.closes_at),
    }


def milliseconds(moment: datetime | None) -> int | None:
    """Return an instant as a browser counts it, None for None."""
    return int(moment.timestamp() * 1000) if moment else None
