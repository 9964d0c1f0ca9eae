"""Keeps what other systems are told: compares a school's year with what was told last, and dates what changed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update

from app import clock, db
from app.audit.commands import record
from app.oneroster.models import OneRosterKey, OneRosterRecord, OneRosterState
from app.oneroster.queries.changes import changes_since, iso
from app.oneroster.queries.rosters import roster_of
from app.oneroster.rules.csv_out import Wanted, package_of
from app.oneroster.rules.ids import KEY_BYTES, Ids
from app.oneroster.rules.items import (
    ACTIVE,
    DELETED,
    EnrollmentItem,
    Told,
    UserItem,
    emptied,
    from_content,
    to_content,
    told,
)
from app.school.models import SchoolYear

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.oneroster.rules.items import Item, SchoolRoster

GOOD_FOR: Final = timedelta(minutes=1)
"""So old may be what a program reads: walking a school page by page must not compare the whole school each time."""
CHANGED: Final = update(OneRosterRecord).where(OneRosterRecord.id == bindparam("row_id"))


def export_package(
    actor: Actor, school_id: int, year_id: int, wanted: Wanted, since: date | None = None
) -> bytes:
    """Return a school's year as a zip, everything or what changed since a day (inclusive); the log says who took it."""
    with db.transaction() as session:
        year = session.get_one(SchoolYear, year_id)
        roster = keep_year(session, school_id, year)
        changes = changes_since(session, school_id, year_id, _midnight(since)) if since else None
        details = {
            "year": year.code,
            "version": wanted.version,
            "demographics": wanted.demographics,
            "codes": wanted.codes,
            "since": since.isoformat() if since else "",
            "items": len(roster.items if changes is None else changes),
        }
        record(session, actor, "roster.exported", ("school", school_id), details)
        stamp = iso(clock.now())
    return package_of(roster, replace(wanted, changes=changes, stamp=stamp))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(clock.SCHOOL_ZONE))


def ensure_key(session: Session) -> bytes:
    """Return the key of this installation's sourcedIds, making it the first time."""
    row = session.get(OneRosterKey, 1)
    if row is None:
        row = OneRosterKey(id=1, key=secrets.token_bytes(KEY_BYTES), made_at=clock.now())
        session.add(row)
        session.flush()
    return row.key


def keep_year(session: Session, school_id: int, year: SchoolYear) -> SchoolRoster:
    """Bring what is told of a school's year up to date; return it as it stands."""
    key = ensure_key(session)
    roster = roster_of(session, Ids(key), key, school_id, year, clock.today())
    rows = session.execute(
        select(
            OneRosterRecord.id,
            OneRosterRecord.kind,
            OneRosterRecord.sourced_id,
            OneRosterRecord.status,
            OneRosterRecord.content,
        ).where(OneRosterRecord.school_id == school_id, OneRosterRecord.year_id == year.id)
    ).all()
    held = {(row.kind, row.sourced_id): row for row in rows}
    now = _to_the_millisecond(clock.now())
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for item in roster.items:
        content = to_content(item)
        row = held.pop((told(item).value, item.sourced_id), None)
        if row is None:
            place = {"school_id": school_id, "year_id": year.id, "kind": told(item).value}
            new.append({**place, "sourced_id": item.sourced_id, **_columns(item, ACTIVE, content, now)})
        elif (row.status, row.content) != (ACTIVE, content):
            changed.append({"row_id": row.id, **_columns(item, ACTIVE, content, now)})
    for row in held.values():
        if row.status == ACTIVE:
            gone = emptied(from_content(Told(row.kind), row.content))
            changed.append({"row_id": row.id, **_columns(gone, DELETED, to_content(gone), now)})
    if new:
        session.execute(insert(OneRosterRecord), new)
    if changed:
        session.connection().execute(CHANGED, changed)
    return roster


def refresh_year(school_id: int, year_id: int) -> None:
    """Bring what is told of a school's year up to date, unless that was done within the last minute."""
    if not _is_stale(db.session(), school_id, year_id):
        return
    with db.transaction() as session:
        if not _is_stale(session, school_id, year_id):
            return
        keep_year(session, school_id, session.get_one(SchoolYear, year_id))
        state = session.get(OneRosterState, (school_id, year_id))
        if state is None:
            session.add(OneRosterState(school_id=school_id, year_id=year_id, compared_at=clock.now()))
        else:
            state.compared_at = clock.now()


def _is_stale(session: Session, school_id: int, year_id: int) -> bool:
    last = session.scalar(
        select(OneRosterState.compared_at).where(
            OneRosterState.school_id == school_id, OneRosterState.year_id == year_id
        )
    )
    return last is None or clock.now() - last >= GOOD_FOR


def _to_the_millisecond(moment: datetime) -> datetime:
    """Cut to what the standard shows, so that what is compared is what was told."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _columns(item: Item, status: str, content: str, now: datetime) -> dict[str, Any]:
    class_ref, user_ref = (item.class_id, item.user) if isinstance(item, EnrollmentItem) else ("", "")
    return {
        "role": item.role if isinstance(item, UserItem | EnrollmentItem) else "",
        "class_ref": class_ref,
        "user_ref": user_ref,
        "status": status,
        "modified_at": now,
        "content": content,
    }
