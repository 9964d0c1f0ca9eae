"""Writing to the audit log. `record` takes the running transaction: an act and its entry are stored together."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select, update

from app import clock, db
from app.audit.models import AuditCheck, AuditEntry, AuditHead
from app.audit.queries import Verification, verify_chain
from app.audit.rules import EMPTIED, FORGOTTEN, GENESIS, Entry, canonical, entry_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.access import Actor


STEP: Final = 20_000
"""Entries that are walked at once; between two such steps others may read and write."""


def record(
    current: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, object],
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Append an entry in the running transaction. `subject` is (kind, id); details hold no secret."""
    return record_each(current, actor, action, subject, [details or {}])[0]


def record_each(
    current: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, object],
    details: Iterable[Mapping[str, object]],
) -> list[AuditEntry]:
    """Append an entry for each of several details, in their order; likewise, with one look at the head of the chain."""
    current.flush()
    head = current.scalar(select(AuditHead).where(AuditHead.id == 1).with_for_update())
    if head is None:
        head = AuditHead(id=1, sequence=0, entry_hash=GENESIS)
        current.add(head)
    rows = []
    for one in details:
        entry = Entry(
            sequence=head.sequence + 1,
            at=clock.now().isoformat(),
            user_id=actor.user_id or None,
            user_name=actor.name,
            action=action,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            details=canonical(dict(one)),
        )
        rows.append(_row(head.entry_hash, entry))
        head.sequence, head.entry_hash = entry.sequence, rows[-1].entry_hash
    current.add_all(rows)
    current.flush()
    return rows


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


def verify_on() -> None:
    """Verify what was written since the last check, in the worker; a break that was found stays found."""
    check = db.session().get(AuditCheck, 1)
    if check is None or check.broken_at is None:
        _walk((check.sequence, check.entry_hash) if check else (0, GENESIS), is_whole=check is None)


def verify_whole(report: Callable[[int], None] = lambda _done: None) -> Verification:
    """Verify the whole chain from its first entry, in the worker; `report` hears how many entries hold so far."""
    return _walk((0, GENESIS), is_whole=True, report=report)


def _walk(
    after: tuple[int, str], *, is_whole: bool, report: Callable[[int], None] = lambda _done: None
) -> Verification:
    while True:
        found = verify_chain(db.session(), after, STEP)
        report(found.entries)
        if not (found.is_part and found.is_sound):
            _note_check(found, is_whole=is_whole)
            return found
        after = (found.entries, found.entry_hash)


def _note_check(found: Verification, *, is_whole: bool) -> None:
    with db.transaction() as current:
        check = current.get(AuditCheck, 1, with_for_update=True)
        if check is None:
            check = AuditCheck(id=1, sequence=0, entry_hash=GENESIS, verified_at=clock.now())
            current.add(check)
        check.sequence, check.entry_hash = found.entries, found.entry_hash
        check.broken_at, check.verified_at = found.broken_at, clock.now()
        if is_whole:
            check.whole_at = check.verified_at


def note_export(actor: Actor, rows: int, filters: Mapping[str, object]) -> None:
    """Record that somebody took the log out as a file, before it is handed out."""
    with db.transaction() as current:
        record(current, actor, "audit.exported", ("log", "excel"), {"count": rows, **filters})


def take_words_out(current: Session, chosen: ColumnElement[bool], names: Collection[int]) -> tuple[int, ...]:
    """Empty the words of entries (those `chosen`, and the names of acting accounts `names`); return their numbers.

    The hashes stay, so that the chain still links; the numbers must be written down with an entry `FORGOTTEN`, which
    vouches for them (`queries.vouched_for`). Triggers let no other change pass.
    """
    not_vouching = AuditEntry.action != FORGOTTEN
    told = and_(chosen, AuditEntry.details.not_in(("{}", EMPTIED)), not_vouching)
    named = and_(AuditEntry.user_id.in_(names), AuditEntry.user_name != "", not_vouching)
    numbers = sorted(current.scalars(select(AuditEntry.sequence).where(or_(told, named))))
    for which, values in ((told, {"details": EMPTIED}), (named, {"user_name": ""})):
        query = update(AuditEntry).where(which).values(**values)
        current.execute(query, execution_options={"synchronize_session": False})
    return tuple(numbers)
