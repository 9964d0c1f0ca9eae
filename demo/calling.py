"""Calling the roll: registers with their marks, rosters and chained events, as the commands would have stored them.

The rules are attendance's own (what is due, what a register adds up to, how events are chained); only the writing is in
bulk, since a province has millions of rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from app import clock
from app.audit.rules import canonical
from app.school.rules import SESSION_ORDER, DaySession
from attendance.registers.models import AttendanceDay, Mark, MarkEvent, Register, RosterVersion
from attendance.registers.queries.due import due_registers
from attendance.registers.queries.sheets import Codes, codes
from attendance.registers.rules.chain import (
    GENESIS,
    EventContent,
    EventKind,
    event_hash,
    roster_fingerprint,
    roster_text,
    value_text,
)
from attendance.registers.rules.marks import Counters, MarkValue, count
from attendance.registers.rules.states import RegisterState, SlotKind, Submit, slot_of
from demo.absences import LATE, Away, Season, exceptions_of_class
from demo.bulk import Row, write_rows
from demo.curricula import BELLS
from demo.founded import instant_at
from reports.cubes.commands import sum_school_days
from reports.cubes.models import ClassDay
from reports.cubes.queries import SUMS, computed_days
from reports.stretches.commands import replace_part
from reports.stretches.queries import Part
from reports.stretches.rules import stretch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from attendance.registers.rules.due import DueRegister
    from demo.founded import FoundedClass, FoundedSchool, Founding

TAKEN_SHARE: Final = 0.975
TAKEN_TODAY: Final = 0.6
PROVISIONAL_TODAY: Final = 0.12
_REGISTER_COLUMNS: Final = (
    "id", "school_id", "class_id", "day", "slot_kind", "slot", "programme_session", "state", "roster_version_id",
    "row_version", "expected", "excused", "unexcused", "pending", "late", "left_early",
)  # fmt: skip
_MARK_COLUMNS: Final = (
    "register_id", "pupil_id", "code_id", "is_corrected", "minutes_late", "reason",
)  # fmt: skip
_EVENT_COLUMNS: Final = (
    "op_id", "school_id", "day", "sequence", "register_id", "register_version", "kind", "pupil_id", "before", "after",
    "user_id", "device", "device_time", "why", "at", "previous_hash", "event_hash",
)  # fmt: skip
_ROSTER_COLUMNS: Final = ("id", "class_id", "starts_on", "members", "member_count", "sha256", "made_at")
_DAY_COLUMNS: Final = ("school_id", "day", "last_sequence", "last_hash", "materialised_at")


@dataclass(frozen=True, slots=True)
class Calls:
    """How the rolls are called: from which day to which, how the season goes, which class is left for the visitor.

    Without a `history` marks and registers are written but not the events that led to them: seven million rows that
    measurements of reports do not read.
    """

    first: date
    now: datetime
    season: Season
    open_class: int | None = None
    history: bool = True

    @property
    def today(self) -> date:
        """The school's civil date of `now`."""
        return clock.civil_date(self.now)


@dataclass(slots=True)
class _Book:
    """The rows of one school on their way into the database."""

    rosters: list[Row] = field(default_factory=list)
    registers: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    days: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A register of the book: what it is of, whether and when it was taken, and its exceptions."""

    due: DueRegister
    state: RegisterState
    at: datetime
    aways: Sequence[Away]
    school_class: FoundedClass
    roster_id: int
    fingerprint: str


def call_rolls(founding: Founding, school: FoundedSchool, calls: Calls) -> int:
    """Write the registers of a school that were due up to today; return how many there are."""
    due = due_registers(
        founding.current, calls.first, calls.today + timedelta(days=1), school_ids=[school.id]
    )
    book, known = _Book(), codes(founding.current)
    taken = _taken(founding, school, calls, due, book)
    for day, registers in taken.items():
        _write_day(founding, school, calls, day, sorted(registers, key=lambda one: one.at), _Pen(book, known))
    _store(founding, book)
    return len(book.registers)


def write_cube(founding: Founding, school: FoundedSchool, calls: Calls) -> None:
    """Write what a school's registers add up to: computed by reports from what is stored, written in bulk."""
    days = computed_days(founding.current, school.id, calls.first, calls.today + timedelta(days=1))
    rows = (
        (class_id, day, school.id, calls.now, *(getattr(counts, name) for name in SUMS))
        for (class_id, day), counts in days.items()
    )
    write_rows(founding.current, ClassDay, ("class_id", "day", "school_id", "computed_at", *SUMS), rows)
    sum_school_days(founding.current, school.id, calls.first, calls.today + timedelta(days=1))


