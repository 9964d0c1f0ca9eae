"""Reading activities: what each side may see of one, and the answers that stand."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import bindparam, func, select

from classroom.activities.models import Activity
from classroom.activities.rules import (
    Content,
    Phase,
    Standing,
    as_plain,
    drawn_formulas,
    from_plain,
    shown_question,
    shown_solution,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.prepared import Found


_CURRENT: Final = (
    select(Activity)
    .where(Activity.lesson_id == bindparam("lesson"), Activity.shown_seq > 0)
    .order_by(Activity.shown_seq.desc())
    .limit(1)
)


def standing_of(activity: Activity | Found) -> Standing:
    """Return where a stored activity stands."""
    return Standing(
        phase=Phase(activity.phase),
        round=activity.round,
        opened_at=activity.opened_at,
        closes_at=activity.closes_at,
        closed_at=activity.closed_at,
        revealed_at=activity.revealed_at,
        paused_at=activity.paused_at,
    )


@lru_cache(maxsize=512)
def content_of(stored: str) -> Content:
    """Return the question from its stored form."""
    return from_plain(orjson.loads(stored))


def stored_content(content: Content) -> str:
    """Return the form in which a question is stored."""
    return orjson.dumps(as_plain(content)).decode()


def moderation_of(activity: Activity | Found) -> frozenset[str]:
    """Return what a teacher let through or took out."""
    return frozenset(orjson.loads(activity.moderation))


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


def for_teacher(activity: Activity | Found) -> dict[str, Any]:
    """Return all of an activity, the solution too; for teachers' rooms only."""
    content = content_of(activity.content)
    return {
        **_for_everybody(activity),
        **shown_question(content),
        **shown_solution(content),
        "misconceptions": list(content.misconceptions),
        "moderation": sorted(moderation_of(activity)),
        "position": activity.position,
    }


def for_pupils(activity: Activity | Found) -> dict[str, Any]:
    """Return what pupils and the projector may see in this phase: the solution only once it is revealed."""
    content = content_of(activity.content)
    shown = _for_everybody(activity) | shown_question(content)
    return shown | shown_solution(content) if activity.phase == Phase.REVEALED else shown


def for_devices(activity: Activity | Found) -> dict[str, Any]:
    """Return what pupils' devices get of an activity: what pupils may see, and its formulas ready to be shown."""
    shown = for_pupils(activity)
    maths = drawn_formulas(shown) if "$" in activity.content else {}
    return shown | {"maths": maths} if maths else shown


def _for_everybody(activity: Activity | Found) -> dict[str, Any]:
    return {
        "id": activity.id,
        "phase": activity.phase,
        "round": activity.round,
        "opened_at": milliseconds(activity.opened_at),
        "closes_at": milliseconds(activity.closes_at),
        "paused_at": milliseconds(activity.paused_at),
    }


def milliseconds(moment: datetime | None) -> int | None:
    """Return an instant as a browser counts it, None for None."""
    return int(moment.timestamp() * 1000) if moment else None


def last_opened(session: Session, lesson_id: int) -> int:
    """Return when a question of a lesson was opened last, in milliseconds; 0 before the first."""
    opened = session.scalar(select(func.max(Activity.opened_at)).where(Activity.lesson_id == lesson_id))
    return milliseconds(opened) or 0
