"""Writing at the hub: who may send, and what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from reports.envelope.rules import Receipt, Result, Slice, slice_key
from reports.exchange.rules import Failure
from reports.hub.models import HubReceipt, HubSender, HubSenderKey, HubSlice
from reports.hub.queries import receipt_for
from reports.signatures.rules import fingerprint, public_pem, read_public_pem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor


class SliceRefusedError(Exception):
    """A well-signed slice that contradicts what the hub has; `failure` is told to the sender."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


def add_sender_key(actor: Actor, code: str, pem: str, name: str = "") -> str:
    """Let a sender sign with this public key; make the sender when it is new. Returns the key id.

    Adding the same key again changes nothing. Raises InvalidError for anything but an Ed25519 public key, ConflictError
    when the key belongs to another sender or was withdrawn.
    """
    try:
        key = read_public_pem(pem)
    except ValueError as error:
        raise InvalidError(say("Đây không phải khóa công khai Ed25519 dạng PEM.")) from error
    key_id = fingerprint(key)
    with db.transaction() as session:
        sender = session.scalar(select(HubSender).where(HubSender.code == code))
        if sender is None:
            sender = HubSender(code=code, name=name or code, added_at=clock.now())
            session.add(sender)
            session.flush()
        elif name:
            sender.name = name
        known = session.scalar(select(HubSenderKey).where(HubSenderKey.key_id == key_id))
        if known is not None:
            return _known_key(known, sender)
        row = HubSenderKey(
            sender_id=sender.id, key_id=key_id, public_pem=public_pem(key), added_at=clock.now()
        )
        session.add(row)
        record(session, actor, "hub.key_added", ("hub_sender", sender.id), {"code": code, "key_id": key_id})
    return key_id


def _known_key(known: HubSenderKey, sender: HubSender) -> str:
    if known.sender_id != sender.id or known.withdrawn_at is not None:
        raise ConflictError(say("Khóa này đã bị thu hồi hoặc thuộc nơi gửi khác."))
    return known.key_id


def withdraw_key(actor: Actor, key_id: str) -> None:
    """Accept nothing signed with this key any more. Raises NotFoundError when nobody has it."""
    with db.transaction() as session:
        row = session.scalar(select(HubSenderKey).where(HubSenderKey.key_id == key_id))
        if row is None:
            raise NotFoundError
        if row.withdrawn_at is None:
            row.withdrawn_at = clock.now()
            record(session, actor, "hub.key_withdrawn", ("hub_sender", row.sender_id), {"key_id": key_id})


def store_slice(sender_id: int, piece: Slice, idempotency_key: str) -> Receipt:
    """Store a verified slice in the place of its predecessor and return the receipt.

    The same key with the same content gets the same receipt and has no second effect. Raises SliceRefusedError when the
    key was used for another content, or the number for another slice. A slice that comes late, after a newer one, is
    receipted and not stored.
    """
    try:
        return _store_once(sender_id, piece, idempotency_key)
    except IntegrityError:
        # Another process stored this message, or another slice of the same address, in the same moment: look again.
        return _store_once(sender_id, piece, idempotency_key)


def _store_once(sender_id: int, piece: Slice, idempotency_key: str) -> Receipt:
    with db.transaction() as session:
        receipt = receipt_for(session, sender_id, idempotency_key)
        if receipt is not None and receipt.sha256 != piece.sha256:
            raise SliceRefusedError(Failure.KEY_REUSED)
        if idempotency_key != slice_key(piece.address, piece.sequence, piece.sha256):
            raise SliceRefusedError(Failure.BAD_ENVELOPE)
        result = _replace(
            session, sender_id, piece
        )  # again too: what was lost here is put back by sending it again
        receipt = receipt or _write_receipt(session, sender_id, idempotency_key, piece.sha256, result)
        return Receipt(receipt.idempotency_key, receipt.sha256, Result(receipt.result), receipt.received_at)


def _replace(session: Session, sender_id: int, piece: Slice) -> Result:
    address = piece.address
    row = session.scalar(
        select(HubSlice)
        .where(
            HubSlice.sender_id == sender_id,
            HubSlice.dataset == address.dataset,
            HubSlice.organisation == address.organisation,
            HubSlice.period == address.period,
        )
        .with_for_update()
    )
    if row is None:
        row = HubSlice(
            sender_id=sender_id,
            dataset=address.dataset,
            organisation=address.organisation,
            period=address.period,
        )
        session.add(row)
    elif row.sequence > piece.sequence:
        return Result.SUPERSEDED
    elif row.sequence == piece.sequence:
        if row.sha256 != piece.sha256:
            raise SliceRefusedError(Failure.SEQUENCE_REUSED)
        return Result.STORED
    row.sequence, row.sha256, row.row_count = piece.sequence, piece.sha256, piece.row_count
    row.content, row.received_at = piece.body, clock.now()
    session.flush()
    return Result.STORED


def _write_receipt(
    session: Session, sender_id: int, idempotency_key: str, sha256: str, result: Result
) -> HubReceipt:
    row = HubReceipt(
        sender_id=sender_id,
        idempotency_key=idempotency_key,
        sha256=sha256,
        result=result,
        received_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row
