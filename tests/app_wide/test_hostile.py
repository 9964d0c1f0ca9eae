"""What strangers type into every address and form, and what lies in the database afterwards.

HOSTILE says how many requests are made: a few hundred unless somebody asks for more (docs/promises.md).
"""

from __future__ import annotations

import csv
import io
import os
import random
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pytest
from sqlalchemy import String, Text, event, inspect, update

from app import clock, db
from app.access import Gate, Role
from tests.app_wide.objects import Objects
from tests.servers import ROOT
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from sqlalchemy import Column
    from werkzeug.test import TestResponse

    from app.access import Route
    from tests.world import World

REQUESTS: Final = int(os.environ.get("HOSTILE", "150"))
SLOWEST: Final = 3.0
"""Seconds of processor time, of which importing pandas for the first workbook takes more than one."""
CANARY: Final = "zq9canary"
LEAVES: Final = {"accounts.sign_out", "accounts.sign_out_everywhere", "accounts.end_device", "static"}
ROLES: Final = (Role.OFFICE_CLERK, Role.PRINCIPAL, Role.HOMEROOM_TEACHER, Role.TEACHER, Role.DEPARTMENT_OFFICER,
                Role.SYSTEM_ADMINISTRATOR, Role.GUARDIAN, Role.PUPIL)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    "", " ", "\0", "'", '"', "%", "%s", "_", "\\", "--", "0", "-1", "1e999", "NaN", "Infinity", "٣", "½", "0x10",
    "true", "null", "2026-02-30", "0000-00-00", "9999-12-31", "2026-13", "99999-01", "24:61", "9" * 40,
    "../../etc/passwd", "\u202e", "\ufeff", "🧑🏽\u200d🏫" * 60, "a" * 70_000,
    "\r\nSet-Cookie: x=1", "{{7*7}}", "${7*7}",
    "<svg/onload=alert(1)>", "=1+1", "' OR 1=1 --", "); DROP TABLE pupil; --", "[]", "{}", "1,2,3", "*", "class;desc",
    CANARY, f"'{CANARY}", f"{CANARY} desc", f'"{CANARY}"', f"{CANARY}) --",
)  # fmt: skip


@pytest.fixture
def clients(world: World) -> Iterator[dict[Role, FlaskClient]]:
    with clock.at(MORNING):
        yield {role: world.client(role, gave_factor=True) for role in ROLES}


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    seen: list[str] = []
    with world.app.app_context():
        engine = db.db.engine

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def fields_of_the_source() -> list[str]:
    """Return every name that some view looks up in what was sent, and what no view knows."""
    found = {CANARY, f"{CANARY}'", "__proto__", "csrf_token", "field[]"}
    for package in ("app", "attendance", "classroom", "reports"):
        for path in (ROOT / package).rglob("*.py"):
            found.update(
                re.findall(r'(?:args|form|values|files)\.(?:get|getlist)\(\s*"(\w+)"', path.read_text())
            )
            if path.name == "forms.py" or "forms" in path.parts:
                found.update(re.findall(r"^    (\w+) = \w*Field\(", path.read_text(), re.MULTILINE))
    return sorted(found)


@dataclass
class Stranger:
    """Somebody who sends anything anywhere, signed in as whoever may come that far."""

    world: World
    clients: dict[Role, FlaskClient]
    draw: random.Random
    objects: Objects
    names: list[str]

    def send(self, endpoint: str, method: str, route: Route) -> tuple[str, TestResponse]:
        """Send something to one address; return who did, and the answer."""
        role = self.draw.choice([one for one in ROLES if _may(route, one)] or list(ROLES))
        arguments = self.objects.arguments({"name": endpoint, "target": route.target}, role, "own")
        with self.world.app.test_request_context():
            url = self.world.app.url_for(endpoint, **arguments)
        if self.clients[role].get("/account").status_code != HTTPStatus.OK:  # it was signed out on the way
            self.clients[role] = self.world.client(role, gave_factor=True)
        return role.value, self._request(self.clients[role], url, method)

    def _request(self, client: FlaskClient, url: str, method: str) -> TestResponse:
        sent = {
            self.draw.choice(self.names): self.draw.choice(VALUES) for _ in range(self.draw.randint(1, 6))
        }
        if method == "GET":
            return client.get(url, query_string=sent)
        if self.draw.random() < 0.5:
            return client.open(url, method=method, data=sent)
        body = self.draw.choice(
            [sent, list(sent), list(sent.values()), 7, None, {"operations": [sent], "id": 7, **sent}]
        )
        return client.open(url, method=method, json=body)


