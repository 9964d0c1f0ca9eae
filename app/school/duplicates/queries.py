"""Reading what may be two records of one pupil, and everything that hangs on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app import db
from app.accounts.models import User
from app.errors import InvalidError, NotFoundError
from app.merging import Pair, belongings
from app.school.duplicates.models import PupilMerge
from app.school.duplicates.rules import (
    MERGE_PUPILS,
    SENSITIVE,
    AcrossSchools,
    Record,
    Value,
    candidates,
    entered_twice_from,
    joined,
    keys_of,
)
from app.school.enrolment.queries import history_of, keeping_schools, periods_of
from app.school.models import Enrolment, Pupil
from app.school.queries import place_of_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from app.access import Actor
    from app.merging import Clash
    from app.school.duplicates.rules import Candidate
    from app.school.enrolment.queries import SchoolPeriod

MOST_PAIRS = 2000
AT_ONCE = 500


def merge_for(actor: Actor, merge_id: int) -> PupilMerge:
    """Return a merge made at a school where the actor may make one, or raise NotFoundError."""
    found = db.session().get(PupilMerge, merge_id)
    if found is None:
        raise NotFoundError
    actor.require(MERGE_PUPILS, place_of_unit(found.school_id))
    return found


def candidates_at(session: Session, school_id: int) -> list[Candidate]:
    """Return the records of a school that may be one pupil's, by name; one query."""
    here = select(Enrolment.pupil_id).where(Enrolment.school_id == school_id)
    rows = session.execute(
        select(
            Pupil.id,
            Pupil.full_name,
            Pupil.name_fold,
            Pupil.birth_date,
            Pupil.ministry_code,
            Pupil.temporary_key,
        )
        .where(Pupil.id.in_(here))
        .order_by(Pupil.name_sort, Pupil.id)
    )
    return candidates(Record(*row) for row in rows)


def candidates_across(session: Session, schools: Mapping[int, str]) -> list[AcrossSchools]:
    """Return the pairs of records that two of these schools (id: name) keep and that may be one pupil's, by name.

    A handful of queries at any size: namesakes come from the index of names, keys from a list of those that there are.
    """
    records = {one.id: one for one in (*_namesakes(session), *_renamed(session))}
    found = candidates(records.values())
    ids = {one.id for pair in found for one in (pair.first, pair.second)}
    keeping = keeping_schools(session, ids)
    across = [
        AcrossSchools(pair, schools[here], schools[there])
        for pair in found
        for here, there in [(keeping.get(pair.first.id), keeping.get(pair.second.id))]
        if here is not None and there is not None and here != there
        if here in schools and there in schools
    ]
    return sorted(across, key=lambda one: (one.pair.first.name_fold, one.pair.first.id, one.pair.second.id))


def _namesakes(session: Session) -> list[Record]:
    """Return the records without a ministry code that share name and birthday with another, and those others."""
    one, other = aliased(Pupil), aliased(Pupil)
    same = (one.name_fold == other.name_fold) & (one.birth_date == other.birth_date) & (one.id != other.id)
    pairs = session.execute(
        select(one.id, other.id).join(other, same).where(one.ministry_code.is_(None)).limit(MOST_PAIRS)
    )
    return _records(session, Pupil.id, {number for pair in pairs for number in pair})


def _renamed(session: Session) -> list[Record]:
    """Return the records whose temporary key holds a ministry code, and the records that have such a code."""
    keyed = _records_where(session, Pupil.temporary_key.is_not(None))
    keys = keys_of(keyed)
    return [
        *(one for one in keyed if one.temporary_key in keys),
        *_records(session, Pupil.ministry_code, set(keys.values())),
    ]


def _records(
    session: Session, column: InstrumentedAttribute[Any], values: Collection[int | str]
) -> list[Record]:
    wanted = list(values)
    return [
        record
        for start in range(0, len(wanted), AT_ONCE)
        for record in _records_where(session, column.in_(wanted[start : start + AT_ONCE]))
    ]