def write_stretches(founding: Founding, school: FoundedSchool, calls: Calls) -> None:
    """Write what a school's registers add up to for each pupil, computed by reports as well."""
    first = stretch_of(founding.year.starts_on, [])
    replace_part(founding.current, Part(school.id, first, calls.today + timedelta(days=1)))


def _taken(
    founding: Founding, school: FoundedSchool, calls: Calls, due: Iterable[DueRegister], book: _Book
) -> dict[date, list[_Taken]]:
    """Return the registers by day, with the exceptions that chance gave to each class."""
    by_day: dict[date, list[DueRegister]] = defaultdict(list)
    for item in due:
        by_day[item.day].append(item)
    places = {day: number for number, day in enumerate(by_day)}
    classes = {one.id: one for one in school.classes}
    rosters = {one.id: _roster(founding, one, book) for one in school.classes}
    aways = {one.id: _aways_by_day(founding, one, len(places), calls.season) for one in school.classes}
    found: dict[date, list[_Taken]] = {}
    for day, items in by_day.items():
        first = _first_sessions(items)
        found[day] = [
            _Taken(
                item,
                *_moment_and_state(founding, school, calls, item),
                [a for a in aways[item.class_id][places[day]] if _concerns(a, item, first[item.class_id])],
                classes[item.class_id],
                *rosters[item.class_id],
            )
            for item in items
        ]
    return found


def _roster(founding: Founding, school_class: FoundedClass, book: _Book) -> tuple[int, str]:
    members = roster_text(pupil.id for pupil in school_class.pupils)
    fingerprint, number = roster_fingerprint(members), founding.new_id(RosterVersion)
    size, start = len(school_class.pupils), founding.year.starts_on
    book.rosters.append((number, school_class.id, start, members, size, fingerprint, founding.opened_at))
    return number, fingerprint


def _aways_by_day(
    founding: Founding, school_class: FoundedClass, days: int, season: Season
) -> dict[int, list[Away]]:
    found: dict[int, list[Away]] = defaultdict(list)
    for away in exceptions_of_class(len(school_class.pupils), days, season, founding.chance):
        found[away.day].append(away)
    return found


def _first_sessions(items: Iterable[DueRegister]) -> dict[int, DaySession]:
    first: dict[int, DaySession] = {}
    for item in items:
        other = first.get(item.class_id, item.day_session)
        first[item.class_id] = min(other, item.day_session, key=SESSION_ORDER.__getitem__)
    return first


def _concerns(away: Away, due: DueRegister, first: DaySession) -> bool:
    if away.letter == LATE:
        return due.day_session is first
    return away.session in {None, due.day_session}


def _moment_and_state(
    founding: Founding, school: FoundedSchool, calls: Calls, due: DueRegister
) -> tuple[RegisterState, datetime]:
    """Return whether a register was taken, and when: some minutes after the session's first bell, never after now."""
    begins = next(b.begins_at for b in BELLS[school.plan.level] if b.day_session is due.day_session)
    chance = founding.chance
    planned = instant_at(due.day, begins) + timedelta(seconds=chance.randrange(90, 1500))
    if due.day < calls.today:
        return (RegisterState.SUBMITTED if chance.random() < TAKEN_SHARE else RegisterState.DUE), planned
    midnight, lately = instant_at(due.day, time(0)), calls.now - timedelta(seconds=chance.randrange(60, 600))
    early = planned > lately
    is_open = due.class_id == calls.open_class or (early and due.day_session is not DaySession.MORNING)
    at = max(midnight, min(planned, lately))
    if is_open or chance.random() > TAKEN_TODAY:
        return RegisterState.DUE, at
    provisional = chance.random() < PROVISIONAL_TODAY
    return (RegisterState.PROVISIONAL if provisional else RegisterState.SUBMITTED), at


# --- one day of a school ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Pen:
    """Where a day is written, and where its chain of events ends."""

    book: _Book
    known: Codes
    sequence: int = 0
    last: str = GENESIS


