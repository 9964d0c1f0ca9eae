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
from app.school.duplicates.rules import MERGE_PUPILS, SENSITIVE, Record, Value, candidates, joined
from app.school.enrolment.queries import history_of, periods_of
from app.school.models import Enrolment, Pupil
from app.school.queries import place_of_unit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.merging import Clash
    from app.school.duplicates.rules import Candidate
    from app.school.enrolment.queries import SchoolPeriod


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


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge in the list of a school."""

    id: int
    kept_id: int
    kept: str
    gone: str
    by: str
    merged_at: datetime
    is_undone: bool


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
        MergeLine(row.id, row.kept_id, one, other, by or "", row.merged_at, row.undone_at is not None)
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
