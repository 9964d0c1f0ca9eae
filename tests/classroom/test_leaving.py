"""Leaving means leaving: whatever ends a sign-in or a role ends the open socket and the cookie, within a second or two.

Everything is done by another process than the one that serves, which is the harder case.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import requests
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, create_user, end_all_sign_ins, give_grant, set_active
from app.accounts.commands.managing import (
    end_device,
    end_devices,
    end_grant,
    give_role,
    remove_second_factor,
    reset_password,
)
from app.accounts.models import Grant, SignIn
from app.accounts.queries import actor_of_sign_in
from app.sockets import _grants_by_sign_in, _held
from tests.world import FIRST_DAY, MORNING, PASSWORD_HASH

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.classroom.served import School
    from tests.world import World

WITHIN: Final = 2.5
"""Seconds on a loaded machine; the sweep itself comes every half second."""


def newest(user_id: int) -> int:
    query = select(SignIn.id).where(SignIn.user_id == user_id).order_by(SignIn.id.desc())
    return db.session().scalars(query).first() or 0


def grant_of(user_id: int) -> int:
    return db.session().scalars(select(Grant.id).where(Grant.user_id == user_id)).one()


CAUSES: Final[dict[str, Callable[[int], object]]] = {
    "disabled": lambda user_id: set_active(SYSTEM, user_id, active=False),
    "password reset": lambda user_id: reset_password(SYSTEM, user_id, "x"),
    "one device": lambda user_id: end_device(SYSTEM, user_id, newest(user_id)),
    "all devices": lambda user_id: end_devices(SYSTEM, user_id),
    "factor removed": lambda user_id: remove_second_factor(SYSTEM, user_id),
    "signed out everywhere": lambda user_id: end_all_sign_ins(
        actor_of_sign_in(db.session(), newest(user_id), clock.today()) or SYSTEM
    ),
    "role ended": lambda user_id: end_grant(SYSTEM, grant_of(user_id), clock.today(), "nghỉ việc"),
}
KEEPS_THE_COOKIE: Final = {"role ended"}
"""The person may still sign in, but sees nothing of the class."""


def test_the_socket_and_the_cookie_end(school: School) -> None:
    for number, cause in enumerate(CAUSES):
        user_id = _teacher(school, f"gv{number}")
        client = school.held.world.client_of(user_id)
        found = client.get_cookie("bx_session")
        assert found is not None
        cookie = f"bx_session={found.value}"
        wire = school.wire(cookie=cookie)
        assert wire.ask("pupil_sync", {})["error"] == "not_found", "no pupil, but heard"
        url = f"{school.served.url}/classes/{school.held.world.class_ids['own']}"
        assert requests.get(url, headers={"Cookie": cookie}, timeout=10).ok
        with school.held.world.app.app_context(), clock.at(MORNING):
            CAUSES[cause](user_id)
        began = time.monotonic()
        assert wire.ends_within(WITHIN), cause
        assert time.monotonic() - began < WITHIN, cause
        answer = requests.get(url, headers={"Cookie": cookie}, allow_redirects=False, timeout=10)
        assert answer.status_code == (404 if cause in KEEPS_THE_COOKIE else 302), cause
        assert answer.headers["Cache-Control"] == "no-store"


def _teacher(school: School, username: str) -> int:
    """Make a teacher of the class; the accounts of the world stay as they are."""
    world = school.held.world
    with world.app.app_context(), clock.at(MORNING):
        user_id = create_user(SYSTEM, username, "Trần Thị Mới", PASSWORD_HASH)
        own = world.class_ids["own"]
        give_grant(SYSTEM, user_id, NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY, class_id=own))
        db.session().rollback()
    return user_id


def test_another_role_ends_the_socket_too(school: School) -> None:
    world, user_id = school.held.world, _teacher(school, "gv-moi")
    found = world.client_of(user_id).get_cookie("bx_session")
    assert found is not None
    wire = school.wire(cookie=f"bx_session={found.value}")
    assert wire.ask("pupil_sync", {})["error"] == "not_found"
    grant = NewGrant(Role.SYSTEM_ADMINISTRATOR, world.province_id, FIRST_DAY)
    with world.app.app_context(), clock.at(MORNING):
        give_role(SYSTEM, user_id, grant)
    assert wire.ends_within(WITHIN)


def test_a_role_that_ends_with_the_day_ends_the_socket_at_midnight(world: World) -> None:
    user_id = world.user_ids[Role.TEACHER]
    world.client(Role.TEACHER)
    with world.app.app_context():
        tomorrow = clock.today() + timedelta(days=1)
        end_grant(SYSTEM, grant_of(user_id), tomorrow, "dạy thay đến hôm nay")
        sign_in_id = newest(user_id)
        actor = actor_of_sign_in(db.session(), sign_in_id, clock.today())
        assert actor is not None
        assert _grants_by_sign_in({sign_in_id})[sign_in_id] == _held(actor)
        with clock.at(clock.now() + timedelta(days=1)):
            assert _grants_by_sign_in({sign_in_id})[sign_in_id] != _held(actor)
