"""Takes a whole import back while nothing else has built on it: the school is as it was before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Final

from sqlalchemy import Date, bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts
from app.audit.commands import record
from app.claims import Ground, claims_on
from app.contacts.models import PupilContact
from app.db import Base, Instant
from app.errors import ConflictError
from app.facts import Fact
from app.i18n import N_, say
from app.intake.commands.journaling import TABLES, rows_of_pupils
from app.intake.models import RosterImport, RosterJournal
from app.intake.queries import chunks
from app.intake.rules.journal import CONTACT, digests, packed, unpacked
from app.intake.rules.states import ImportState
from app.school.models import ClassMembership, Pupil, SchoolClass, SchoolYear

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.contacts.commands import ContactSwitchedOff
    from app.i18n import Phrase
    from app.intake.rules.journal import Journal

_NOT_POSSIBLE: Final = N_("Không hoàn tác được lần nhập này vì đã có dữ liệu khác dựa vào nó.")
_STANDING_ON: Final = {
    "pupil_card": N_("Đã cấp thẻ cho %(count)s học sinh mới."),
    "role_grant": N_("Có %(count)s quyền truy cập gắn với học sinh mới hoặc lớp mới."),
    "timetable_entry": N_("Thời khóa biểu có %(count)s tiết của các lớp mới."),
    "homeroom_duty": N_("Đã phân công chủ nhiệm cho %(count)s lớp mới."),
    "subject_duty": N_("Đã phân công %(count)s giáo viên bộ môn cho các lớp mới."),
    "seat_plan": N_("Đã xếp chỗ ngồi cho %(count)s lớp mới."),
    "group_membership": N_("Có %(count)s học sinh mới ở trong nhóm học."),
    "class_membership": N_("Có %(count)s học sinh khác đã được xếp vào các lớp mới."),
}
"""What may hang on pupils and classes, by table, in words; of a table that is not here it is only said that it is."""


@dataclass(frozen=True)
class RosterUndone(Fact):
    """An import was taken back: from `since` on, rosters of the school are again what they were before it."""

    fact_name: ClassVar[str] = "RosterUndone"
    import_id: int
    school_id: int
    year_id: int
    since: date


@dataclass
class BuiltUponError(ConflictError):
    """Something else stands on an import by now; `reasons` say what, each a sentence."""

    reasons: tuple[Phrase, ...] = ()

    def __str__(self) -> str:
        """Return the message with its reasons, as one text."""
        return " ".join([self.message, *self.reasons])


def undo_import(actor: Actor, import_id: int) -> None:
    """Take an applied import back, all of it or nothing. Undoing twice is undoing once.

    Raises BuiltUponError when something else has built on it, ConflictError when it was never applied, or so long ago
    that what it did is no longer kept.
    """
    try:
        with db.transaction() as session:
            row = session.get_one(RosterImport, import_id, with_for_update=True)
            if row.state == ImportState.UNDONE:
                return
            stored = session.get(RosterJournal, import_id)
            if row.state != ImportState.APPLIED or stored is None or row.applied_at is None:
                raise ConflictError(say("Lần nhập này không (còn) hoàn tác được."))
            journal = unpacked(stored.content)
            _refuse_what_is_built_upon(session, row, journal)
            _take_back(session, journal)
            session.delete(stored)
            _close(session, actor, row, journal)
    except IntegrityError as error:  # whatever no claim and no list here knew: the database's own refusal
        raise BuiltUponError(say(_NOT_POSSIBLE)) from error


def _close(session: Session, actor: Actor, row: RosterImport, journal: Journal) -> None:
    row.state = ImportState.UNDONE
    row.undone_by, row.undone_at = actor.user_id or None, clock.now()
    numbers = {"pupils": len(journal.stood), "classes": len(journal.made_classes)}
    about = {"school_id": row.school_id, "file": row.file_name, "sha256": row.sha256}
    record(session, actor, "roster.undone", ("import", row.id), about | numbers)
    since = date.fromisoformat(journal.since) if journal.since else clock.today()
    facts.record(
        session,
        RosterUndone(import_id=row.id, school_id=row.school_id, year_id=row.year_id, since=since),
    )


# --- what stands on it --------------------------------------------------------------------------------------------


def _refuse_what_is_built_upon(session: Session, row: RosterImport, journal: Journal) -> None:
    reasons = [
        *_later_imports(session, row, journal),
        *_changed_since(session, row, journal),
        *_claimed(session, row, journal),
    ]
    hanging = _hanging_on(session, journal)
    reasons += [
        say(_STANDING_ON[name], count=count) for name, count in hanging.items() if name in _STANDING_ON
    ]
    if hanging and not reasons:
        reasons = [
            say("Có %(count)s mục dữ liệu khác gắn với học sinh mới hoặc lớp mới.", count=hanging.total())
        ]
    if reasons:
        raise BuiltUponError(say(_NOT_POSSIBLE), reasons=tuple(reasons))


def _later_imports(session: Session, row: RosterImport, journal: Journal) -> list[Phrase]:
    """Say which later imports wrote about the same pupils, or into classes that this one made."""
    later = session.execute(
        select(RosterImport.file_name, RosterImport.applied_at, RosterJournal.content)
        .join(RosterJournal, RosterJournal.import_id == RosterImport.id)
        .where(
            RosterImport.school_id == row.school_id,
            RosterImport.state == ImportState.APPLIED,
            RosterImport.id != row.id,
            RosterImport.applied_at >= row.applied_at,
        )
        .order_by(RosterImport.applied_at)
    )
    reasons = []
    for file_name, applied_at, content in later:
        other = unpacked(content)
        if applied_at and (
            other.stood.keys() & journal.stood.keys() or set(other.rosters) & set(journal.made_classes)
        ):
            day = f"{clock.local(applied_at):%d/%m/%Y}"
            reasons.append(
                say("Lần nhập sau, tệp “%(file)s” ngày %(day)s, đã ghi tiếp lên các em này. Hãy hoàn tác lần đó trước.",
                    file=file_name, day=day)
            )  # fmt: skip
    return reasons


def _changed_since(session: Session, row: RosterImport, journal: Journal) -> list[Phrase]:
    """Say whether pupils are no longer as the import left them: renamed, moved, left, enrolled anew."""
    now = digests(rows_of_pupils(session, journal.stood.keys()))
    changed = [pupil_id for pupil_id, digest in journal.stood.items() if now.get(pupil_id) != digest]
    changed += _contacts_since(session, row, journal)
    if not changed:
        return []
    example = session.scalar(select(Pupil.full_name).where(Pupil.id == changed[0])) or ""
    return [
        say("%(count)s học sinh đã được sửa, chuyển lớp hoặc nghỉ sau lần nhập này (ví dụ: %(name)s).",
            count=len(set(changed)), name=example)
    ]  # fmt: skip


def _contacts_since(session: Session, row: RosterImport, journal: Journal) -> list[int]:
    ids = [*journal.made.get(CONTACT, []), *journal.changed.get(CONTACT, {})]
    return [
        pupil_id
        for some in chunks(ids)
        for pupil_id in session.scalars(
            select(PupilContact.pupil_id).where(
                PupilContact.id.in_(some), PupilContact.updated_at > row.applied_at
            )
        )
    ]


def _claimed(session: Session, row: RosterImport, journal: Journal) -> list[Phrase]:
    """Ask the other packages, about the classes whose roster the import changed."""
    if not journal.rosters or row.applied_at is None:
        return []
    since = (
        date.fromisoformat(journal.since)
        if journal.since
        else session.get_one(SchoolYear, row.year_id).starts_on
    )
    return claims_on(session, Ground(row.school_id, frozenset(journal.rosters), since, row.applied_at))


def _hanging_on(session: Session, journal: Journal) -> Counter[str]:
    """Count, by table, the rows that refer to what would be deleted, besides the import's own.

    Rows that the database deletes along with it (a foreign system's name for a pupil) build on nothing.
    """
    found: Counter[str] = Counter()
    doomed = {"pupil": journal.made_pupils, "school_class": journal.made_classes}
    for table in Base.metadata.sorted_tables:
        own = {*journal.made.get(table.name, ()), *journal.changed.get(table.name, ())}
        for key in table.foreign_keys:
            ids = doomed.get(key.column.table.name, [])
            if ids and key.column.name == "id" and key.ondelete != "CASCADE":
                found[table.name] += _count(session, table, key.parent.name, ids, own)
    return +found


def _count(session: Session, table: Table, column: str, ids: Sequence[int], own: set[int]) -> int:
    if own:
        return sum(
            row_id not in own
            for some in chunks(ids)
            for row_id in session.scalars(select(table.c.id).where(table.c[column].in_(some)))
        )
    return sum(
        session.scalar(select(func.count()).select_from(table).where(table.c[column].in_(some))) or 0
        for some in chunks(ids)
    )


# --- taking back --------------------------------------------------------------------------------------------------


def _take_back(session: Session, journal: Journal) -> None:
    """Delete what was made and put old values back, in an order in which every key holds at every step."""
    for name in (CONTACT, ClassMembership.__tablename__, "enrolment", "pupil"):
        _delete(session, TABLES[name], journal.made.get(name, ()))
    _free_codes(session, journal)
    for name, table in TABLES.items():
        _restore(session, table, journal.changed.get(name, {}))
    _delete(session, SchoolClass.__table__, journal.made_classes)  # type: ignore[arg-type] # a Table in fact
    session.expire_all()


def _delete(session: Session, table: Table, ids: Iterable[int]) -> None:
    for some in chunks(list(ids)):
        session.execute(delete(table).where(table.c.id.in_(some)))


def _free_codes(session: Session, journal: Journal) -> None:
    """Two pupils may have exchanged their codes; a code belongs to one at a time, also between two statements."""
    ids = [row_id for row_id, old in journal.changed.get("pupil", {}).items() if "ministry_code" in old]
    for some in chunks(ids):
        session.execute(update(Pupil).where(Pupil.id.in_(some)).values(ministry_code=None))


def _restore(session: Session, table: Table, changed: dict[int, dict[str, object]]) -> None:
    """Put old values back; rows that changed in the same columns go in one statement."""
    by_columns: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row_id, old in changed.items():
        values = {f"old_{name}": _typed(table, name, value) for name, value in old.items()}
        by_columns.setdefault(tuple(sorted(old)), []).append({"row_id": row_id, **values})
    for columns, rows in by_columns.items():
        statement = update(table).where(table.c.id == bindparam("row_id"))
        session.connection().execute(
            statement.values({name: bindparam(f"old_{name}") for name in columns}), rows
        )


def _typed(table: Table, column: str, value: object) -> object:
    kind = table.c[column].type
    if not isinstance(value, str) or not isinstance(kind, Instant | Date):
        return value
    return datetime.fromisoformat(value) if isinstance(kind, Instant) else date.fromisoformat(value)


# --- what is no longer kept ---------------------------------------------------------------------------------------


def forget_contacts(session: Session, fact: ContactSwitchedOff) -> None:
    """Strike from the journals of a school the contact rows that were deleted for good, and their old values."""
    stored = session.execute(
        select(RosterJournal)
        .join(RosterImport, RosterImport.id == RosterJournal.import_id)
        .where(RosterImport.school_id == fact.school_id)
    ).scalars()
    for row in stored:
        journal = unpacked(row.content)
        ids = {*journal.made.get(CONTACT, []), *journal.changed.get(CONTACT, {})}
        there = {
            row_id
            for some in chunks(sorted(ids))
            for row_id in session.scalars(select(PupilContact.id).where(PupilContact.id.in_(some)))
        }
        if ids - there:
            row.content = packed(journal.without_contacts(ids - there))
