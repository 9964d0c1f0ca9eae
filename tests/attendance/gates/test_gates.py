"""Gates: registered by the school, believed by their signature, each scan answered, and nobody marked by any of it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.models import AuditEntry
from app.school.commands import replace_card
from app.school.models import Pupil, PupilCard
from app.signing import Message, Profile, SigningKey, fingerprint, new_key, sign
from attendance.evidence.models import Evidence
from attendance.gates.commands import add_gate, revoke_gate
from attendance.gates.models import Gate
from attendance.gates.rules import MOST_SCANS, SIGNED, Outcome, card_code, instant
from attendance.registers.models import Mark
from tests.attendance.evidence.test_evidence import island
from tests.world import MORNING

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.test import TestResponse

    from tests.world import World

PATH = "/api/v1/evidence"
TIME = "2026-10-05T06:52:10+07:00"


@dataclass
class Device:
    """A gate that sends what it is told to."""

    world: World
    key: SigningKey

    def send(
        self,
        content: object,
        *,
        now: datetime | None = None,
        key: SigningKey | None = None,
        profile: Profile = SIGNED,
        swap: bytes | None = None,
    ) -> TestResponse:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        message = Message("POST", f"http://localhost{PATH}", {"Content-Type": "application/json"})
        sign(profile, message, body, key or self.key, now or clock.now())
        return self.raw(swap or body, message.headers)

    def raw(self, body: bytes, headers: dict[str, str]) -> TestResponse:
        with clock.at(MORNING):
            return self.world.app.test_client().post(PATH, data=body, headers=headers)

    def results(self, *scans: dict[str, Any]) -> list[str]:
        answer = self.send({"scans": list(scans)}, now=MORNING)
        assert answer.status_code == 200, answer.text
        return [one["result"] for one in answer.get_json()["results"]]


@pytest.fixture
def gate(world: World) -> Device:
    with world.app.app_context(), clock.at(MORNING):
        return Device(world, add_gate(SYSTEM, world.school_ids["a"], "Cổng chính", "form-1"))


def card(world: World, relation: str = "own", number: int = 0) -> str:
    with world.app.app_context():
        query = select(PupilCard.code).where(
            PupilCard.pupil_id == world.pupil_ids[relation][number], PupilCard.revoked_at.is_(None)
        )
        return db.session().scalars(query).one()


def kept(world: World) -> list[Evidence]:
    with world.app.app_context():
        assert db.session().scalars(select(Mark)).all() == []
        return list(db.session().scalars(select(Evidence).order_by(Evidence.id)))


def test_a_school_registers_a_gate_that_signs_as_the_manual_says_and_sends_it_away(world: World) -> None:
    school = world.school_ids["a"]
    clerk = world.client(Role.OFFICE_CLERK, gave_factor=True)
    form = {"name": "Cổng chính", "client_key": "form-1"}
    page = clerk.post(f"/schools/{school}/gates", data=form).text
    pem = page[page.index("-----BEGIN") : page.index("-----END")] + "-----END PRIVATE KEY-----\n"
    private = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    key_id = fingerprint(private.public_key())
    assert clerk.post(f"/schools/{school}/gates", data=form).status_code == 409
    assert clerk.post(f"/schools/{school}/gates", data=form | {"name": ""}).status_code == 422
    body = json.dumps({"card": card(world), "time": TIME, "gate": key_id}).encode()
    headers = by_hand(private, key_id, body)
    answer = Device(world, SigningKey(key_id, private)).raw(body, headers)
    assert answer.get_json() == {"results": [{"id": None, "result": "stored"}]}
    seen = clerk.get(f"/schools/{school}/gates").text
    assert "07:05" in seen
    assert "BEGIN" not in seen
    with world.app.app_context():
        row = db.session().scalars(select(Gate)).one()
    assert clerk.post(f"/gates/{row.id}/revoke").status_code == 302
    with world.app.app_context():
        names = [name for name in db.session().scalars(select(AuditEntry.action)) if name.startswith("gate.")]
    assert names == ["gate.added", "gate.revoked"]


def by_hand(private: Ed25519PrivateKey, key_id: str, body: bytes) -> dict[str, str]:
    """Sign as docs/operations.md shows it, without the library."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    now = int(MORNING.timestamp())
    covered = (
        '("@method" "@path" "content-type" "content-digest")'
        f';created={now};expires={now + 60};keyid="{key_id}";alg="ed25519";tag="bangxanh-gate"'
    )
    base = (
        f'"@method": POST\n"@path": {PATH}\n"content-type": application/json\n'
        f'"content-digest": {digest}\n"@signature-params": {covered}'
    )
    signature = base64.b64encode(private.sign(base.encode())).decode()
    return {
        "Content-Type": "application/json",
        "Content-Digest": digest,
        "Signature-Input": f"sig={covered}",
        "Signature": f"sig=:{signature}:",
    }


