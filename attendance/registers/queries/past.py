"""A class's registers of a day as they stood at a moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import Pupil
from app.school.queries import pupils_in_class
from attendance.registers.models import MarkEvent, Register, RosterVersion
from attendance.registers.queries.sheets import codes, members_of
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import Code, Counters, count
from attendance.registers.rules.replay import Happened, Stood, stood_at
from attendance.registers.rules.states import TAKEN, slot_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.i18n import Phrase
    from attendance.registers.queries.sheets import Codes


@dataclass(frozen=True, slots=True)
class PastMark:
    """A pupil's mark as it stood: the letter that counted, and the teacher's where the office had said otherwise."""

    pupil: str
    letter: str
    teacher_letter: str
    is_corrected: bool
    reason: str


@dataclass(frozen=True, slots=True)
class PastRegister:
    """A register as it stood. The counters are None when it was not taken then."""

    register_id: int
    words: Phrase
    stood: Stood
    counters: Counters | None
    marks: Sequence[PastMark]


def registers_as_they_stood(
    session: Session, class_id: int, school_id: int, day: date, moment: datetime
) -> list[PastRegister]:
    """Return the registers of a class's day as they stood at an instant, by slot. Five queries."""
    registers = session.execute(
        select(Register.id, Register.slot)
        .where(Register.class_id == class_id, Register.day == day)
        .order_by(Register.slot_kind.desc(), Register.slot)
    ).all()
    events = _events(session, [row.id for row in registers])
    stood = {row.id: stood_at(events[row.id], moment) for row in registers}
    rosters = _rosters(session, class_id, {one.roster for one in stood.values() if one.roster})
    names = _names(session, {pupil for one in stood.values() for pupil in one.exceptions})
    known = codes(session, school_id)
    return [_past(row.id, slot_words(row.slot), stood[row.id], rosters, names, known) for row in registers]


def members_on(session: Session, class_id: int, day: date) -> list[str]:
    """Return the names of who was in the class on the day, as is known now."""
    return [pupil.full_name for pupil in pupils_in_class(session, class_id, day)]


def _events(session: Session, register_ids: Sequence[int]) -> dict[int, list[Happened]]:
    rows = session.execute(
        select(MarkEvent.register_id, MarkEvent.kind, MarkEvent.pupil_id, MarkEvent.after, MarkEvent.at)
        .where(MarkEvent.register_id.in_(register_ids))
        .order_by(MarkEvent.sequence)
    )
    found: defaultdict[int, list[Happened]] = defaultdict(list)
    for register_id, kind, pupil_id, after, at in rows:
        found[register_id].append(Happened(EventKind(kind), pupil_id, after, at))
    return found


def _rosters(session: Session, class_id: int, fingerprints: Collection[str]) -> dict[str, frozenset[int]]:
    rows = session.scalars(
        select(RosterVersion).where(
            RosterVersion.class_id == class_id, RosterVersion.sha256.in_(list(fingerprints))
        )
    )
    return {row.sha256: members_of(row) for row in rows}


def _names(session: Session, pupil_ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(
        select(Pupil.id, Pupil.full_name)
        .where(Pupil.id.in_(list(pupil_ids)))
        .order_by(Pupil.name_sort, Pupil.id)
    )
    return {row.id: row.full_name for row in rows}


def _past(
    register_id: int,
    words: Phrase,
    stood: Stood,
    rosters: Mapping[str, frozenset[int]],
    names: Mapping[int, str],
    known: Codes,
) -> PastRegister:
    members = rosters.get(stood.roster or "")
    is_taken = stood.state in TAKEN and members is not None
    return PastRegister(
        register_id,
        words,
        stood,
        count(len(members), counted_codes(stood, members, known))
        if is_taken and members is not None
        else None,
        [_mark(pupil_id, name, stood) for pupil_id, name in names.items() if pupil_id in stood.exceptions],
    )


def counted_codes(stood: Stood, members: Collection[int], known: Codes) -> list[Code]:
    """Return the codes that counted: what the letter meant then, or by the letter where an old event says no more."""
    by_letter, by_id = known.by_letter, known.by_id
    found = []
    for pupil_id in stood.exceptions & set(members):
        letter = stood.letter(pupil_id)
        code_id = stood.meant.get((pupil_id, letter))
        code = by_id.get(code_id) if code_id is not None else by_letter.get(letter)
        if code is not None:
            found.append(code)
    return found


def _mark(pupil_id: int, name: str, stood: Stood) -> PastMark:
    said = stood.teacher.get(pupil_id)
    return PastMark(
        name,
        stood.letter(pupil_id),
        said.letter if said else "",
        pupil_id in stood.office,
        said.reason if said else "",
    )