def test_no_input_breaks_a_page_or_reaches_the_text_of_a_statement(
    world: World, clients: dict[Role, FlaskClient], statements: list[str]
) -> None:
    draw = random.Random(os.environ.get("HOSTILE_SEED", "2026"))
    stranger = Stranger(world, clients, draw, Objects(world), fields_of_the_source())
    routes = [one for one in world.app.extensions["bangxanh.door"].routes.items() if one[0][0] not in LEAVES]
    wrong = []
    for _ in range(REQUESTS):
        (endpoint, method), route = draw.choice(routes)
        statements.clear()
        began = time.process_time()
        try:
            who, answer = stranger.send(endpoint, method, route)
        except Exception as error:  # noqa: BLE001 - whatever it is, a person would have read "500"
            wrong.append(f"{method} {endpoint}: {error!r:.300}")
            continue
        if answer.status_code >= 500 and answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            wrong.append(f"{method} {endpoint} {who}: {answer.status_code}")
        if time.process_time() - began > SLOWEST:
            wrong.append(f"{method} {endpoint} {who}: {time.process_time() - began:.1f} s")
        wrong += [f"{endpoint}: {one}" for one in statements if CANARY in one]
    assert not wrong, "\n".join(wrong)


def _may(route: Route, role: Role) -> bool:
    return route.permission.gate is not Gate.GRANT or role in route.permission.reach


# ------------------------------------------------------------------------------------- what lies in the database

SCRIPT: Final = f'=1+1"><script src=//{CANARY}></script>'
TOLD: Final = (
    "name",
    "title",
    "subject",
    "note",
    "reason",
    "why",
    "nickname",
    "device",
    "address",
    "relationship",
    "reply",
)
"""Columns whose names say that somebody typed them, or end like it."""


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_no_stored_text_runs_on_a_page_or_in_a_workbook(
    world: World, clients: dict[Role, FlaskClient]
) -> None:
    objects, wrong, seen = Objects(world), [], 0
    routes = [
        (endpoint, route)
        for (endpoint, method), route in world.app.extensions["bangxanh.door"].routes.items()
        if method == "GET" and endpoint not in LEAVES
    ]
    addresses = {}
    for endpoint, route in routes:
        for role in (one for one in ROLES if _may(route, one)):
            arguments = objects.arguments({"name": endpoint, "target": route.target}, role, "own")
            with world.app.test_request_context():
                addresses[endpoint, role] = world.app.url_for(endpoint, **arguments)
    assert _plant(world) > 60
    for (endpoint, role), address in addresses.items():
        answer = clients[role].get(address)
        seen += CANARY in answer.text if answer.mimetype == "text/html" else 0
        wrong += [f"{endpoint} {role}: {what}" for what in _live_code(answer)]
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert seen > 100, "the pages show what was planted"


def _plant(world: World) -> int:
    """Write the canary into every column that somebody types; return into how many."""
    planted = 0
    with world.app.app_context(), db.transaction() as session:
        existing = set(inspect(session.connection()).get_table_names())
        for table in db.Base.metadata.sorted_tables:
            columns = [column for column in table.columns if _is_typed(column)]
            if table.name in existing and columns:
                for column in columns:
                    nested = session.begin_nested()
                    try:
                        session.execute(update(table).values({column.name: _fresh(column)}))
                        nested.commit()
                        planted += 1
                    except Exception:  # noqa: BLE001 - a check or a trigger keeps text out of this column
                        nested.rollback()
    return planted


def _is_typed(column: Column[Any]) -> bool:
    is_text = isinstance(column.type, (String, Text)) and not column.foreign_keys and not column.primary_key
    return is_text and column.name.endswith(TOLD) and not column.unique


def _fresh(column: Column[Any]) -> str:
    length = getattr(column.type, "length", None)
    return SCRIPT[:length] if length else SCRIPT


def _live_code(answer: TestResponse) -> list[str]:
    """Return what of an answer would run: markup of ours in a page, a formula in a workbook or a file of commas."""
    if answer.mimetype == "text/html":
        return ["a script tag"] if f"<script src=//{CANARY}" in answer.text else []
    if "spreadsheetml" in (answer.mimetype or ""):
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        return [
            f"the formula {cell.value}"
            for cell in cells
            if cell.data_type == "f" and "1+1" in str(cell.value)
        ]
    if answer.mimetype == "text/csv":
        rows = csv.reader(io.StringIO(answer.get_data(as_text=True)))
        return [f"the cell {cell}" for row in rows for cell in row if cell.startswith(("=1+1", "@", "+"))]
    return []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 50_000, "[" * 900 + "]" * 900, '{"a": NaN}', "\ufeff{}", '"']
)
def test_json_that_is_no_form_is_refused(world: World, body: str) -> None:
    client = world.client(Role.OFFICE_CLERK)
    for path in ("/account/password", "/live/staff/lesson_watch", "/j/AAAAAA/seat"):
        answer = client.post(path, data=body.encode(), content_type="application/json")
        assert answer.status_code in {200, 400, 404, 422}, path
        assert "Máy chủ gặp lỗi" not in answer.text
