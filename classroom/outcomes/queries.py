"""Reading a lesson afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from classroom.activities import queries as activities
from classroom.activities.rules import (
    Kind,
    is_right,
    misconceptions_shown,
    points_for,
    share_right,
    tally,
)
from classroom.activities.rules.bars import bars, short_form
from classroom.activities.rules.sketching import strokes_in, words_in
from classroom.activities.rules.strokes import path_of
from classroom.answers import queries as answers
from classroom.confidence.queries import sureness_of_standing
from classroom.guests.queries import guest_counts
from classroom.hands.queries import raised_counts
from classroom.inquiries.queries import inquiries_of
from classroom.lessons.queries import away_from, pupils_of
from classroom.outcomes.rules import (
    INQUIRY_STATES,
    AnswerOutcome,
    Drawing,
    InquiryOutcome,
    LessonOutcome,
    PupilOutcome,
    QuestionOutcome,
    RoundOutcome,
    Sureness,
)
from classroom.retention.queries import summaries_of
from classroom.seats.queries import seats_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from classroom.activities.models import Activity
    from classroom.activities.rules import Answer, Content
    from classroom.answers.models import Attempt
    from classroom.lessons.models import Lesson
    from classroom.retention.models import RoundSummary

Given = dict[tuple[int, int, int], "Attempt"]


def outcome_of(session: Session, lesson: Lesson) -> LessonOutcome:
    """Return what came of a lesson: question by question, pupil by pupil; as many statements whatever its size."""
    shown = [
        item
        for item in activities.activities_of(session, lesson.id)
        if item.shown_seq > 0 and item.kind != Kind.SLIDE
    ]
    rows = answers.attempts_of(session, lesson.id)
    given: Given = {(row.activity_id, row.round, row.pupil_id): row for row in rows}
    seats = seats_of(session, lesson.id)
    sure = sureness_of_standing(session, lesson.id)
    guests = guest_counts(session, lesson.id)
    hands = raised_counts(session, lesson.id)
    pupils, away = pupils_of(session, lesson), away_from(session, lesson)
    names = {pupil.id: pupil.full_name for pupil in pupils}
    summaries = summaries_of(session, lesson.id) if lesson.answers_gone_at else {}
    return LessonOutcome(
        tuple(
            _from_summaries(item, summaries)
            if lesson.answers_gone_at
            else _question_outcome(
                item, [row for row in rows if row.activity_id == item.id], _Beside(sure, guests, names)
            )
            for item in shown
        ),
        tuple(
            PupilOutcome(
                pupil.id,
                pupil.full_name,
                number,
                pupil.id in seats,
                tuple(_answer_outcome(item, pupil.id, given, sure) for item in shown),
                hands.get(pupil.id, 0),
                pupil.id in away,
            )
            for number, pupil in enumerate(pupils, 1)
        ),
        tuple(
            InquiryOutcome(one.text, names.get(one.pupil_id, ""), INQUIRY_STATES[one.state], one.votes)
            for one in sorted(inquiries_of(session, lesson.id), key=lambda one: (-one.votes, one.id))
        ),
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the answers: who was sure, {(activity, round): guests who answered}, {pupil: name}."""

    sure: Mapping[tuple[int, int, int], bool]
    guests: Mapping[tuple[int, int], int]
    names: Mapping[int, str]


def _question_outcome(activity: Activity, rows: Sequence[Attempt], beside: _Beside) -> QuestionOutcome:
    content = activities.content_of(activity.content)
    by_round = {
        number: [answers.answer_of(row.answer) for row in rows if row.round == number and not row.is_late]
        for number in range(1, activity.round + 1)
    }
    last = by_round[activity.round]
    return QuestionOutcome(
        content,
        [
            replace(
                _round_outcome(content, number, given),
                guests=beside.guests.get((activity.id, number), 0),
                sure=_sureness(content, [row for row in rows if row.round == number], beside.sure),
                drawings=_drawings(content, [row for row in rows if row.round == number], beside.names),
            )
            for number, given in by_round.items()
        ],
        misconceptions_shown(content, last),
        [answer[1] for answer in last if content.kind is Kind.EXIT and len(answer) > 1],
        sum(row.is_late for row in rows),
        activity.id,
    )


def _round_outcome(content: Content, number: int, given: Sequence[Answer]) -> RoundOutcome:
    right = sum(bool(is_right(content, answer)) for answer in given)
    share = Fraction(right, len(given)) if content.solution and given else None
    if content.kind is Kind.DRAWING:
        return RoundOutcome(number, [], len(given), share)
    return RoundOutcome(number, bars(content, tally(content, given)), len(given), share)


def _drawings(content: Content, rows: Sequence[Attempt], names: Mapping[int, str]) -> tuple[Drawing, ...]:
    if content.kind is not Kind.DRAWING:
        return ()
    given = [(names.get(row.pupil_id, ""), answers.answer_of(row.answer)) for row in rows if not row.is_late]
    return tuple(Drawing(name, path_of(strokes_in(answer)), words_in(answer)) for name, answer in given)


def _sureness(
    content: Content, rows: Sequence[Attempt], sure: Mapping[tuple[int, int, int], bool]
) -> Sureness | None:
    said = [
        (sure[key], is_right(content, answers.answer_of(row.answer)))
        for row in rows
        if not row.is_late and (key := (row.activity_id, row.round, row.pupil_id)) in sure
    ]
    if not said:
        return None
    return Sureness(
        sum(is_sure for is_sure, _ in said),
        sum(is_sure and right is False for is_sure, right in said),
        sum(not is_sure for is_sure, _ in said),
    )


def _from_summaries(
    activity: Activity, summaries: Mapping[tuple[int, int], tuple[RoundSummary, dict[str, int]]]
) -> QuestionOutcome:
    """Return what stayed of a question whose answers are gone."""
    content = activities.content_of(activity.content)
    kept = [
        summaries[activity.id, number]
        for number in range(1, activity.round + 1)
        if (activity.id, number) in summaries
    ]
    rounds = [
        RoundOutcome(
            row.round,
            bars(content, counts),
            row.answered,
            Fraction(row.right, row.answered) if row.right is not None and row.answered else None,
        )
        for row, counts in kept
    ]
    late = kept[-1][0].late if kept else 0
    return QuestionOutcome(content, rounds or [RoundOutcome(1, [], 0, None)], {}, [], late, activity.id)


def _answer_outcome(
    activity: Activity,
    pupil_id: int,
    given: Mapping[tuple[int, int, int], Attempt],
    sure: Mapping[tuple[int, int, int], bool],
) -> AnswerOutcome | None:
    attempt = given.get((activity.id, activity.round, pupil_id))
    if attempt is None:
        return None
    content = activities.content_of(activity.content)
    answer = answers.answer_of(attempt.answer)
    before = given.get((activity.id, 1, pupil_id)) if activity.round > 1 else None
    return AnswerOutcome(
        short_form(content, answer),
        is_right(content, answer),
        attempt.is_late,
        share_right(content, answer),
        points_for(content, answer, attempt.answered_at, (activity.opened_at, activity.closes_at)),
        short_form(content, answers.answer_of(before.answer)) if before else "",
        sure.get((activity.id, activity.round, pupil_id)),
    )