def test_every_scan_is_answered_by_itself_and_a_card_of_elsewhere_is_an_invented_one(
    world: World, gate: Device
) -> None:
    with world.app.app_context(), clock.at(MORNING):
        pupil = db.session().get_one(Pupil, world.pupil_ids["own"][1])
        lost = card(world, number=1)
        replace_card(SYSTEM, pupil, world.school_ids["a"], world.year_id)
    own, other = card(world), card(world, "other_class")
    outcomes = gate.results(
        {"id": "s1", "card": own, "time": TIME},
        {"id": "s2", "card": lost, "time": TIME},
        {"id": "s3", "card": card(world, "other_school"), "time": TIME},
        {"id": "s4", "card": "0000", "time": TIME},
        {"id": "s5", "card": own, "time": "2026-10-05T07:20:00+07:00"},
        {"id": "s6", "card": own, "time": "2026-09-30T07:00:00+07:00"},
        {"id": "s7", "card": own, "time": "2026-10-05T06:52:10"},
        {"id": "s8", "card": own, "time": TIME, "gate": "somebody-else"},
        {"id": "s9", "card": own, "time": TIME, "colour": "red"},
        {"card": f"https://truong.example/j#{other.lower()}", "time": TIME},
        {"id": "s1", "card": other, "time": TIME},
    )
    assert outcomes == [
        "stored", "unknown_card", "unknown_card", "unknown_card", "in_future", "too_old", "invalid", "invalid",
        "invalid", "stored", "id_reused",
    ]  # fmt: skip
    rows = kept(world)
    assert [row.pupil_id for row in rows] == [world.pupil_ids["own"][0], world.pupil_ids["other_class"][0]]
    assert {(row.kind, row.slot, row.day.isoformat()) for row in rows} == {("gate", 1, "2026-10-05")}


def test_the_same_scan_again_has_one_effect_and_one_answer(world: World, gate: Device) -> None:
    scan = {"id": "scan-1", "card": card(world), "time": TIME}
    unnamed = {"card": card(world, number=2), "time": TIME}
    assert gate.results(scan, unnamed) == gate.results(scan, unnamed) == ["stored", "stored"]
    assert len(kept(world)) == 2
    with world.app.app_context(), clock.at(MORNING):
        second = Device(world, add_gate(SYSTEM, world.school_ids["a"], "Cổng sau", "form-2"))
    assert second.results(scan) == ["stored"], "each gate has its own ids"
    assert len(kept(world)) == 3


