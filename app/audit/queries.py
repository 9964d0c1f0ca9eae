"""Reading the audit log, and proving that nobody changed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.models import AuditEntry, AuditHead
from app.audit.rules import GENESIS, Entry, entry_hash

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of walking the chain: how many entries hold, and the first sequence number that does not."""

    entries: int
    broken_at: int | None

    @property
    def is_sound(self) -> bool:
        """Whether every entry follows from the one before it and the end is where the head says."""
        return self.broken_at is None


def verify_chain(current: Session) -> Verification:
    """Walk the whole chain. A changed, missing or added entry, or a cut end, is found; memory stays flat."""
    _look_at_one_moment(current)
    previous, sequence = GENESIS, 0
    query = select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=1000)
    with current.scalars(query) as rows:
        for row in rows:
            if (
                row.sequence != sequence + 1
                or row.previous_hash != previous
                or row.entry_hash != _expected(row)
            ):
                return Verification(sequence, sequence + 1)
            previous, sequence = row.entry_hash, row.sequence
    head = current.get(AuditHead, 1)
    end = (head.sequence, head.entry_hash) if head else (0, GENESIS)
    return Verification(sequence, None if end == (sequence, previous) else sequence + 1)


def _look_at_one_moment(current: Session) -> None:
    """Read entries and head from one snapshot, so that entries written meanwhile do not look like tampering."""
    current.rollback()
    if current.get_bind().dialect.name == "postgresql":
        current.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _expected(row: AuditEntry) -> str:
    entry = Entry(
        sequence=row.sequence,
        at=row.at.isoformat(),
        user_id=row.user_id,
        user_name=row.user_name,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        details=row.details,
    )
    return entry_hash(row.previous_hash, entry)


def entries_about(current: Session, kind: str, subject_id: object, limit: int = 100) -> list[AuditEntry]:
    """Return the newest entries about one object, newest first."""
    return list(
        current.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == str(subject_id))
            .order_by(AuditEntry.sequence.desc())
            .limit(limit)
        )
    )
