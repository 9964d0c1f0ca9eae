"""The steps of setting up are told from what the school has."""

from __future__ import annotations

from dataclasses import replace

from app.school.setup.rules import Progress, SchoolState, StepKey, open_steps, steps_of

COMPLETE = SchoolState(
    year="2026-2027", decided_days=9, has_bells=True, staff=20, classes=15, pupils=497, has_timetable=True
)


def progress(state: SchoolState) -> dict[StepKey, Progress]:
    return {step.key: step.progress for step in steps_of(state)}


def test_an_empty_school_lacks_every_step_and_a_complete_one_none() -> None:
    assert list(progress(SchoolState())) == list(StepKey)
    assert set(progress(SchoolState()).values()) == {Progress.MISSING}
    assert set(progress(COMPLETE).values()) == {Progress.DONE}
    assert open_steps(steps_of(COMPLETE)) == []


def test_what_is_half_done_says_what_is_missing() -> None:
    state = replace(
        COMPLETE, decided_days=0, without_homeroom=2, empty_classes=1, without_lessons=3, without_account=4
    )
    partly = {key for key, value in progress(state).items() if value is Progress.PARTLY}
    assert partly == {
        StepKey.YEAR,
        StepKey.PUPILS,
        StepKey.HOMEROOMS,
        StepKey.TIMETABLE,
        StepKey.ACCOUNTS,
    }
    words = {step.key: step.words for step in steps_of(state)}
    assert words[StepKey.HOMEROOMS] == "còn thiếu 2 lớp"
    assert StepKey.ACCOUNTS not in {step.key for step in open_steps(steps_of(state))}