def test_what_is_not_signed_by_a_gate_in_use_is_refused_with_its_reason(world: World, gate: Device) -> None:
    scan = {"card": card(world), "time": TIME}
    assert gate.send(scan, now=MORNING).status_code == 200
    refused = [
        gate.raw(json.dumps(scan).encode(), {"Content-Type": "application/json"}),
        gate.send(scan, now=MORNING, key=new_key()),
        gate.send(scan, now=MORNING, key=SigningKey(gate.key.key_id, new_key().private)),
        gate.send(scan, now=MORNING - timedelta(minutes=20)),
        gate.send(scan, now=MORNING + timedelta(minutes=20)),
        gate.send(scan, now=MORNING, swap=b'{"card": "AAAA"}'),
        gate.send(scan, now=MORNING, profile=Profile("bangxanh-hub", SIGNED.always, SIGNED.with_body)),
        gate.send(
            scan, now=MORNING, profile=Profile(SIGNED.tag, ("@method",), ("@method", "content-digest"))
        ),
    ]
    with world.app.app_context(), clock.at(MORNING):
        revoke_gate(SYSTEM, db.session().scalars(select(Gate.id)).one())
    refused.append(gate.send(scan, now=MORNING))
    assert [(one.status_code, one.get_json()["error"]) for one in refused] == [
        (401, "unsigned"), (401, "unknown_key"), (401, "bad_signature"), (401, "expired"), (401, "expired"),
        (401, "bad_digest"), (401, "bad_signature"), (401, "bad_signature"), (401, "unknown_key"),
    ]  # fmt: skip
    assert len(kept(world)) == 1


def test_too_much_at_once_is_refused_whole(world: World, gate: Device) -> None:
    scan = {"card": card(world), "time": TIME}
    for content, status in (
        ({"scans": [scan] * (MOST_SCANS + 1)}, 422),
        ({"scans": []}, 422),
        ({"scans": [scan], "more": 1}, 422),
        (b"[" * 60_000, 422),
        (b'"\\ud800"', 422),
        (b"x" * 70_000, 413),
    ):
        assert gate.send(content, now=MORNING).status_code == status
    assert gate.results(*[scan] * MOST_SCANS) == ["stored"] * MOST_SCANS
    assert len(kept(world)) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_SCANS = st.fixed_dictionaries(
    {
        "card": _JSON | st.text(),
        "time": _JSON | st.datetimes().map(str) | st.just("0001-01-01T00:00:00+14:00"),
    },
    optional={"id": _JSON, "gate": _JSON, "more": _JSON},
)


@settings(max_examples=40)
@given(content=_JSON | _SCANS | st.fixed_dictionaries({"scans": st.lists(_SCANS | _JSON, max_size=4)}))
def test_nothing_that_a_signed_gate_sends_is_more_than_refused(
    world: World, gate: Device, content: object
) -> None:
    answer = gate.send(content, now=MORNING)
    assert answer.status_code in {200, 422}
    if answer.status_code == 200:
        assert {one["result"] for one in answer.get_json()["results"]} <= set(Outcome) - {Outcome.STORED}


@given(st.text(), st.datetimes(timezones=st.timezones()))
def test_codes_and_times_are_read_or_refused_never_guessed(text: str, moment: datetime) -> None:
    assert card_code(f"https://truong.example/j#{card_code(text)}") == card_code(card_code(text))
    assert instant(moment.replace(tzinfo=None).isoformat()) is None
    found = instant(moment.isoformat())
    assert found is None or abs(found - moment) < timedelta(minutes=1)


def test_a_scan_after_the_bell_suggests_the_minutes_and_an_earlier_one_does_not(
    world: World, gate: Device
) -> None:
    late = {"card": card(world), "time": "2026-10-05T07:03:40+07:00"}
    early = {"card": card(world, number=2), "time": TIME}
    back = {"card": card(world, number=2), "time": "2026-10-05T07:04:00+07:00"}
    assert gate.results(late, early, back) == ["stored"] * 3
    with clock.at(MORNING):
        data = island(world)
    assert data["suggestions"] == {
        str(world.pupil_ids["own"][0]): [
            {"kind": "gate", "words": "quẹt thẻ cổng 07:03, trễ 3 phút", "letter": "T", "minutes": 3}
        ],
        str(world.pupil_ids["own"][2]): [
            {"kind": "gate", "words": "quẹt thẻ cổng 06:52", "letter": None, "minutes": None}
        ],
    }
    assert len(kept(world)) == 3
