"""Writing to the audit log. `record` takes the running transaction: an act and its entry are stored together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry, AuditHead
from app.audit.rules import GENESIS, Entry, canonical, entry_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from app.access import Actor


def record(
    current: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, object],
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Append an entry in the running transaction. `subject` is (kind, id); details hold no secret."""
    current.flush()
    head = current.scalar(select(AuditHead).where(AuditHead.id == 1).with_for_update())
    if head is None:
        head = AuditHead(id=1, sequence=0, entry_hash=GENESIS)
        current.add(head)
    entry = Entry(
        sequence=head.sequence + 1,
        at=clock.now().isoformat(),
        user_id=actor.user_id or None,
        user_name=actor.name,
        action=action,
        subject_kind=subject[0],
        subject_id=str(subject[1]),
        details=canonical(dict(details or {})),
    )
    row = _row(head.entry_hash, entry)
    current.add(row)
    head.sequence, head.entry_hash = entry.sequence, row.entry_hash
    current.flush()
    return row


def _row(previous: str, entry: Entry) -> AuditEntry:
    return AuditEntry(
        sequence=entry.sequence,
        at=datetime.fromisoformat(entry.at),
        user_id=entry.user_id,
        user_name=entry.user_name,
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        details=entry.details,
        previous_hash=previous,
        entry_hash=entry_hash(previous, entry),
    )
