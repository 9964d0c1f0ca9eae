"""Reading the audit log, and proving that nobody changed it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.models import AuditEntry, AuditHead
from app.audit.rules import FORGOTTEN, GENESIS, Entry, entry_hash

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of walking the chain: how many entries hold, and the first sequence number that does not.

    `entry_hash` is the hash of the last entry that holds; `is_part` says that there may be more to walk.
    """

    entries: int
    broken_at: int | None
    entry_hash: str = GENESIS
    is_part: bool = False

    @property
    def is_sound(self) -> bool:
        """Whether every entry follows from the one before it and the end is where the head says."""
        return self.broken_at is None


def verify_chain(
    current: Session, after: tuple[int, str] = (0, GENESIS), most: int | None = None
) -> Verification:
    """Walk the chain from an entry on (sequence, hash), the whole of it by default; memory stays flat.

    A changed, missing or added entry, or a cut end, is found. An entry whose words were taken out with a forgotten
    pupil still links by its hashes; that it was emptied is said by a later entry of the same chain. With `most`, only
    so many entries are walked, and the end is compared when it was reached.
    """
    _look_at_one_moment(current)
    sequence, previous = after
    if sequence and current.scalar(_hash_at(sequence)) != previous:
        return Verification(sequence - 1, sequence, previous)
    query = (
        select(AuditEntry)
        .where(AuditEntry.sequence > sequence)
        .order_by(AuditEntry.sequence)
        .limit(most)
        .execution_options(yield_per=1000)
    )
    emptied = vouched_for(current, AuditEntry.__tablename__)
    with current.scalars(query) as rows:
        for row in rows:
            if (
                row.sequence != sequence + 1
                or row.previous_hash != previous
                or (row.entry_hash != _expected(row) and row.sequence not in emptied)
            ):
                return Verification(sequence, sequence + 1, previous)
            previous, sequence = row.entry_hash, row.sequence
            current.expunge(row)
    is_part = most is not None and sequence - after[0] == most
    head = current.get(AuditHead, 1)
    end = (head.sequence, head.entry_hash) if head else (0, GENESIS)
    is_whole = is_part or end == (sequence, previous)
    return Verification(sequence, None if is_whole else sequence + 1, previous, is_part=is_part)


def entry_of_forgetting(current: Session, pupil_id: int) -> AuditEntry | None:
    """Return the entry that says that a pupil was forgotten, None for whom nobody has."""
    entry = select(AuditEntry).where(
        AuditEntry.subject_kind == "pupil",
        AuditEntry.subject_id == str(pupil_id),
        AuditEntry.action == FORGOTTEN,
    )
    return current.scalars(entry.order_by(AuditEntry.sequence).limit(1)).first()


def vouched_for(current: Session, table: str) -> frozenset[int]:
    """Return the links of a table's chain whose words were taken out, as the entries of forgotten pupils name them."""
    told = current.scalars(select(AuditEntry.details).where(AuditEntry.action == FORGOTTEN))
    return frozenset(number for details in told for number in json.loads(details).get(table, ()))


def _hash_at(sequence: int) -> Select[str]:
    return select(AuditEntry.entry_hash).where(AuditEntry.sequence == sequence)


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
