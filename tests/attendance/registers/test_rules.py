"""Pure rules of registers: merging, counting, states, what is due, the chain."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ConflictError, InvalidError
from app.school.rules import DaySession, SchoolDay
from attendance.registers.rules.chain import (
    GENESIS,
    EventContent,
    event_hash,
    letter_of,
    roster_fingerprint,
    roster_text,
    value_of,
    value_text,
)
from attendance.registers.rules.due import Span, WeeklySession, registers_due, segments
from attendance.registers.rules.marks import (
    SEED_CODES,
    Author,
    Change,
    Code,
    MarkValue,
    Operation,
    Refusal,
    Standing,
    clock_time,
    count,
    merge,
)
from attendance.registers.rules.states import (
    TAKEN,
    RegisterState,
    Submit,
    is_time_for,
    require_begun,
    session_at,
    session_of,
    slot_of,
    state_after,
)

ME, SHE = Author(1, "phone-one"), Author(2, "phone-two")
ROSTER = frozenset(range(1, 6))
letters = st.sampled_from(["", "P", "K", "T"])
values = st.builds(MarkValue, letter=letters, reason=st.sampled_from(["", "Bệnh"])).map(MarkValue.tidied)


def operation(number: int, pupil: int, value: MarkValue, base: int = 0) -> Operation:
    return Operation(f"op-{number}", pupil, value, base)


operations = st.lists(st.tuples(st.sampled_from([*ROSTER, 99]), values), max_size=12).map(
    lambda pairs: [operation(number, *pair) for number, pair in enumerate(pairs)]
)


# --- merging ------------------------------------------------------------------------------------------------------


@given(operations)
def test_every_operation_is_applied_or_refused_and_never_both(found: list[Operation]) -> None:
    merged = merge(found, Standing(ROSTER, {}), ME)
    ids = [one.operation.id for one in merged.applied] + [one.operation.id for one in merged.conflicts]
    assert sorted(ids) == sorted(one.id for one in found)


@given(operations)
def test_alone_the_last_tap_on_each_pupil_wins(found: list[Operation]) -> None:
    merged = merge(found, Standing(ROSTER, {}), ME)
    after = {one.operation.pupil_id: one.after for one in merged.applied}
    assert after == {one.pupil_id: one.value for one in found if one.pupil_id in ROSTER}


@given(operations)
def test_what_was_stored_before_is_neither_applied_nor_refused_again(found: list[Operation]) -> None:
    known = frozenset(one.id for one in found)
    assert merge(found, Standing(ROSTER, {}, known=known), ME) == merge([], Standing(ROSTER, {}), ME)


@given(operations, operations)
def test_taps_on_different_pupils_merge_in_any_order(mine: list[Operation], hers: list[Operation]) -> None:
    mine = [one for one in mine if one.pupil_id <= 2]
    hers = [replace(one, id=f"her-{one.id}") for one in hers if 3 <= one.pupil_id <= 5]

    def after(
        first: list[Operation], second: list[Operation], author: Author, then: Author
    ) -> dict[int, MarkValue]:
        marks: dict[int, MarkValue] = {}
        changes: list[Change] = []
        for version, (taps, who) in enumerate(((first, author), (second, then)), start=1):
            merged = merge(taps, Standing(ROSTER, marks, changes), who)
            assert not merged.conflicts
            marks |= {one.operation.pupil_id: one.after for one in merged.applied}
            changes += [Change(one.operation.pupil_id, version, who) for one in merged.applied]
        return marks

    assert after(mine, hers, ME, SHE) == after(hers, mine, SHE, ME)


@given(values, values)
def test_an_unseen_change_by_somebody_else_is_a_conflict_unless_both_say_the_same(
    mine: MarkValue, hers: MarkValue
) -> None:
    standing = Standing(ROSTER, {1: hers}, [Change(1, 7, SHE)])
    merged = merge([operation(1, 1, mine, base=6)], standing, ME)
    if mine == hers:
        assert [one.after for one in merged.applied] == [mine]
    else:
        (conflict,) = merged.conflicts
        assert (conflict.refusal, conflict.current, conflict.change) == (
            Refusal.CHANGED,
            hers,
            Change(1, 7, SHE),
        )


@given(values, values)
def test_a_change_that_was_seen_is_no_conflict(mine: MarkValue, hers: MarkValue) -> None:
    standing = Standing(ROSTER, {1: hers}, [Change(1, 7, SHE)])
    assert not merge([operation(1, 1, mine, base=7)], standing, ME).conflicts


def test_the_same_person_with_another_device_is_asked() -> None:
    standing = Standing(ROSTER, {1: MarkValue("P")}, [Change(1, 7, replace(ME, device="laptop"))])
    assert merge([operation(1, 1, MarkValue("K"), base=6)], standing, ME).conflicts


def test_details_of_a_present_pupil_mean_nothing() -> None:
    assert MarkValue("", 5, reason="x").tidied() == MarkValue()


# --- counting -----------------------------------------------------------------------------------------------------

codes = st.builds(
    Code,
    id=st.just(1),
    letter=st.just("X"),
    name=st.just(""),
    is_present=st.booleans(),
    is_authorised=st.booleans(),
    is_pending=st.booleans(),
    is_late=st.booleans(),
    is_early_leave=st.booleans(),
).filter(lambda code: not (code.is_authorised and code.is_pending))


@given(st.lists(codes, max_size=45))
def test_present_and_absent_add_up_to_the_roster(found: list[Code]) -> None:
    counters = count(45, found)
    assert counters.present + counters.excused + counters.unexcused + counters.pending == 45
    assert min(counters.present, counters.excused, counters.unexcused, counters.pending) >= 0


def test_the_seed_letters() -> None:
    permitted, unexcused, late = SEED_CODES
    counters = count(10, [permitted, permitted, unexcused, late])
    assert (counters.present, counters.excused, counters.unexcused, counters.late) == (7, 2, 1, 1)


@pytest.mark.parametrize(("text", "expected"), [(None, None), ("07:30", time(7, 30))])
def test_clock_time(text: str | None, expected: time | None) -> None:
    assert clock_time(text) == expected


@pytest.mark.parametrize("text", ["25:00", "7h30", "aa:bb"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        clock_time(text)


# --- states -------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(Submit), max_size=8))
def test_a_taken_register_never_becomes_untaken_by_saving(submits: list[Submit]) -> None:
    rank = [RegisterState.DUE, RegisterState.OPEN, RegisterState.PROVISIONAL, RegisterState.SUBMITTED]
    state = RegisterState.DUE
    for submit in submits:
        after = state_after(state, submit)
        assert rank.index(after) >= rank.index(state)
        assert submit is Submit.NOTHING or after in TAKEN
        state = after


@pytest.mark.parametrize("state", [RegisterState.LOCKED, RegisterState.NOT_HELD])
@pytest.mark.parametrize("submit", list(Submit))
def test_locked_and_not_held_take_no_saves(state: RegisterState, submit: Submit) -> None:
    with pytest.raises(ConflictError):
        state_after(state, submit)


def test_a_day_to_come_has_not_begun() -> None:
    today = date(2026, 10, 5)
    require_begun(today, today)
    with pytest.raises(InvalidError):
        require_begun(today + timedelta(days=1), today)


def test_sessions_and_slots() -> None:
    assert [session_of(slot_of(found)) for found in DaySession] == list(DaySession)
    assert session_at(time(6, 30)) is DaySession.MORNING
    assert session_at(time(13, 0)) is DaySession.AFTERNOON
    assert session_at(time(19, 0)) is DaySession.EVENING
    day_school = {DaySession.MORNING, DaySession.AFTERNOON}
    assert session_at(time(19, 0), day_school) is DaySession.AFTERNOON, (
        "nobody is late for lessons that are not"
    )
    assert session_at(time(6, 30), {DaySession.AFTERNOON}) is DaySession.MORNING, "and nothing has begun yet"
    assert not is_time_for(DaySession.AFTERNOON, time(7, 0))


# --- what is due --------------------------------------------------------------------------------------------------

MONDAY = date(2026, 10, 5)
WEEK = [MONDAY + timedelta(days=offset) for offset in range(7)]


def lesson(
    weekday: int, day_session: DaySession = DaySession.MORNING, programme: int = 1, since: date = WEEK[0]
) -> WeeklySession:
    return WeeklySession(1, 10, weekday, day_session, programme, Span(since, None))


def school_days(*teaching: int) -> dict[int, list[SchoolDay]]:
    return {
        1: [
            SchoolDay(day, is_teaching=day.isoweekday() in teaching, weekday=day.isoweekday()) for day in WEEK
        ]
    }


def test_due_is_calendar_times_timetable_times_roster() -> None:
    table = [lesson(1), lesson(1, DaySession.AFTERNOON, 2), lesson(2), lesson(6)]
    full = {10: [Span(MONDAY, None)]}
    due = registers_due(school_days(1, 2, 3), table, full)
    assert [(item.day, item.day_session, item.programme_session) for item in due] == [
        (MONDAY, DaySession.AFTERNOON, 2),
        (MONDAY, DaySession.MORNING, 1),
        (WEEK[1], DaySession.MORNING, 1),
    ]
    assert registers_due(school_days(), table, full) == []
    assert registers_due(school_days(1, 2), table, {}) == []
    assert len(registers_due(school_days(1, 2), table, {10: [Span(MONDAY, WEEK[1])]})) == 2


def test_a_make_up_day_follows_another_weekday() -> None:
    saturday = WEEK[5]
    days = {1: [SchoolDay(saturday, is_teaching=True, weekday=1)]}
    assert [item.day for item in registers_due(days, [lesson(1)], {10: [Span(MONDAY, None)]})] == [saturday]


def test_a_session_counts_as_first_programme_when_any_timetable_says_so() -> None:
    (due,) = registers_due(
        school_days(1), [lesson(1, programme=2), lesson(1, programme=1)], {10: [Span(MONDAY, None)]}
    )
    assert due.programme_session == 1


def test_a_new_timetable_hides_no_register_of_the_days_before_it() -> None:
    old = replace(lesson(1), span=Span(WEEK[0], WEEK[2]))
    new = lesson(3, since=WEEK[2])
    due = registers_due(school_days(1, 2, 3), [old, new], {10: [Span(MONDAY, None)]})
    assert [item.day for item in due] == [WEEK[0], WEEK[2]]


@given(st.sets(st.sampled_from(WEEK)))
def test_segments_cover_the_period_without_gap_or_overlap(cuts: set[date]) -> None:
    found = segments(WEEK[0], WEEK[6], cuts)
    covered = [day for begin, end in found for day in WEEK if begin <= day < end]
    assert covered == WEEK[:6]
    assert all(begin in {WEEK[0], *cuts} for begin, _ in found)


# --- chain --------------------------------------------------------------------------------------------------------


@given(values)
def test_a_value_survives_being_written_down(value: MarkValue) -> None:
    assert value_of(value_text(value)) == value
    assert letter_of(value_text(value)) == value.letter


@given(st.sets(st.integers(1, 10**6)))
def test_equal_rosters_have_equal_fingerprints(members: set[int]) -> None:
    assert roster_fingerprint(roster_text(members)) == roster_fingerprint(
        roster_text(sorted(members, reverse=True))
    )


def test_every_part_of_an_event_is_in_its_hash() -> None:
    content = EventContent(
        1, "op", 1, 1, "mark", 1, "{}", "{}", 1, None, "d", "", "", "2026-10-05T00:05:00+00:00"
    )
    base = event_hash(GENESIS, content)
    for name in EventContent.__dataclass_fields__:
        changed: dict[str, object] = {name: "anders" if isinstance(getattr(content, name), str) else 77}
        assert event_hash(GENESIS, replace(content, **changed)) != base, name  # type: ignore[arg-type]
    assert event_hash("1" * 64, content) != base


@given(st.text(), st.text(), st.integers(), st.one_of(st.none(), st.integers(0, 2**31)))
def test_an_event_is_hashed_as_the_standard_library_writes_it(
    why: str, device: str, version: int, user_id: int | None
) -> None:
    """Chains that were begun before the faster library wrote them stay whole."""
    content = EventContent(
        1,
        "op",
        7,
        version,
        "mark",
        3,
        "{}",
        value_text(MarkValue("K", note=why)),
        user_id,
        None,
        device,
        "",
        why,
        "at",
    )
    plain = json.dumps(content.parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert event_hash(GENESIS, content) == hashlib.sha256((GENESIS + plain).encode()).hexdigest()
    told = {"letter": "K"} | ({"note": why} if why else {})
    assert value_text(MarkValue("K", note=why)) == json.dumps(
        told, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
