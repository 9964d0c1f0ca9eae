"""A lesson afterwards: both rounds, what was missed, points, and the workbook."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING

import pytest
from pypdfium2 import PdfDocument  # type: ignore[import-untyped] # ships no types
from python_calamine import CalamineWorkbook

from app import absences, clock, db
from app.access import Role
from app.paper import pdf_of
from attendance.registers.queries.pupil import absent_in_session
from classroom.activities.rules import Content, Kind, Move, checked, choice
from classroom.lessons.models import Lesson
from classroom.lessons.rules import fair_pick
from classroom.outcomes.queries import outcome_of
from classroom.outcomes.rules import (
    AnswerOutcome,
    LessonOutcome,
    PupilOutcome,
    QuestionOutcome,
    RoundOutcome,
    sheet_of,
)
from classroom.outcomes.rules.paper import QUESTIONS_A_TABLE, Heading, paper_of
from classroom.outcomes.views import PAPER, said
from classroom.seats.commands import give_extra_time
from tests.classroom.activities.test_formulas import SCHOOL
from tests.classroom.lessons.test_away import mark_absent

if TYPE_CHECKING:
    from tests.classroom.held import Held


def ask_twice(held: Held) -> None:
    """Two pupils answer wrongly; after a discussion one of them answers rightly."""
    question = choice("1 + 1 = ?", ["1", "2"], "B", misconceptions=["đếm thiếu", ""])
    for pupil in held.pupils[:2]:
        held.seat(pupil)
    activity = held.ask(question)
    for pupil in held.pupils[:2]:
        held.answer(pupil, activity, "A")
    for move in (Move.CLOSE, Move.DISCUSS, Move.OPEN):
        held.move(activity, move)
    held.answer(held.pupils[0], activity, "B", round_=2)
    held.answer(held.pupils[1], activity, "A", round_=2)
    held.move(activity, Move.CLOSE)
    held.move(activity, Move.REVEAL)


def test_both_rounds_what_was_missed_and_the_mistakes_behind_it(held: Held) -> None:
    ask_twice(held)
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    (question,) = outcome.questions
    assert [(one.answered, one.right) for one in question.rounds] == [(2, Fraction(0)), (2, Fraction(1, 2))]
    assert question.shift == Fraction(1, 2)
    assert outcome.missed == [(1, question)]
    assert question.misconceptions == {"đếm thiếu": 1}
    assert sorted(row.points for row in outcome.pupils)[-2:] == [0, 1]
    assert len(outcome.absent) == len(held.pupils) - 2


def test_the_workbook_has_a_line_for_each_pupil(held: Held) -> None:
    ask_twice(held)
    client = held.world.client(Role.TEACHER, gave_factor=True)
    answer = client.get(f"/lessons/{held.lesson_id}/workbook.xlsx")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:5] == ["STT", "Họ và tên", "Tham gia", "Câu 1", "Câu 1 (lần 1)"]
    assert len(rows) == 1 + len(held.pupils)
    heads, lines = sheet_of(outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id)))
    assert all(len(line) == len(heads) for line in lines)
    assert "Sau thảo luận" in client.get(f"/lessons/{held.lesson_id}").text


def test_extra_time_moves_a_pupils_own_end_of_the_timer(held: Held) -> None:
    now = clock.now()
    for pupil in held.pupils[:2]:
        held.seat(pupil)
    give_extra_time(held.lesson_id, held.pupils[0], 50)
    activity = held.ask(checked(Content(Kind.TRUE_FALSE, "?", solution=("T",))), seconds=60)
    later = now + timedelta(seconds=80)
    assert not held.answer(held.pupils[0], activity, "T", at=later).is_late
    assert held.answer(held.pupils[1], activity, "T", at=later).is_late


def test_a_late_answer_is_told_but_not_counted_in_the_workbook(held: Held) -> None:
    for pupil in held.pupils[:2]:
        held.seat(pupil)
    activity = held.ask(checked(Content(Kind.TRUE_FALSE, "?", solution=("T",))))
    held.answer(held.pupils[0], activity, "T")
    held.move(activity, Move.CLOSE)
    assert held.answer(held.pupils[1], activity, "T", at=clock.now() + timedelta(seconds=9)).is_late
    heads, lines = sheet_of(outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id)))
    said, points, total = (heads.index(head) for head in ("Câu 1", "Điểm câu 1", "Tổng điểm"))
    rows = [(line[said], line[points], line[total]) for line in lines if line[said]]
    assert set(rows) == {("Đ", 1.0, 1.0), ("Đ (trễ)", None, 0.0)}


def test_everybody_is_called_once_before_anybody_twice() -> None:
    chance = Random(7)
    called: list[int] = []
    for turn in range(1, 31):
        pupil = fair_pick(range(5), called, chance)
        assert pupil is not None
        assert not called or pupil != called[-1]
        called.append(pupil)
        assert max(map(called.count, range(5))) - min(map(called.count, range(5))) <= 1, turn
    assert fair_pick([], called, chance) is None


def test_who_comes_back_after_weeks_is_not_called_again_and_again() -> None:
    chance = Random(7)
    called = [1, 2, 3, 4] * 6
    for _ in range(12):
        pupil = fair_pick(range(5), called, chance)
        assert pupil is not None
        assert pupil not in called[-2:], "who was called just now rests"
        called.append(pupil)
    assert called[-12:].count(0) == 4


def test_the_paper_tells_both_rounds_what_was_missed_and_who_was_absent(held: Held) -> None:
    ask_twice(held)
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    told = paper_of(outcome, Heading("Trường Hoa Mai", "Toán, lớp 4/1", "05/10/2026", "", ""))
    (question,) = told["questions"]
    assert [one["said"][0] for one in question["rounds"]] == ["Lần 1", "Lần 2"]
    assert told["missed"] == [
        {"question": ["Câu 1", ". ", "1 + 1 = ?"], "share": "Đúng 50%", "mistakes": ["đếm thiếu: 1"]}
    ]
    assert len(told["absent"]) == len(held.pupils) - 2
    (table,) = told["tables"]
    assert sorted({row[2] for row in table["rows"]}) == ["A → A ✗", "A → B ✓", "–"]
    db.session().rollback()
    client = held.world.client(Role.TEACHER, gave_factor=True)
    answer = client.get(f"/lessons/{held.lesson_id}/result.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert 'filename="tiet-hoc-4-1' in answer.headers["Content-Disposition"]
    db.session().rollback()
    assert "result.pdf" in client.get(f"/lessons/{held.lesson_id}").text
    db.session().rollback()
    stranger = held.world.client(Role.OFFICE_CLERK, gave_factor=True)
    assert stranger.get(f"/lessons/{held.lesson_id}/result.pdf").status_code == 404


def test_more_questions_than_a_sheet_is_wide_go_on_in_another_table(held: Held) -> None:
    held.seat(held.pupils[0])
    for _ in range(QUESTIONS_A_TABLE + 1):
        held.move(held.ask(choice("**Đậm** và *nghiêng*, `mã`: $x^2$", ["1", "2"], "B")), Move.CLOSE)
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    told = paper_of(outcome, Heading("", "", "", "", ""))
    assert [len(table["heads"]) - 2 for table in told["tables"]] == [6, 7], "as many on each"
    assert [len(table["sums"]) for table in told["tables"]] == [0, 2]
    square = ["math", ["msup", ["mi", "x"], ["mn", "2"]]]
    assert told["questions"][0]["question"] == ["Câu 1", ". ", "Đậm và nghiêng, mã: ", square]


def tables_on_paper(pupils: int, answers: tuple[str, ...]) -> list[str]:
    """Return the text, without spaces, of every sheet that tells of single pupils."""
    content, names = choice("?", ["1", "2"], "B"), ("Công Tằng Tôn Nữ Bảo Trâm", "Trần Thị Thanh Tuyền")
    told = [AnswerOutcome(answer, None, is_late=False, share=None, points=Fraction(0)) for answer in answers]
    rows = tuple(
        PupilOutcome(n, names[n % 2], n, joined=True, answers=tuple(told)) for n in range(1, pupils + 1)
    )
    questions = tuple(
        QuestionOutcome(content, [RoundOutcome(1, [], 0, None)], {}, [], 0, n) for n in range(len(answers))
    )
    outcome = paper_of(LessonOutcome(questions, rows, ()), Heading("", "", "", "", ""))
    with closing(PdfDocument(pdf_of(PAPER, said(outcome)))) as paper:
        sheets = ["".join(page.get_textpage().get_text_range().split()) for page in paper]
    return [text for text in sheets if "Từnghọcsinh" in text]


@pytest.mark.parametrize("pupils", [20, 35, 45])
def test_a_class_is_on_one_sheet_and_a_larger_one_on_even_sheets(pupils: int) -> None:
    for answers in (("A",) * 4, ("B",) * 12, ("Thành phố Hồ Chí Minh",) * 4):
        assert len(tables_on_paper(pupils, answers)) == 1, answers
    sheets = tables_on_paper(pupils, ("một câu trả lời rất dài",) * 12)
    lines = [text.count("BảoTrâm") + text.count("ThanhTuyền") for text in sheets]
    assert (sum(lines), max(lines) - min(lines) < len(lines)) == (pupils, True), "no sheet with a line or two"
    assert all("Họvàtên" in text for text in sheets)


def test_every_formula_of_a_school_is_set_on_paper(held: Held) -> None:
    text = " ".join(f"${one}$" for one in SCHOOL)
    held.move(held.ask(choice(text, ["$x^2$", "5$"], "B")), Move.CLOSE)
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    told = paper_of(outcome, Heading("", "", "", "", ""))
    assert [one for one in told["questions"][0]["question"] if "$" in one] == []
    assert pdf_of(PAPER, said(told)).startswith(b"%PDF-")


def test_who_was_not_in_school_is_told_from_who_only_took_no_part(held: Held) -> None:
    absences.answer(absent_in_session)
    away = mark_absent(held, held.pupils[:1])
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    assert {row.pupil_id for row in outcome.absent if row.away} == away
    assert len(outcome.absent) > len(away)
    assert {row[2] for row in sheet_of(outcome)[1]} == {"Vắng", "Không"}
    told = paper_of(outcome, Heading("", "", "", "", ""))["absent"]
    assert [str(name).endswith("(vắng)") for name in told].count(True) == len(away)
