"""What is suggested beside the names of sheets, explained, in each school's order: of many sheets at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import db
from app.http import translate
from app.i18n import say
from attendance.evidence.queries import sightings_on
from attendance.evidence.rules import EvidenceKind, first_sightings, minutes_late
from attendance.evidence.rules import suggestion as evidence_words
from attendance.excuses.queries import approved_between, covers_on, session_slot
from attendance.outings.queries import away_between
from attendance.registers.queries.periods import absent_before_each, sessions_begin_at
from attendance.registers.rules.states import slot_words
from attendance.registers.rules.suggestions import Suggestion, in_order
from attendance.rulebook.queries import rulebook_of
from attendance.rulebook.rules import SuggestionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, time

    from attendance.evidence.rules import Sighting
    from attendance.excuses.models import Excuse
    from attendance.outings.queries import Away
    from attendance.registers.queries.periods import AbsentBefore
    from attendance.registers.queries.sheets import Sheet


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that speaks of the pupils of some sheets on their days."""

    excuses: Sequence[Excuse]
    before: Mapping[int, AbsentBefore]
    away: Sequence[Away]
    seen: Mapping[date, Sequence[Sighting]]
    begins: Mapping[int, time | None]


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested on some sheets, and in which order their schools want it."""

    orders: Mapping[int, Sequence[SuggestionKind]]
    by_register: Mapping[int, dict[str, object]]

    def order(self, school_id: int) -> Sequence[SuggestionKind]:
        """Return the order of a school."""
        return self.orders[school_id]

    def of(self, register_id: int) -> dict[str, object]:
        """Return {pupil: suggestions} of a register, as JSON values."""
        return self.by_register[register_id]


def suggested_on(sheets: Sequence[Sheet]) -> Suggested:
    """Return what is suggested on sheets; as many queries for a week's sheets as for one."""
    if not sheets:
        return Suggested({}, {})
    known = _known(sheets)
    orders = {
        school_id: rulebook_of(db.session(), school_id).order
        for school_id in {sheet.register.school_id for sheet in sheets}
    }
    found = {
        sheet.register.id: _json(in_order(_of_sheet(sheet, known), orders[sheet.register.school_id]))
        for sheet in sheets
    }
    return Suggested(orders, found)


def _known(sheets: Sequence[Sheet]) -> _Known:
    session = db.session()
    pupils = sorted({pupil.id for sheet in sheets for pupil in sheet.pupils})
    days = sorted({sheet.register.day for sheet in sheets})
    seen = sightings_on(session, pupils, days)
    gated = {day for day, found in seen.items() if any(one.kind is EvidenceKind.GATE for one in found)}
    return _Known(
        approved_between(session, pupils, days[0], days[-1]),
        absent_before_each(session, [sheet.register for sheet in sheets]),
        away_between(session, pupils, days[0], days[-1]),
        seen,
        sessions_begin_at(session, [sheet.register for sheet in sheets if sheet.register.day in gated]),
    )


def _json(found: Mapping[int, Sequence[Suggestion]]) -> dict[str, object]:
    return {
        str(pupil): [
            {
                "kind": one.kind.value,
                "words": translate(one.words),
                "letter": one.letter,
                "minutes": one.minutes,
            }
            for one in lines
        ]
        for pupil, lines in found.items()
    }


def _of_sheet(sheet: Sheet, known: _Known) -> Iterator[Suggestion]:
    yield from _from_excuses(sheet, known.excuses)
    yield from _from_before(sheet, known.before.get(sheet.register.id))
    yield from _from_outings(sheet, known.away)
    yield from _from_evidence(sheet, known)


def _from_excuses(sheet: Sheet, excuses: Iterable[Excuse]) -> Iterator[Suggestion]:
    register, members = sheet.register, {pupil.id for pupil in sheet.pupils}
    letter = next(
        (code.letter for code in sheet.codes.offered if code.is_authorised and not code.is_present), None
    )
    for excuse in excuses:
        if excuse.pupil_id in members and covers_on(
            excuse, register.school_id, register.day, session_slot(register.slot)
        ):
            words = say("đơn nghỉ đã duyệt: %(reason)s", reason=excuse.reason)
            yield Suggestion(excuse.pupil_id, SuggestionKind.EXCUSE, words, letter)


def _from_before(sheet: Sheet, before: AbsentBefore | None) -> Iterator[Suggestion]:
    if before is None:
        return
    letters = {code.id: code.letter for code in sheet.codes.offered}
    where = translate(slot_words(before.slot)).lower()
    for pupil in sheet.pupils:
        letter = letters.get(before.codes.get(pupil.id, 0))
        if letter is not None:
            words = say("vắng %(where)s (%(letter)s)", where=where, letter=letter)
            yield Suggestion(pupil.id, SuggestionKind.PREVIOUS, words, letter)


def _from_outings(sheet: Sheet, away: Iterable[Away]) -> Iterator[Suggestion]:
    register, members = sheet.register, {pupil.id for pupil in sheet.pupils}
    letter = next((code.letter for code in sheet.codes.offered if code.is_school_event), None)
    for one in away:
        if one.pupil_id in members and one.takes(register.day, session_slot(register.slot)):
            words = say("đi hoạt động: %(name)s", name=one.name)
            yield Suggestion(one.pupil_id, SuggestionKind.OUTING, words, letter)


def _from_evidence(sheet: Sheet, known: _Known) -> Iterator[Suggestion]:
    """Yield what sightings of a sheet's day say of its pupils: the first of each kind in its session."""
    register, slot = sheet.register, session_slot(sheet.register.slot)
    members = {pupil.id for pupil in sheet.pupils}
    seen = known.seen.get(register.day, ())
    found = first_sightings([one for one in seen if one.pupil_id in members], slot)
    letter = next((code.letter for code in sheet.codes.offered if code.is_late), None)
    begins_at = known.begins.get(register.id) if letter is not None else None
    for one in found:
        kind = SuggestionKind.GATE if one.kind is EvidenceKind.GATE else SuggestionKind.LESSON
        late = minutes_late(one, begins_at)
        words = evidence_words(one, late)
        yield Suggestion(one.pupil_id, kind, words, letter if late is not None else None, late)