def _write_day(  # noqa: PLR0917, RUF100 - a day is what these say
    founding: Founding, school: FoundedSchool, calls: Calls, day: date, registers: Iterable[_Taken], pen: _Pen
) -> None:
    for taken in registers:
        register_id = founding.new_id(Register)
        counters = _write_register(register_id, taken, pen)
        if counters is None:
            continue
        marks = [(taken.school_class.pupils[away.pupil].id, away) for away in taken.aways]
        for pupil_id, away in marks:
            code = pen.known.by_letter[away.letter].id
            row = (register_id, pupil_id, code, False, away.minutes, away.reason or None)
            pen.book.marks.append(row)
        if calls.history:
            _chain(founding, school, register_id, taken, pen)
    laid_out = min(instant_at(day, time(0, 5)), calls.now)
    pen.book.days.append((school.id, day, pen.sequence, pen.last, laid_out))


def _write_register(register_id: int, taken: _Taken, pen: _Pen) -> Counters | None:
    """Add the register's row; return its counters, None when it was not taken."""
    due, was_taken = taken.due, taken.state is not RegisterState.DUE
    known = pen.known.by_letter
    expected = len(taken.school_class.pupils)
    counters = count(expected, [known[away.letter] for away in taken.aways]) if was_taken else Counters()
    pen.book.registers.append(
        (
            register_id, due.school_id, due.class_id, due.day, SlotKind.SESSION.value, slot_of(due.day_session),
            due.programme_session, taken.state.value, taken.roster_id if was_taken else None, int(was_taken),
            counters.expected, counters.excused, counters.unexcused, counters.pending,
            counters.late, counters.left_early,
        )
    )  # fmt: skip
    return counters if was_taken else None


def _chain(founding: Founding, school: FoundedSchool, register_id: int, taken: _Taken, pen: _Pen) -> None:
    """Append the events of one save: a tap for each exception, then the change of state."""
    homeroom = school.homeroom_teacher(taken.school_class)
    for draft in _drafts(taken):
        content = EventContent(
            sequence=pen.sequence + 1,
            op_id=f"{founding.chance.getrandbits(128):032x}",
            register_id=register_id,
            register_version=1,
            user_id=homeroom.user_id,
            on_behalf_of=None,
            device=f"{taken.school_class.id:016x}",
            device_time=clock.local(taken.at).isoformat(),
            why="",
            at=taken.at.isoformat(),
            **draft,
        )
        new = event_hash(pen.last, content)
        pen.book.events.append(_event_row(school.id, taken, content, pen.last, new))
        pen.sequence, pen.last = content.sequence, new


def _drafts(taken: _Taken) -> Iterator[dict[str, Any]]:
    nothing = value_text(MarkValue())
    for away in taken.aways:
        value = MarkValue(letter=away.letter, minutes_late=away.minutes, reason=away.reason)
        pupil_id = taken.school_class.pupils[away.pupil].id
        yield {
            "kind": EventKind.MARK.value,
            "pupil_id": pupil_id,
            "before": nothing,
            "after": value_text(value),
        }
    submit = Submit.PROVISIONAL if taken.state is RegisterState.PROVISIONAL else Submit.FINAL
    after = {"state": taken.state.value, "roster": taken.fingerprint, "as": submit.value}
    before = canonical({"state": RegisterState.DUE.value})
    yield {"kind": EventKind.STATE.value, "pupil_id": None, "before": before, "after": canonical(after)}


def _event_row(school_id: int, taken: _Taken, content: EventContent, previous: str, new: str) -> Row:
    return (
        content.op_id, school_id, taken.due.day, content.sequence, content.register_id, content.register_version,
        content.kind, content.pupil_id, content.before, content.after, content.user_id, content.device,
        content.device_time, content.why, taken.at, previous, new,
    )  # fmt: skip


def _store(founding: Founding, book: _Book) -> None:
    write_rows(founding.current, RosterVersion, _ROSTER_COLUMNS, book.rosters)
    write_rows(founding.current, AttendanceDay, _DAY_COLUMNS, book.days)
    write_rows(founding.current, Register, _REGISTER_COLUMNS, book.registers)
    write_rows(founding.current, Mark, _MARK_COLUMNS, book.marks)
    write_rows(founding.current, MarkEvent, _EVENT_COLUMNS, book.events)
