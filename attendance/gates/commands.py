"""Writes of gates: register one, revoke it, store what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.signing import SigningKey, new_key
from app.text import clean_name
from app.writer import write_in_bulk
from attendance.evidence.models import Evidence
from attendance.evidence.rules import EvidenceKind
from attendance.gates.models import Gate
from attendance.gates.queries import pupils_of_cards
from attendance.gates.rules import Outcome, Scan, judged, source_of
from attendance.registers.commands.inserting import insert_missing
from attendance.registers.rules.states import session_at, slot_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor

SEEN_EVERY: Final = timedelta(seconds=30)
"""How exactly it is kept when a gate was seen last: at the morning peak it is seen every moment."""


def add_gate(actor: Actor, school_id: int, name: str, client_key: str) -> SigningKey:
    """Register a gate and return its key: this once, for only the public half is kept.

    Raises InvalidError without a name, ConflictError when the form came before.
    """
    name = clean_name(name)[:80]
    if not name:
        fault = say("Hãy đặt tên cho cổng.")
        raise InvalidError(fault, {"name": fault})
    key = new_key()
    row = Gate(
        school_id=school_id,
        name=name,
        client_key=client_key,
        key_id=key.key_id,
        public_pem=key.public_pem,
        made_by=actor.user_id or None,
        made_at=clock.now(),
    )
    try:
        with db.transaction() as session:
            session.add(row)
            session.flush()
            record(session, actor, "gate.added", ("school", school_id), {"gate": row.key_id, "name": name})
    except IntegrityError as error:
        raise ConflictError(
            say("Cổng này đã được thêm; khóa chỉ hiện một lần. Nếu chưa chép, hãy thu hồi rồi thêm lại.")
        ) from error
    return key


def revoke_gate(actor: Actor, gate_id: int) -> None:
    """Take nothing from a gate any more. Twice is once; what it told before stays."""
    with db.transaction() as session:
        row = session.get_one(Gate, gate_id, with_for_update=True)
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            details = {"gate": row.key_id, "name": row.name}
            record(session, actor, "gate.revoked", ("school", row.school_id), details)


# --- what gates see -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Batch:
    """Scans of one gate, as they came in one message; `seen_at` is when the gate is known to have been seen last."""

    gate_id: int
    school_id: int
    scans: tuple[Scan, ...]
    seen_at: datetime | None = None


def store_scans(batch: Batch) -> list[Outcome]:
    """Store the scans of a message and say of each what became of it, in order; one bad scan harms no other.

    The same scan again has no second effect and the same answer. Messages that come at once share a commit.
    """
    return write_in_bulk(_store, batch)


def _store(session: Session, batches: Sequence[Batch]) -> list[list[Outcome]]:
    now = clock.now()
    outcomes = [_store_one(session, batch, now) for batch in batches]
    seen = {one.gate_id for one in batches if one.seen_at is None or one.seen_at < now - SEEN_EVERY}
    if seen:
        session.execute(
            update(Gate)
            .where(Gate.id.in_(seen))
            .values(last_seen_at=now)
            .execution_options(synchronize_session=False)
        )
    return outcomes


def _store_one(session: Session, batch: Batch, now: datetime) -> list[Outcome]:
    pupils = pupils_of_cards(session, batch.school_id, clock.today(), {scan.code for scan in batch.scans})
    outcomes = [_outcome(scan, pupils, now) for scan in batch.scans]
    good = [
        _row(batch, scan, pupils[scan.code])
        for scan, outcome in zip(batch.scans, outcomes, strict=True)
        if outcome is Outcome.STORED
    ]
    insert_missing(session, Evidence, ("source",), good)
    kept = _kept(session, [str(row["source"]) for row in good])
    for number, scan in enumerate(batch.scans):
        if outcomes[number] is Outcome.STORED:
            said = pupils[scan.code], scan.at
            is_same = kept[source_of(batch.gate_id, scan.id)] == said
            outcomes[number] = Outcome.STORED if is_same else Outcome.ID_REUSED
    return outcomes


def _outcome(scan: Scan, pupils: Mapping[str, int], now: datetime) -> Outcome:
    """Judge the time before the card: what is told of a scan does not depend on whether a card is known elsewhere."""
    outcome = judged(scan.at, now)
    return Outcome.UNKNOWN_CARD if outcome is Outcome.STORED and scan.code not in pupils else outcome


def _row(batch: Batch, scan: Scan, pupil_id: int) -> dict[str, object]:
    """Return the row of a scan, in the session of its time, whether or not the school has one then.

    Late in the afternoon a day school's pupils go home. Among the evening's, which that school does not hold, such a
    scan stands beside no name; among the afternoon's it would make somebody who stayed over noon four hours late.
    """
    local = clock.local(scan.at)
    return {
        "kind": EvidenceKind.GATE,
        "pupil_id": pupil_id,
        "school_id": batch.school_id,
        "day": local.date(),
        "slot": slot_of(session_at(local.time())),
        "period": None,
        "at": scan.at,
        "source": source_of(batch.gate_id, scan.id),
    }


def _kept(session: Session, sources: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    if not sources:
        return {}
    rows = session.execute(
        select(Evidence.source, Evidence.pupil_id, Evidence.at).where(Evidence.source.in_(sources))
    )
    return {source: (pupil_id, at) for source, pupil_id, at in rows}
