"""Right answers by objective over lessons, with an interval that says how little a few answers say."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app import db
from app.access import Role
from classroom.activities.rules import Move, choice
from classroom.mastery.rules import Mastery, Result, Verdict, by_objective, shrunk_shares, wilson
from tests.classroom.held import begin

if TYPE_CHECKING:
    from tests.classroom.held import Held

COUNTS = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(COUNTS)
def test_the_interval_holds_the_share_and_narrows_with_more_answers(counts: tuple[int, int]) -> None:
    right, total = counts
    low, high = wilson(right, total)
    assert 0 <= low <= right / total <= high <= 1
    closer = wilson(right * 4, total * 4)
    assert closer[1] - closer[0] < high - low
    assert wilson(total - right, total) == pytest.approx((1 - high, 1 - low))


def test_the_interval_is_wilsons() -> None:
    assert wilson(0, 0) == (0, 1)
    assert wilson(81, 263) == pytest.approx(
        (0.2553, 0.3662), abs=5e-5
    )  # Newcombe 1998, Statistics in Medicine 17, table I
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@given(
    st.lists(
        st.builds(Result, st.integers(1, 3), st.sampled_from(["Phân số", "phân số", "Chu vi"]), st.booleans())
    )
)
def test_every_answer_counts_once_whatever_the_spelling(results: list[Result]) -> None:
    found = by_objective(results)
    assert sum(one.total for one in found) == len(results)
    assert sum(one.right for one in found) == sum(one.is_right for one in results)
    assert len(found) == len({one.objective.lower() for one in results})
    again = [one.is_to_ask_again for one in found]
    assert again == sorted(again, reverse=True)
    assert all(0 < share < 1 for share in shrunk_shares(results).values())


@pytest.mark.parametrize(
    ("right", "total", "verdict", "again"),
    [(2, 2, Verdict.UNSURE, False), (0, 2, Verdict.UNSURE, True), (1, 10, Verdict.MISSED, True),
     (20, 20, Verdict.KNOWN, False), (5, 8, Verdict.UNSURE, False)],
)  # fmt: skip
def test_few_answers_give_no_verdict(right: int, total: int, verdict: Verdict, again: bool) -> None:  # noqa: FBT001
    one = Mastery("Chu vi", right, total)
    assert (one.verdict, one.is_to_ask_again) == (verdict, again)


def test_over_lessons_on_the_pupils_and_the_classs_page(held: Held) -> None:
    question = replace(choice("1 + 1 = ?", ["1", "2"], "B"), objective="Cộng trong phạm vi 10")
    pupil = held.pupils[0]
    for lesson in (held, begin(held.world, None), begin(held.world, None)):
        lesson.seat(pupil)
        activity = lesson.ask(question)
        lesson.answer(pupil, activity, "A")
        lesson.move(activity, Move.CLOSE)
    client, class_id = held.world.client(Role.TEACHER), held.world.class_ids["own"]
    page = client.get(f"/classes/{class_id}/mastery").text
    homeroom = held.world.client(Role.HOMEROOM_TEACHER)
    db.session().rollback()
    own = homeroom.get(f"/pupils/{pupil}").text
    for text in (page, own):
        assert "Cộng trong phạm vi 10" in text
        assert "0/3" in text
        assert "0–56%" in text
    assert "Nguyễn Văn An" in page
    assert "1 + 1 = ?" in page
    db.session().rollback()
    assert client.get(f"/classes/{held.world.class_ids['other_class']}/mastery").status_code == 404
    db.session().rollback()
    bold = held.world.client(Role.TEACHER, gave_factor=True)
    answer = bold.get(f"/classes/{class_id}/mastery.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["Họ và tên", "Mục tiêu", "Đúng", "Câu trả lời"]
    assert rows[1][:5] == ["Cả lớp", "Cộng trong phạm vi 10", 0, 3, 0]
    assert rows[2][0] == "Nguyễn Văn An"
    assert rows[2][-1] == "Chưa nắm, nên hỏi lại"
