"""Reading what the hub holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from reports.envelope.rules import Slice, SliceAddress
from reports.hub.models import HubReceipt, HubSender, HubSenderKey, HubSlice
from reports.hub.rules import ReceivedRow, read_form, read_rows
from reports.official.rules import FORM_DATASET, OfficialPeriod
from reports.releases.rules import DATASET
from reports.signatures.rules import read_public_pem

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from sqlalchemy.orm import Session

    from reports.cubes.rules import Month
    from reports.official.rules.dataset import TravellingLine


@dataclass(frozen=True, slots=True)
class ReceivedMonth:
    """The slice of one organisation and month, read."""

    sender_code: str
    sender_name: str
    organisation: str
    received_at: datetime
    data_as_of: str
    sequence: int
    rows: tuple[ReceivedRow, ...]

    @property
    def school(self) -> ReceivedRow:
        """The row of the organisation as a whole."""
        return self.rows[0]


def public_key(session: Session, key_id: str) -> Ed25519PublicKey | None:
    """Return the valid key with this id, None when it is unknown or withdrawn."""
    pem = session.scalar(
        select(HubSenderKey.public_pem).where(
            HubSenderKey.key_id == key_id, HubSenderKey.withdrawn_at.is_(None)
        )
    )
    return read_public_pem(pem) if pem else None


def sender_of_key(session: Session, key_id: str) -> HubSender:
    """Return the sender to whom a key belongs."""
    return session.scalars(
        select(HubSender)
        .join(HubSenderKey, HubSenderKey.sender_id == HubSender.id)
        .where(HubSenderKey.key_id == key_id)
    ).one()


def receipt_for(session: Session, sender_id: int, idempotency_key: str) -> HubReceipt | None:
    """Return what was answered to this key before."""
    return session.scalar(
        select(HubReceipt).where(
            HubReceipt.sender_id == sender_id, HubReceipt.idempotency_key == idempotency_key
        )
    )


def slices_of_sender(session: Session, sender_id: int) -> list[HubSlice]:
    """Return what is held of a sender, for reading back."""
    return list(
        session.scalars(select(HubSlice).where(HubSlice.sender_id == sender_id).order_by(HubSlice.id))
    )


def periods_held(session: Session) -> list[str]:
    """Return the months of which anything is held, the newest first."""
    query = (
        select(HubSlice.period).where(HubSlice.dataset == DATASET).distinct().order_by(HubSlice.period.desc())
    )
    return list(session.scalars(query))


def months_received(
    session: Session, month: Month, sender: str | None = None, organisation: str | None = None
) -> list[ReceivedMonth]:
    """Return what was received for a month, by sender and organisation; of one of them only where one is given."""
    query = (
        select(HubSlice, HubSender)
        .join(HubSender, HubSender.id == HubSlice.sender_id)
        .where(HubSlice.dataset == DATASET, HubSlice.period == str(month))
        .order_by(HubSender.name, HubSlice.organisation)
    )
    if sender is not None:
        query = query.where(HubSender.code == sender)
    if organisation is not None:
        query = query.where(HubSlice.organisation == organisation)
    return [_received(row, sender) for row, sender in session.execute(query)]


def _received(row: HubSlice, sender: HubSender) -> ReceivedMonth:
    content = json.loads(row.content)
    piece = Slice(SliceAddress(row.dataset, row.organisation, row.period), row.sequence, content)
    return ReceivedMonth(
        sender_code=sender.code,
        sender_name=sender.name,
        organisation=row.organisation,
        received_at=row.received_at,
        data_as_of=str(content.get("data_as_of", "")),
        sequence=row.sequence,
        rows=tuple(read_rows(piece)),
    )


@dataclass(frozen=True, slots=True)
class ReceivedForm:
    """The official form of one organisation, read; `lines` are the whole and its grades."""

    sender_code: str
    sender_name: str
    organisation: str
    name: str
    received_at: datetime
    lines: tuple[TravellingLine, ...]

    @property
    def whole(self) -> TravellingLine:
        """The line of the whole organisation."""
        return self.lines[0]


def form_periods_held(session: Session) -> list[OfficialPeriod]:
    """Return the official days of which a form is held, the newest first."""
    query = select(HubSlice.period).where(HubSlice.dataset == FORM_DATASET).distinct()
    found = [one for name in session.scalars(query) if (one := OfficialPeriod.parse(name))]
    return sorted(found, key=lambda one: one.as_of, reverse=True)


def forms_received(session: Session, period: OfficialPeriod) -> list[ReceivedForm]:
    """Return the forms received for an official day, by sender and organisation."""
    rows = session.execute(
        select(HubSlice, HubSender)
        .join(HubSender, HubSender.id == HubSlice.sender_id)
        .where(HubSlice.dataset == FORM_DATASET, HubSlice.period == period.name)
        .order_by(HubSender.name, HubSlice.organisation)
    )
    return [_form(row, sender) for row, sender in rows]


def _form(row: HubSlice, sender: HubSender) -> ReceivedForm:
    content = json.loads(row.content)
    piece = Slice(SliceAddress(row.dataset, row.organisation, row.period), row.sequence, content)
    return ReceivedForm(
        sender.code,
        sender.name,
        row.organisation,
        str(content["organisation_name"]),
        row.received_at,
        tuple(read_form(piece)),
    )


def senders(session: Session) -> list[tuple[HubSender, list[HubSenderKey]]]:
    """Return the senders with their keys, in order of their codes."""
    keys = session.scalars(select(HubSenderKey).order_by(HubSenderKey.id)).all()
    return [
        (sender, [key for key in keys if key.sender_id == sender.id])
        for sender in session.scalars(select(HubSender).order_by(HubSender.code))
    ]
