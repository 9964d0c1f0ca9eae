"""Every route and socket event, by every role, at {own, other class, other school, absent}, against the table.

The expected answer is computed from the permission table alone; the actual one comes from the application. A route
or event that nobody described in OBJECTS fails the suite.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import pytest

from app import clock, db
from app.access import SYSTEM, Gate, Role, Route
from app.accounts.commands import NewGrant, create_user, give_grant
from app.cli import permission_rows
from app.school.commands import add_unit
from app.school.rules import UnitKind
from tests.app_wide.objects import OBJECTS, RELATIONS, Objects
from tests.world import FIRST_DAY, MORNING, World, build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.http import Door

REFUSED: Final = 404
NO_TOKEN: Final = {401, 403, 404}
"""What a program is told that shows no token; its role, if a person sends it, is nothing to the view."""
PASSED: Final = {200, 201, 202, 204, 302, 303, 304, 400, 409, 413, 415, 422, 429, 503}
"""Past the door and the loader: done, sent on, or told that the input will not do."""
ABSENT_ID: Final = 999_999


@pytest.fixture
def door(app: Flask) -> Door:
    found: Door = app.extensions["bangxanh.door"]
    return found


@pytest.fixture
def objects(world: World) -> Iterator[Objects]:
    with clock.at(MORNING):
        yield OBJECTS(world)


def call(
    client: FlaskClient,
    app: Flask,
    endpoint: str,
    method: str,
    arguments: dict[str, Any],
    accept: str = "text/html",
) -> TestResponse:
    with app.test_request_context():
        url = app.url_for(endpoint, **arguments)
    return client.open(url, method=method, data={} if method != "GET" else None, headers={"Accept": accept})


def rows_of(door: Door) -> list[dict[str, Any]]:
    return [row for row in permission_rows(door) if row["kind"] == "route"]


@pytest.mark.parametrize(
    ("settings", "role"),
    [(("sqlite", "postgresql")[number % 2], role) for number, role in enumerate(Role)],
    indirect=["settings"],
)
def test_a_role_gets_the_answer_of_the_table_everywhere(
    world: World, door: Door, objects: Objects, role: Role
) -> None:
    client = world.client(role, gave_factor=True)
    wrong = []
    for row in rows_of(door):
        if row["name"] in {"accounts.sign_out", "accounts.sign_out_everywhere", "static"}:
            continue  # told of in their own tests: signing out changes who is asking
        for relation in RELATIONS if row["target"] else ("own",):
            wrong += check(client, objects, row, role, relation)
    assert not wrong, "\n".join(wrong)
    assert client.get("/account").status_code == HTTPStatus.OK, "the asking device was signed out on the way"


def check(client: FlaskClient, objects: Objects, row: dict[str, Any], role: Role, relation: str) -> list[str]:
    arguments = objects.arguments(row, role, relation)
    # A refusal as JSON says the same and draws no page: two thirds of the answers are refusals.
    answer = call(client, objects.world.app, row["name"], row["method"], arguments, "application/json")
    expected = objects.expected(row, role, relation)
    if (answer.status_code in PASSED) == expected and (
        expected or answer.status_code in _refusals(objects, row)
    ):
        return []
    return [f"{row['method']} {row['name']} {role} {relation}: {answer.status_code}, expected {expected}"]


def _refusals(objects: Objects, row: dict[str, Any]) -> set[int]:
    """A program without its key is told so (401, RFC 6750); a person is told nothing."""
    door: Door = objects.world.app.extensions["bangxanh.door"]
    is_for_programs = door.routes[row["name"], row["method"]].permission.gate is Gate.CAPABILITY
    return NO_TOKEN if is_for_programs else {REFUSED}


def test_forbidden_and_absent_look_alike_to_the_byte(world: World, door: Door, objects: Objects) -> None:
    client = world.client(Role.HOMEROOM_TEACHER, gave_factor=True)
    client.get("/account")  # the first page of a browser sets its form cookie
    for row in rows_of(door):
        route = door.routes[row["name"], row["method"]]
        if route.permission.gate is Gate.CAPABILITY or route.target is None:
            continue
        if objects.expected(row, Role.HOMEROOM_TEACHER, "other_school"):
            continue
        forbidden, absent = (
            call(
                client,
                world.app,
                row["name"],
                row["method"],
                objects.arguments(row, Role.HOMEROOM_TEACHER, relation),
            )
            for relation in ("other_school", "absent")
        )
        assert forbidden.status_code == absent.status_code == REFUSED, route
        assert without_token(forbidden) == without_token(absent), route
        assert dict(forbidden.headers).keys() == dict(absent.headers).keys(), route


def without_token(response: TestResponse) -> list[str]:
    return [line for line in response.text.splitlines() if "csrf" not in line]


def test_nobody_signed_in_gets_only_what_is_public(world: World, door: Door, objects: Objects) -> None:
    client = world.client()
    for (endpoint, method), route in door.routes.items():
        if endpoint == "static" or route.permission.gate is Gate.PUBLIC:
            continue
        row = {"name": endpoint, "method": method, "target": route.target}
        answer = call(client, world.app, endpoint, method, objects.arguments(row, Role.TEACHER, "own"))
        assert answer.status_code in _closed(route), f"{method} {endpoint}: {answer.status_code}"


def _closed(route: Route) -> set[int]:
    return NO_TOKEN if route.permission.gate is Gate.CAPABILITY else {302, 401}


def test_a_route_without_a_row_does_not_start(app: Flask, door: Door) -> None:
    door.check_complete(app)
    del door.routes["home.index", "GET"]
    with pytest.raises(RuntimeError, match=r"home\.index"):
        door.check_complete(app)


def test_a_grant_of_another_province_reaches_nothing(world: World, door: Door, objects: Objects) -> None:
    """The department officer of another province sees no school of this one."""
    with world.app.app_context():
        with db.transaction() as session:
            province_id = add_unit(
                session, UnitKind.PROVINCE, "79", "Thành phố khác", None, valid_from=FIRST_DAY
            ).id
        user_id = create_user(SYSTEM, "sokhac", "Chuyên viên khác", "x")
        give_grant(SYSTEM, user_id, NewGrant(Role.DEPARTMENT_OFFICER, province_id, FIRST_DAY))
    client = world.client_of(user_id)
    for row in rows_of(door):
        route = door.routes[row["name"], row["method"]]
        if row["target"] is None or route.permission.gate is not Gate.GRANT:
            continue
        arguments = objects.arguments(row, Role.DEPARTMENT_OFFICER, "own")
        assert call(client, world.app, row["name"], row["method"], arguments).status_code == REFUSED, row[
            "name"
        ]


def test_build_is_the_same_world_twice(app: Flask) -> None:
    """The world that the matrix walks has what the relations name."""
    with clock.at(MORNING):
        world = build(app)
    assert set(world.class_ids) == {"own", "other_class", "other_school"}
    assert set(world.user_ids) == set(Role)
