"""The page of the hub, and the file that stands in for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import Role
from reports.envelope.rules import open_envelope
from reports.exchange.commands import Outcome, claim_next, queue_slice, settle
from reports.exchange.models import OutgoingSlice
from reports.exchange.rules import Failure, SliceState

if TYPE_CHECKING:
    from tests.world import World

OFFICER = Role.DEPARTMENT_OFFICER
CONTENT = {"schema": "x", "rows": [{"key": "", "name": "Tiểu học Hoa Sen"}]}


def queue(world: World, school: str = "a", period: str = "2026-10") -> int:
    with world.app.app_context(), db.transaction() as session:
        address = ("attendance_month", "THA", period)
        row = queue_slice(session, world.school_ids[school], address, CONTENT, {"passed": True}, clock.now())
        return row.id


def state_of(world: World, slice_id: int) -> OutgoingSlice:
    with world.app.app_context():
        return db.session().scalars(select(OutgoingSlice).where(OutgoingSlice.id == slice_id)).one()


def fail(world: World, failure: Failure, status: int) -> None:
    with world.app.app_context():
        claim = claim_next()
        assert claim is not None
        assert settle(claim, Outcome(SliceState.FAILED, failure, status))


def test_the_page_says_why_a_slice_failed_and_sends_it_again(november: World) -> None:
    slice_id = queue(november)
    fail(november, Failure.UNKNOWN_KEY, 401)
    client = november.client(OFFICER)
    shown = client.get("/exchange").text
    assert "Kho dữ liệu chưa biết khóa của hệ thống này" in shown
    assert "mã HTTP 401" in shown
    assert client.post(f"/exchange/{slice_id}/send").status_code == 302
    row = state_of(november, slice_id)
    assert (row.state, row.attempts) == (SliceState.QUEUED, 0)


def test_the_file_holds_exactly_what_would_be_sent(november: World) -> None:
    slice_id = queue(november)
    client = november.client(OFFICER)
    response = client.get(f"/exchange/{slice_id}/file")
    assert response.mimetype == "application/cloudevents+json"
    assert "attachment" in response.headers["Content-Disposition"]
    assert open_envelope(response.data, "local").content == CONTENT
    assert json.loads(response.data)["data"]["sha256"] == state_of(november, slice_id).sha256
    assert client.get(f"/exchange/{slice_id}/file").data == response.data


def test_a_slice_that_was_replaced_is_not_sent_again(november: World) -> None:
    old = queue(november)
    queue(november)
    assert state_of(november, old).state == SliceState.REPLACED
    assert november.client(OFFICER).post(f"/exchange/{old}/send").status_code == 409


def test_without_a_hub_the_page_says_so_and_shows_the_public_key(november: World) -> None:
    shown = november.client(OFFICER).get("/exchange").text
    assert "Chưa khai báo địa chỉ kho dữ liệu" in shown
    assert "BEGIN PUBLIC KEY" in shown
    assert "PRIVATE" not in shown


def test_only_the_department_watches_the_exchange(november: World) -> None:
    slice_id = queue(november)
    for role in (Role.PRINCIPAL, Role.TEACHER, Role.PUPIL, Role.SYSTEM_ADMINISTRATOR):
        client = november.client(role)
        assert client.get("/exchange").status_code == 404
        assert client.get(f"/exchange/{slice_id}/file").status_code == 404
        assert client.post(f"/exchange/{slice_id}/send").status_code == 404
