"""From an accepted month to a second server process in hub mode, and everything that can come between."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import requests
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from config import InstallationRole
from reports.delivery.commands import HubLink, deliver_due, reconcile_with_hub
from reports.envelope.rules import CONTENT_TYPE
from reports.exchange.commands import queue_slice
from reports.exchange.models import OutgoingSlice
from reports.exchange.queries import envelope_of
from reports.exchange.rules import Failure, SliceState
from reports.hub.commands import add_sender_key
from reports.signatures.commands import prepare_key, rotate_key, signing_key
from reports.signatures.rules import Message, sign
from tests.installation import settings_for
from tests.reports.figures import AFTER_OCTOBER
from tests.reports.submissions.test_forms import START, complete, page, step
from tests.reports.submissions.test_views import accept
from tests.servers import served_app
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.servers import ServedApp
    from tests.world import World

OFFICER = Role.DEPARTMENT_OFFICER
HUB_TIME = "2026-11-02T09:00"
"""AFTER_OCTOBER, on the wall."""
SENDER = "SELECT id FROM hub_sender WHERE code = ?"


@dataclass
class Hub:
    """A real server process in hub mode, and a look into its database. All tests of this file share it."""

    served: ServedApp
    started: float
    senders: Iterator[int]

    def select(self, columns: str, table: str, link: HubLink) -> list[tuple[Any, ...]]:
        statement = f"SELECT {columns} FROM {table} WHERE sender_id = ({SENDER})"  # noqa: S608 - constants
        with closing(sqlite3.connect(self._file)) as connection:
            return connection.execute(statement, (link.sender,)).fetchall()

    def forget_slices(self, link: HubLink) -> None:
        with closing(sqlite3.connect(self._file)) as connection, connection:
            connection.execute(f"DELETE FROM hub_slice WHERE sender_id = ({SENDER})", (link.sender,))  # noqa: S608

    def learn_key(self, link: HubLink) -> None:
        app = create_app(replace(settings_for(self.served.instance), role=InstallationRole.HUB))
        with app.app_context():
            add_sender_key(SYSTEM, link.sender, link.key.public_pem)
            db.db.engine.dispose()

    @property
    def _file(self) -> Path:
        return self.served.instance / "bangxanh.db"


@pytest.fixture(scope="module")
def hub(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    instance = tmp_path_factory.mktemp("hub") / "instance"
    instance.mkdir()
    shutil.copy(migrated_sqlite, instance / "bangxanh.db")
    started = time.monotonic()
    with served_app(instance, {"BANGXANH_ROLE": "hub", "BANGXANH_NOW": HUB_TIME}) as served:
        yield Hub(served, started, itertools.count(1))


@pytest.fixture
def november(world: World, hub: Hub) -> Iterator[World]:
    """October is over; the sender's clock goes with the hub's."""
    with clock.at(AFTER_OCTOBER + timedelta(seconds=time.monotonic() - hub.started)):
        yield world


@pytest.fixture
def link(november: World, hub: Hub) -> HubLink:
    """A sender that the hub knows."""
    instance = november.app.extensions["bangxanh.settings"].instance
    link = HubLink(hub.served.url, f"sender-{next(hub.senders)}", signing_key(instance))
    hub.learn_key(link)
    return link


def accepted_month(world: World) -> None:
    assert accept(world.client(OFFICER), world.school_ids["a"]).status_code == 302


def queued_slice(world: World) -> None:
    with world.app.app_context(), db.transaction() as session:
        content = {"schema": "x", "rows": [{"key": "", "name": "Tiểu học Hoa Sen"}]}
        address = ("attendance_month", "THA", "2026-10")
        queue_slice(session, world.school_ids["a"], address, content, {}, clock.now())


def rows() -> Sequence[OutgoingSlice]:
    db.session().expire_all()
    return db.session().scalars(select(OutgoingSlice).order_by(OutgoingSlice.id)).all()


@pytest.mark.usefixtures("class_ids")
def test_an_accepted_month_arrives_without_what_is_withheld(november: World, hub: Hub, link: HubLink) -> None:
    accepted_month(november)
    with november.app.app_context():
        assert deliver_due(link) == 1
        (row,) = rows()
        assert row.state == SliceState.RECEIVED
        assert json.loads(row.receipt or "")["sha256"] == row.sha256
    ((sha256, content),) = hub.select("sha256, content", "hub_slice", link)
    assert (sha256, content) == (row.sha256, row.content)
    names = {line["name"]: line for line in json.loads(content)["rows"]}
    for name in ("4/1", "4/2", "4/6"):
        assert names[name] == {"key": names[name]["key"], "name": name, "grade": 4, "level": "class",
                               "status": "withheld", "reason": "confidential"}  # fmt: skip


@pytest.mark.usefixtures("class_ids")
def test_a_hub_that_is_away_only_delays(november: World, hub: Hub, link: HubLink) -> None:
    hub.served.stop()
    accepted_month(november)
    with november.app.app_context():
        assert deliver_due(link) == 0
        (row,) = rows()
        assert (row.state, row.last_error, row.attempts) == (SliceState.QUEUED, Failure.NO_ANSWER, 1)
        assert row.next_try_at > clock.now()
    assert "Hệ thống sẽ tự gửi lại" in november.client(OFFICER).get("/exchange").text
    hub.served.settings = {**hub.served.settings, "BANGXANH_NOW": clock.local(clock.now()).isoformat()}
    hub.served.start()
    with november.app.app_context(), clock.at(clock.now() + timedelta(seconds=10)):
        assert deliver_due(link) == 1
        assert rows()[0].state == SliceState.RECEIVED


@pytest.mark.usefixtures("class_ids")
def test_sending_again_has_one_effect(november: World, hub: Hub, link: HubLink) -> None:
    accepted_month(november)
    with november.app.app_context():
        deliver_due(link)
        receipt = rows()[0].receipt
        with db.transaction() as session:
            session.get_one(OutgoingSlice, rows()[0].id).state = SliceState.QUEUED
        assert deliver_due(link) == 1
        assert rows()[0].receipt == receipt
    assert hub.select("count(*)", "hub_receipt", link) == [(1,)]


@pytest.mark.usefixtures("class_ids")
def test_an_accepted_form_arrives_once_and_its_next_version_replaces_it(
    november: World, hub: Hub, link: HubLink
) -> None:
    complete(november)
    officer, school = november.client(OFFICER), november.school_ids["a"]
    seen = re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', page(officer, school))
    asked = {"period": START, "reason": "Trường chưa duyệt", "seen": seen[1] if seen else ""}
    for _twice in range(2):
        assert officer.post(f"/submissions/{school}/accept", data=asked).status_code == 302
    with november.app.app_context():
        assert deliver_due(link) == 1
        (row,) = rows()
        assert row.state == SliceState.RECEIVED
        receipt = row.receipt
        with db.transaction() as session:
            session.get_one(OutgoingSlice, row.id).state = SliceState.QUEUED
        assert deliver_due(link) == 1
        assert rows()[0].receipt == receipt
        assert reconcile_with_hub(link) == 0
    assert hub.select("count(*)", "hub_receipt", link) == [(1,)]
    ((dataset, period, content),) = hub.select("dataset, period, content", "hub_slice", link)
    assert (dataset, period) == ("official_form", START)
    assert all("disabled" in line["withheld"] for line in json.loads(content)["rows"])
    assert "Báo cáo đầu năm học 2026-2027" in officer.get("/exchange").text
    assert step(officer, school, "reopen", "Nhầm lớp").status_code == 302
    assert step(officer, school, "accept", "Đã sửa").status_code == 302
    with november.app.app_context():
        assert deliver_due(link) == 1
    assert hub.select("sequence", "hub_slice", link) == [(2,)]


@pytest.mark.usefixtures("class_ids")
def test_a_body_changed_on_the_way_is_refused(november: World, hub: Hub, link: HubLink) -> None:
    accepted_month(november)
    with november.app.app_context():
        body = envelope_of(rows()[0], link.sender)
    message = Message(
        "POST", f"{hub.served.url}/hub/v1/slices", {"Content-Type": CONTENT_TYPE, "Idempotency-Key": "k"}
    )
    sign(message, body, link.key, clock.now())
    answer = requests.post(message.url, data=body.replace(b"30", b"31"), headers=message.headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, "bad_digest")
    assert hub.select("count(*)", "hub_slice", link) == [(0,)]


@pytest.mark.usefixtures("class_ids")
def test_an_unknown_key_is_final_until_the_hub_knows_it(november: World, hub: Hub, link: HubLink) -> None:
    instance = november.app.extensions["bangxanh.settings"].instance
    prepare_key(instance)
    link = replace(link, key=rotate_key(instance))
    accepted_month(november)
    with november.app.app_context():
        assert deliver_due(link) == 0
        (row,) = rows()
        assert (row.state, row.last_error, row.last_status) == (SliceState.FAILED, Failure.UNKNOWN_KEY, 401)
    hub.learn_key(link)
    assert november.client(OFFICER).post(f"/exchange/{row.id}/send").status_code == 302
    with november.app.app_context():
        assert deliver_due(link) == 1


@pytest.mark.usefixtures("class_ids")
def test_reading_back_verifies_and_repairs(november: World, hub: Hub, link: HubLink) -> None:
    accepted_month(november)
    with november.app.app_context():
        deliver_due(link)
        assert reconcile_with_hub(link) == 0
        assert rows()[0].verified_at is not None
        hub.forget_slices(link)
        assert reconcile_with_hub(link) == 1
        assert rows()[0].state == SliceState.QUEUED
        assert deliver_due(link) == 1
        assert reconcile_with_hub(link) == 0
        assert reconcile_with_hub(replace(link, address="http://127.0.0.1:9")) is None


OTHER_RECEIPT = b'{"slice":"x","sha256":"y","result":"stored","received_at":"2026-11-02T00:00:00+00:00"}'


# --- a hub that misbehaves ----------------------------------------------------------------------------------------


@contextmanager
def answering(status: int, body: bytes = b"", **headers: str) -> Iterator[str]:
    """Run a server that gives every request the same answer."""

    class Same(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - likewise
            del format, args

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_hub_is_asked_again_when_it_says(november: World, link: HubLink, status: int) -> None:
    queued_slice(november)
    with november.app.app_context(), answering(status, Retry_After="600") as address:
        assert deliver_due(replace(link, address=address)) == 0
        (row,) = rows()
        assert (row.state, row.last_error, row.last_status) == (SliceState.QUEUED, Failure.BUSY, status)
        assert row.next_try_at >= clock.now() + timedelta(seconds=590)


@pytest.mark.parametrize("status", [301, 400, 500])
def test_any_other_answer_is_final_and_shown(november: World, link: HubLink, status: int) -> None:
    queued_slice(november)
    with (
        november.app.app_context(),
        answering(status, b"<h1>no</h1>", Location="http://127.0.0.1:9/") as address,
    ):
        assert deliver_due(replace(link, address=address)) == 0
        assert (rows()[0].state, rows()[0].last_error) == (SliceState.FAILED, Failure.REFUSED)
    assert f"mã HTTP {status}" in november.client(OFFICER).get("/exchange").text


@pytest.mark.parametrize("body", [b"", b"null", OTHER_RECEIPT])
def test_without_a_receipt_of_ours_it_is_sent_but_not_received(
    november: World, link: HubLink, body: bytes
) -> None:
    queued_slice(november)
    with november.app.app_context(), answering(200, body) as address:
        assert deliver_due(replace(link, address=address)) == 0
        (row,) = rows()
        assert (row.state, row.last_error) == (SliceState.SENT, Failure.UNREADABLE_RECEIPT)
        assert row.receipt is None
