"""Every socket event by every role at {own, other class, other school, absent}, against the permission table.

The handlers are called through `realtime.answer`, as a socket or the HTTP fallback calls them. An event that PAYLOADS
does not describe fails the suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest

from app import clock, db, realtime
from app.access import Gate, Role
from app.accounts.models import User
from app.accounts.queries import actor_of_user
from app.db import Base
from app.realtime import EVENTS, STAFF, Event, Peer
from tests.app_wide.objects import ABSENT_ID, KINDS, RELATIONS, Objects
from tests.world import MORNING, World

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_ENTRY: Final = {"not_found", "signed_out"}
UUID: Final = str(uuid4())
PAYLOADS: Final[dict[str, dict[str, Any]]] = {
    "lesson_watch": {},
    "lesson_end": {},
    "activity_add": {"op_id": UUID, "question": "1 + 1 = ?", "options": ["1", "2"], "solution": ["B"]},
    "activity_quick": {"op_id": UUID, "kind": "quick"},
    "activity_paste": {"op_id": UUID, "lines": ["1 + 1 = ?", "A. 1", "*B. 2"]},
    "activity_move": {"activity": ABSENT_ID, "move": "open"},
    "activity_solve": {"activity": ABSENT_ID, "solution": ["A"]},
    "activity_moderate": {"activity": ABSENT_ID, "text": "hay", "listed": True},
    "lesson_switch": {"what": "blank", "on": True},
    "pupil_pick": {"op_id": UUID},
    "plan_list": {},
    "plan_take": {"plan": ABSENT_ID, "op_id": UUID},
    "seat_extra": {"pupil": ABSENT_ID, "percent": 50},
    "question_history": {},
    "answer_for": {"activity": ABSENT_ID, "round": 1, "pupil": ABSENT_ID, "uuid": UUID, "answer": ["A"]},
    "seat_free": {"pupil": ABSENT_ID},
    "pupil_sync": {},
    "pupil_pulse": {"visible": True},
    "screen_sync": {},
    "hand": {"uuid": UUID, "up": True},
    "hands_lower": {},
    "feel": {"uuid": UUID, "feels": "lost"},
    "guest_sync": {},
    "guest_answer": {"activity": 1, "round": 1, "uuid": UUID, "answer": ["A"]},
    "guest_out": {"guest": ABSENT_ID},
    "team_colleagues": {},
    "team_add": {"user": ABSENT_ID},
    "team_remove": {"user": ABSENT_ID},
    "team_hand_over": {"user": ABSENT_ID},
    "inquiry_ask": {"uuid": UUID, "text": "Vì sao?"},
    "inquiry_vote": {"inquiry": ABSENT_ID, "up": True, "made": 1},
    "inquiry_judge": {"inquiry": ABSENT_ID, "state": "shown"},
    "goal_set": {"kind": "right", "count": 30},
    "groups_make": {"op_id": UUID, "how": "random", "size": 4},
    "groups_apart": {"one": ABSENT_ID, "other": 1, "apart": True},
    "sure": {"activity": 1, "round": 1, "uuid": UUID, "sure": True, "made": 1},
    "register_watch": {"device": UUID},
    "register_taps": {"device": UUID, "taps": []},
    "answer": {"activity": 1, "round": 1, "uuid": UUID, "answer": ["A"]},
    "ink_draw": {"activity": ABSENT_ID, "uuid": UUID, "pen": "red", "points": "0000"},
    "slide_ink": {"activity": ABSENT_ID, "on": True},
    "guest_slide_ink": {"activity": ABSENT_ID, "on": True},
    "ink_live": {"activity": ABSENT_ID, "uuid": UUID, "pen": "red", "points": "0000"},
    "ink_undo": {"uuid": UUID},
    "ink_clear": {"activity": ABSENT_ID, "last": UUID},
}
NAMES_MORE_THAN_THE_LESSON: Final = {
    "activity_move", "activity_solve", "activity_moderate", "answer_for", "seat_free", "seat_extra", "plan_take",
    "ink_draw", "ink_undo", "ink_clear", "guest_out", "team_add", "team_hand_over", "inquiry_judge", "groups_apart",
}  # fmt: skip
"""Within one's own lesson these name a question or pupil that is absent here, which is not found either."""


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def staff_peer(world: World, role: Role) -> Peer:
    with world.app.app_context():
        user = db.session().get_one(User, world.user_ids[role])
        actor = actor_of_user(db.session(), user, clock.today(), sign_in_id=1)
    return Peer(STAFF, actor=actor, checked_at=1e12, refilled_at=0.0)


def entered(world: World, name: str, role: Role, relation: str) -> bool:
    """Send the event as a role about the object at a relation; say whether the handler let it in."""
    target = EVENTS[name].target
    kind = KINDS[f"{target or 'lesson'}_id"]
    found = kind.absent if relation == "absent" else kind.make(world, role, relation)
    payload = PAYLOADS[name] | ({target: found} if target else {})
    if target == "register":
        payload |= {"author": world.user_ids[role]}
    answer = realtime.answer(staff_peer(world, role), name, payload)
    return answer["ok"] is True or answer["error"] not in NO_ENTRY


def test_every_event_is_described_here(world: World) -> None:
    del world  # its application has registered them
    assert set(PAYLOADS) == set(EVENTS)


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_every_role_gets_the_answer_of_the_table(world: World, name: str) -> None:
    event = EVENTS[name]
    if name in NAMES_MORE_THAN_THE_LESSON:
        assert not any(entered(world, name, role, "other_school") for role in Role)
        return
    for role in Role:
        for relation in RELATIONS if event.target else ("own",):
            assert entered(world, name, role, relation) == expected(event, role, relation), (
                name,
                role,
                relation,
            )
            clear(world)


def expected(event: Event, role: Role, relation: str) -> bool:
    """Return whether the table lets the role in; a lesson is led by its own teacher alone."""
    if event.permission.gate is Gate.CAPABILITY:
        return False
    if event.target == "register":
        return relation != "absent" and Objects.reached(
            event.permission.reach.get(role), role, relation, "class"
        )
    return relation == "own" and role in event.permission.reach


def clear(world: World) -> None:
    """Forget the lessons of the last question, whose codes and operations would meet again."""
    with world.app.app_context(), db.transaction() as session:
        for table in reversed(db_tables()):
            session.execute(table.delete())


def db_tables() -> list[Any]:
    names = (
        "lesson_event",
        "group_place",
        "lesson_grouping",
        "lesson_teacher",
        "lesson_pick",
        "attempt_change",
        "attempt",
        "activity",
        "seat",
        "lesson",
    )
    return [Base.metadata.tables[name] for name in reversed(names) if name in Base.metadata.tables]


def test_an_unknown_event_is_refused_like_a_forbidden_one(world: World) -> None:
    unknown = realtime.answer(staff_peer(world, Role.TEACHER), "no_such_event", {})
    forbidden = realtime.answer(staff_peer(world, Role.PUPIL), "lesson_watch", {"lesson": ABSENT_ID})
    assert unknown == forbidden
