"""Writing the outbox: queue, claim, settle, send again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import say
from reports.envelope.rules import Receipt, Result, Slice, SliceAddress
from reports.exchange.models import OutgoingSlice
from reports.exchange.queries import latest_slice
from reports.exchange.rules import WAITING, Failure, SliceState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor

CLAIM: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one slice until a moment; whoever settles it later is not listened to."""

    row: OutgoingSlice
    until: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending: the state that follows, and what is noted beside it."""

    state: SliceState
    failure: Failure | None = None
    status: int | None = None
    receipt: Receipt | None = None
    wait: timedelta = timedelta()


def queue_slice(
    session: Session,
    school_id: int,
    address: tuple[str, str, str],
    content: Mapping[str, Any],
    certificate: Mapping[str, object],
    accepted_at: datetime,
) -> OutgoingSlice:
    """Put a slice into the outbox in the running transaction. `address` is (dataset, organisation code, period).

    It replaces its predecessor: one that still waits is not sent any more.
    """
    dataset, organisation, period = address
    before = latest_slice(session, school_id, dataset, period)
    piece = Slice(SliceAddress(*address), before.sequence + 1 if before else 1, content)
    row = OutgoingSlice(
        dataset=dataset,
        school_id=school_id,
        organisation=organisation,
        period=period,
        sequence=piece.sequence,
        content=piece.body,
        sha256=piece.sha256,
        row_count=piece.row_count,
        replaces_sha256=before.sha256 if before else None,
        certificate=json.dumps(certificate, ensure_ascii=False),
        accepted_at=accepted_at,
        state=SliceState.QUEUED,
        attempts=0,
        next_try_at=accepted_at,
    )
    if before and before.state in {SliceState.QUEUED, SliceState.FAILED}:
        before.state = SliceState.REPLACED
    session.add(row)
    session.flush()
    return row


def claim_next() -> Claim | None:
    """Take the oldest waiting slice to send it, if its time has come and nobody else is sending.

    Slices go out one after the other, in the order in which they were accepted. A sender that died holds its claim
    for two minutes. Several workers may ask at once (SKIP LOCKED).
    """
    now = clock.now()
    with db.transaction() as session:
        waiting = OutgoingSlice.state.in_(WAITING)
        row = session.scalar(
            select(OutgoingSlice)
            .where(waiting)
            .order_by(OutgoingSlice.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None or row.id != session.scalar(select(func.min(OutgoingSlice.id)).where(waiting)):
            return None
        is_being_sent = row.claimed_until is not None and row.claimed_until > now
        if is_being_sent or row.next_try_at > now:
            return None
        row.state, row.attempts, row.claimed_until = SliceState.SENDING, row.attempts + 1, now + CLAIM
        row.sent_at = now
        return Claim(row, row.claimed_until)


def settle(claim: Claim, outcome: Outcome) -> bool:
    """Note what came of a claimed slice; return False when the claim had run out and somebody else took over."""
    now = clock.now()
    with db.transaction() as session:
        row = session.get_one(OutgoingSlice, claim.row.id, with_for_update=True)
        if row.state != SliceState.SENDING or row.claimed_until != claim.until:
            return False
        row.state, row.claimed_until = outcome.state, None
        row.last_status, row.last_error = outcome.status, outcome.failure
        row.next_try_at = now + outcome.wait
        if outcome.receipt is not None:
            row.receipt = json.dumps(outcome.receipt.as_json())
            row.received_at = outcome.receipt.received_at
            if outcome.receipt.result is Result.SUPERSEDED:
                row.state = SliceState.REPLACED
    return True


def send_again(actor: Actor, row: OutgoingSlice) -> None:
    """Queue a slice to be sent now, whatever came of it before. Raises ConflictError when a newer one replaced it."""
    with db.transaction() as session:
        current = session.get_one(OutgoingSlice, row.id, with_for_update=True)
        if current.state == SliceState.REPLACED:
            raise ConflictError(say("Đã có bản mới hơn thay cho bản này."))
        if current.state == SliceState.SENDING:
            return
        current.state, current.next_try_at, current.attempts = SliceState.QUEUED, clock.now(), 0
        record(session, actor, "slice.sent_again", ("outgoing_slice", row.id), {"period": row.period})


def reconcile(held: Mapping[SliceAddress, tuple[int, str]], rows: list[OutgoingSlice]) -> int:
    """Compare what the hub says it holds, {address: (sequence, hash)}, with what was delivered; return how many differ.

    The same hash is noted as verified; an older or missing one is sent again; a newer one is somebody's to look at.
    """
    now, differing = clock.now(), 0
    with db.transaction() as session:
        for row in session.scalars(
            select(OutgoingSlice).where(OutgoingSlice.id.in_([row.id for row in rows]))
        ):
            sequence, sha256 = held.get(SliceAddress(row.dataset, row.organisation, row.period), (0, ""))
            if sha256 == row.sha256:
                row.state, row.verified_at, row.last_error = SliceState.RECEIVED, now, None
                row.received_at = row.received_at or now
                continue
            differing += 1
            if sequence < row.sequence:
                row.state, row.next_try_at, row.attempts = SliceState.QUEUED, now, 0
                row.last_error = Failure.LOST_AT_HUB
            else:
                row.state, row.last_error = SliceState.FAILED, Failure.NEWER_AT_HUB
    return differing
