"""The hub's endpoint and dashboard."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, begin_sign_in, new_user
from app.school.commands import add_unit
from app.school.rules import UnitKind
from reports.envelope.rules import Slice, SliceAddress
from reports.hub.commands import add_sender_key, withdraw_key
from reports.hub.models import HubReceipt, HubSlice
from reports.official.rules import FORM_DATASET, FORM_SCHEMA
from reports.signatures.commands import signing_key
from tests.reports.hub.conftest import Sender, counts, piece, row, school_rows
from tests.world import PASSWORD_HASH

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient


def number_of(hub: Flask, table: type[Any]) -> int:
    with hub.app_context():
        return db.session().scalar(select(func.count()).select_from(table)) or 0


def stored(hub: Flask) -> HubSlice:
    with hub.app_context():
        return db.session().scalars(select(HubSlice)).one()


def operator(hub: Flask) -> FlaskClient:
    with hub.app_context(), db.transaction() as session:
        unit = add_unit(session, UnitKind.PROVINCE, "75", "Tỉnh Đồng Nai", None)
        user = new_user("operator", "Trần Thị Kho", PASSWORD_HASH)
        session.add(user)
        session.flush()
        add_grant(session, SYSTEM, user.id, NewGrant(Role.HUB_OPERATOR, unit.id, clock.today()))
        user_id = user.id
    client = hub.test_client()
    with hub.app_context():
        token = begin_sign_in(user_id, "Chrome")
    with client.session_transaction() as session_cookie:
        session_cookie["sign_in"] = token
    return client


# --- receiving ----------------------------------------------------------------------------------------------------


def test_a_signed_slice_is_stored_and_receipted(hub: Flask, sender: Sender) -> None:
    response = sender.post(piece())
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["sha256"] == piece().sha256 == stored(hub).sha256
    assert response.json["result"] == "stored"


def test_sending_twice_has_one_effect_and_one_answer(hub: Flask, sender: Sender) -> None:
    first = sender.post(piece())
    received_at = stored(hub).received_at
    with clock.at(clock.now() + timedelta(hours=1)):
        assert sender.post(piece()).json == first.json
    assert stored(hub).received_at == received_at
    assert number_of(hub, HubReceipt) == 1


def test_a_newer_slice_replaces_and_an_older_one_is_only_receipted(hub: Flask, sender: Sender) -> None:
    newer = piece([row("", "Tiểu học Hoa Sen", counts(40))], sequence=2)
    assert sender.post(newer).status_code == 200
    late = sender.post(piece())
    assert late.json is not None
    assert (late.status_code, late.json["result"]) == (200, "superseded")
    assert stored(hub).sha256 == newer.sha256


def test_a_tampered_body_is_refused(hub: Flask, sender: Sender) -> None:
    response = sender.post(piece(), body=b'{"specversion":"1.0"}')
    assert (response.status_code, response.json) == (401, {"ok": False, "error": "bad_digest"})
    assert number_of(hub, HubSlice) == 0


def test_a_tampered_header_is_refused(hub: Flask, sender: Sender) -> None:
    for name in ("Idempotency-Key", "Content-Type", "Signature-Input"):
        assert sender.post(piece(), changed={name: "sig=1"}).status_code == 401
    assert number_of(hub, HubSlice) == 0


def test_strangers_and_withdrawn_keys_are_refused(hub: Flask, sender: Sender, tmp_path: Path) -> None:
    stranger = Sender(hub, signing_key(tmp_path / "stranger"))
    assert stranger.post(piece()).json == {"ok": False, "error": "unknown_key"}
    with hub.app_context():
        withdraw_key(SYSTEM, sender.key.key_id)
    assert sender.post(piece()).json == {"ok": False, "error": "unknown_key"}


def test_nobody_sends_in_another_senders_name(hub: Flask, sender: Sender, tmp_path: Path) -> None:
    key = signing_key(tmp_path / "other")
    with hub.app_context():
        add_sender_key(SYSTEM, "binh-phuoc", key.public_pem)
    impostor = Sender(hub, key, code="dong-nai")
    assert impostor.post(piece()).json == {"ok": False, "error": "bad_envelope"}


def test_an_unsigned_message_is_refused(hub: Flask) -> None:
    response = hub.test_client().post("/hub/v1/slices", data=b"{}")
    assert (response.status_code, response.json) == (401, {"ok": False, "error": "unsigned"})


def test_an_old_message_cannot_be_replayed(hub: Flask, sender: Sender) -> None:
    headers, body = sender.signed(piece())
    with clock.at(clock.now() + timedelta(minutes=7)):
        response = hub.test_client().post("/hub/v1/slices", data=body, headers=headers)
    assert (response.status_code, response.json) == (401, {"ok": False, "error": "expired"})


def test_the_same_number_with_another_content_is_refused(hub: Flask, sender: Sender) -> None:
    sender.post(piece())
    other = piece([row("", "Tiểu học Hoa Sen", counts(40))])
    response = sender.post(other)
    assert (response.status_code, response.json) == (409, {"ok": False, "error": "sequence_reused"})
    assert stored(hub).sha256 == piece().sha256


def test_a_key_with_another_content_is_refused(hub: Flask, sender: Sender) -> None:
    first = sender.post(piece())
    assert first.json is not None
    other = piece([row("", "Tiểu học Hoa Sen", counts(40))], sequence=2)
    response = sender.post(other, key=first.json["slice"])
    assert (response.status_code, response.json) == (409, {"ok": False, "error": "key_reused"})
    assert stored(hub).sha256 == piece().sha256


SMALL = row("2", "4/2", counts(9, 2))


REFUSED: list[tuple[list[dict[str, Any]], str]] = [
    (school_rows()[:3], "unprotected"),  # one class alone is the school less the others
    ([*school_rows()[:2], SMALL], "unprotected"),
    ([row("", "Trường nhỏ", counts(9, 2))], "unprotected"),
    ([row("1", "4/1", counts(35))], "bad_envelope"),
    ([{**school_rows()[0], "counts": {"pupils": 30}}], "bad_envelope"),
    ([{**school_rows()[0], "counts": counts(30) | {"late": -1}}], "bad_envelope"),
    ([{**school_rows()[0], "counts": counts(30) | {"late": True}}], "bad_envelope"),
    ([{**school_rows()[0], "counts": counts(30) | {"absent": 1}}], "bad_envelope"),
    ([{**school_rows()[2], "key": "", "counts": counts(30)}], "bad_envelope"),
    ([{**school_rows()[0], "name": "x" * 500}], "bad_envelope"),
]


def test_the_hub_takes_protected_figures_only(hub: Flask, sender: Sender) -> None:
    for rows, error in REFUSED:
        response = sender.post(piece(rows))
        assert (response.status_code, response.json) == (422, {"ok": False, "error": error}), rows
    assert number_of(hub, HubSlice) == 0


def test_a_period_that_is_no_month_and_a_huge_body_are_refused(hub: Flask, sender: Sender) -> None:
    assert sender.post(piece(period="2026-13")).json == {"ok": False, "error": "bad_envelope"}
    response = hub.test_client().post("/hub/v1/slices", data=b" " * (4 * 1024 * 1024 + 1))
    assert (response.status_code, response.json) == (413, {"ok": False, "error": "too_large"})


def test_what_was_lost_at_the_hub_is_put_back_by_sending_it_again(hub: Flask, sender: Sender) -> None:
    first = sender.post(piece())
    with hub.app_context(), db.transaction() as session:
        session.delete(session.scalars(select(HubSlice)).one())
    assert sender.post(piece()).json == first.json
    assert stored(hub).sha256 == piece().sha256


def form(rows: list[dict[str, Any]], period: str = "2026-2027-start") -> Slice:
    content = {"schema": FORM_SCHEMA, "organisation_name": "Tiểu học Hoa Sen", "rows": rows}
    return Slice(SliceAddress(FORM_DATASET, "THA", period), 1, content)


def line(key: str, *counts: int | None) -> dict[str, Any]:
    named = dict(zip(("classes", "pupils", "girls", "not_kinh", "disabled"), counts, strict=True))
    told = {name: count for name, count in named.items() if count is not None}
    return {"key": key, "counts": told, "withheld": [name for name in named if name not in told]}


FORM_ROWS = [
    line("", 6, 180, 90, 40, None),
    line("1", 2, 60, 30, 20, None),
    line("2", 2, 60, 30, None, None),
    line("3", 2, 60, 30, None, None),
]
BAD_FORMS: list[tuple[list[dict[str, Any]], str]] = [
    ([FORM_ROWS[0], *FORM_ROWS[2:]], "bad_envelope"),  # the grades do not add up
    (FORM_ROWS[1:], "bad_envelope"),
    ([*FORM_ROWS[:3], FORM_ROWS[3] | {"withheld": []}], "bad_envelope"),
    ([*FORM_ROWS[:3], FORM_ROWS[2]], "bad_envelope"),
    ([line("", 1, 60, 55, 0, 0), line("1", 1, 60, 55, 0, 0)], "unprotected"),  # five boys
    ([line("", 1, 7, 0, 0, 0), line("1", 1, 7, 0, 0, 0)], "unprotected"),
    (
        [*FORM_ROWS[:3], line("3", 2, 60, 30, 20, None)],
        "unprotected",
    ),  # one grade is the whole less the others
    ([line("", 1, None, 20, None, None), line("1", 1, None, 20, None, None)], "unprotected"),
]


def test_a_form_is_stored_shown_grade_by_grade_and_only_when_protected(hub: Flask, sender: Sender) -> None:
    for rows, error in BAD_FORMS:
        assert sender.post(form(rows)).json == {"ok": False, "error": error}, rows
    assert sender.post(form(FORM_ROWS, "2026-10")).json == {"ok": False, "error": "bad_envelope"}
    assert number_of(hub, HubSlice) == 0
    assert sender.post(form(FORM_ROWS)).status_code == 200
    assert sender.post(piece()).status_code == 200
    client = operator(hub)
    shown = client.get("/hub/forms").text
    assert "Báo cáo đầu năm học 2026-2027" in " ".join(shown.split())
    assert "0 trong 1 trường cho biết" in shown
    opened = client.get("/hub/forms?period=2026-2027-start&sender=dong-nai&organisation=THA").text
    assert opened.count("không công bố</span>") == 6
    assert "2026-2027-start" not in client.get("/hub").text
    assert "Chưa tiếp nhận" in client.get("/hub").text or "Tiểu học Hoa Sen" in client.get("/hub").text


# --- reading back -------------------------------------------------------------------------------------------------


def test_a_sender_reads_back_its_own_hashes_only(hub: Flask, sender: Sender, tmp_path: Path) -> None:
    sender.post(piece())
    key = signing_key(tmp_path / "other")
    with hub.app_context():
        add_sender_key(SYSTEM, "binh-phuoc", key.public_pem)
    other = Sender(hub, key, code="binh-phuoc")
    assert other.ask().json == {"slices": []}
    held = sender.ask().json
    assert held is not None
    assert [(item["organisation"], item["sha256"]) for item in held["slices"]] == [("THA", piece().sha256)]
    assert hub.test_client().get("/hub/v1/slices").status_code == 401


# --- dashboard ----------------------------------------------------------------------------------------------------


def test_the_operator_sees_what_was_received_and_that_some_is_withheld(hub: Flask, sender: Sender) -> None:
    sender.post(piece())
    sender.post(piece([row("", "Trường Tiểu học Nhỏ", None), row("9", "1/1", None)], organisation="THN"))
    client = operator(hub)
    shown = client.get("/hub?month=2026-10").text
    assert "Sở GD&amp;ĐT Đồng Nai" in shown
    assert f"{100 * (74 * 22 - 60) / (74 * 22):.1f}".replace(".", ",") in shown
    assert "không công bố" in shown
    assert "không kể 1 trường không công bố" in shown
    opened = client.get("/hub?month=2026-10&sender=dong-nai&organisation=THA").text
    assert opened.count("không công bố</td>") == 2
    assert "4/1" in opened


def test_the_dashboard_is_for_operators(hub: Flask) -> None:
    assert hub.test_client().get("/hub").status_code == 302


def test_an_empty_hub_says_why(hub: Flask) -> None:
    assert "Chưa tiếp nhận số liệu nào" in operator(hub).get("/hub").text


# --- senders ------------------------------------------------------------------------------------------------------


def test_a_sender_is_added_on_the_command_line(hub: Flask, tmp_path: Path) -> None:
    key = signing_key(tmp_path / "new")
    file = tmp_path / "new.pem"
    file.write_text(key.public_pem)
    runner = hub.test_cli_runner()
    for _ in range(2):
        result = runner.invoke(args=["hub", "sender", "add", "binh-phuoc", str(file)])
        assert (result.exit_code, key.key_id in result.output) == (0, True)
    assert key.key_id in runner.invoke(args=["hub", "sender", "list"]).output
    file.write_text("not a key")
    assert runner.invoke(args=["hub", "sender", "add", "x", str(file)]).exit_code != 0
    assert runner.invoke(args=["hub", "sender", "withdraw-key", key.key_id]).exit_code == 0
    assert runner.invoke(args=["hub", "sender", "withdraw-key", "nobody"]).exit_code != 0