def _records_where(session: Session, condition: ColumnElement[bool]) -> list[Record]:
    rows = session.execute(
        select(
            Pupil.id,
            Pupil.full_name,
            Pupil.name_fold,
            Pupil.birth_date,
            Pupil.ministry_code,
            Pupil.temporary_key,
        ).where(condition)
    )
    return [Record(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge in the list of a school."""

    id: int
    kept_id: int
    kept: str
    gone: str
    by: str
    merged_at: datetime
    undone_at: datetime | None
    can_be_undone: bool


def merges_at(session: Session, school_id: int) -> list[MergeLine]:
    """Return the merges made at a school, the latest first."""
    kept, gone = aliased(Pupil), aliased(Pupil)
    rows = session.execute(
        select(PupilMerge, kept.full_name, gone.full_name, User.full_name)
        .join(kept, kept.id == PupilMerge.kept_id)
        .join(gone, gone.id == PupilMerge.gone_id)
        .outerjoin(User, User.id == PupilMerge.merged_by)
        .where(PupilMerge.school_id == school_id)
        .order_by(PupilMerge.id.desc())
    )
    return [
        MergeLine(
            row.id,
            row.kept_id,
            one,
            other,
            by or "",
            row.merged_at,
            row.undone_at,
            can_be_undone=row.undone_at is None and bool(row.journal),
        )
        for row, one, other, by in rows
    ]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records as the page shows it."""

    pupil: Pupil
    periods: list[SchoolPeriod]


@dataclass(frozen=True, slots=True)
class Hanging:
    """One kind of thing that hangs on the two records, and what of it stays with the one that goes."""

    label: str
    kept: int
    gone: int
    clash: Clash


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records side by side; `refusal` says why they cannot be merged as they are."""

    kept: Side
    gone: Side
    hanging: list[Hanging]
    differing: list[Value]
    refusal: str | None
    twice_from: date | None = None
    """The first day on which both are enrolled at one school: from then on the kept record's enrolment holds."""


def compared(session: Session, kept: Pupil, gone: Pupil) -> Comparison:
    """Return two records side by side, with everything that hangs on each."""
    pair = Pair(kept.id, gone.id)
    mine, other = history_of(session, kept.id), history_of(session, gone.id)
    refusal = None
    try:
        joined(mine, other)
    except InvalidError as error:
        refusal = error.message
    return Comparison(
        Side(kept, periods_of(session, mine, None)),
        Side(gone, periods_of(session, other, None)),
        [
            Hanging(
                one.label,
                one.count(session, pair.kept),
                one.count(session, pair.gone),
                one.clash(session, pair),
            )
            for one in belongings()
        ],
        [value for value in Value if said(kept)[value] != said(gone)[value]],
        refusal,
        entered_twice_from(mine, other) if refusal is None else None,
    )


def said(pupil: Pupil) -> dict[Value, Any]:
    """Return what a record says, as plain values."""
    return {
        Value.NAME: pupil.full_name,
        Value.BIRTH_DATE: pupil.birth_date.isoformat() if pupil.birth_date else None,
        Value.SEX: pupil.sex,
        Value.CODE: [pupil.ministry_code, pupil.temporary_key],
        Value.ETHNICITY: [pupil.ethnicity, pupil.ethnicity_code_set, pupil.ethnicity_code],
        Value.DISABILITY: pupil.disability,
    }


def proposed_source(kept: Pupil, gone: Pupil, value: Value) -> str:
    """Return whose value is proposed: that of the kept record, or of the other where the kept one has none."""
    if value is Value.CODE:
        return "gone" if gone.ministry_code and not kept.ministry_code else "kept"
    mine, other = said(kept)[value], said(gone)[value]
    is_empty = mine is None or (isinstance(mine, list) and mine[0] is None)
    return "gone" if is_empty and other is not None else "kept"


def is_shown(value: Value) -> bool:
    """Say whether a value may stand on the page."""
    return value not in SENSITIVE
