"""Strokes as texts, drawings as answers, slides that ask nothing; and slides in the text of a plan."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from classroom.activities.rules import Content, Kind, checked, checked_answer, public_tally, shown_question
from classroom.activities.rules.reading import MOST_SLIDES, must_read, read_questions
from classroom.activities.rules.sketching import LONGEST_DRAWING, LONGEST_STROKE, drawing_key
from classroom.activities.rules.strokes import (
    CANVAS_HEIGHT,
    CANVAS_WIDTH,
    LARGEST,
    is_within,
    path_of,
    points_of,
    stroke_of,
)
from classroom.activities.rules.writing import written
from classroom.slides.rules import Page, slides_of
from tests.classroom.activities.samples import POINTS, contents

DRAWING: Final = checked(Content(Kind.DRAWING, "Vẽ con bướm"))
FILES: Final = ("a" * 64, "b" * 64)
DECKS: Final = {1: slides_of(FILES[0], [Page(1152, f"Trang {n}") for n in range(1, 9)]),
                3: slides_of(FILES[1], [Page(1536, "") for _ in range(4)])}  # fmt: skip


@given(POINTS)
def test_a_stroke_keeps_its_points_in_their_order(points: list[tuple[int, int]]) -> None:
    text = stroke_of(points)
    back = iter(points_of(text))
    distinct = [point for place, point in enumerate(points) if place == 0 or point != points[place - 1]]
    assert all(point in back for point in distinct), "long steps are taken in several, none is left out"
    assert is_within(text, CANVAS_WIDTH, CANVAS_HEIGHT)
    assert path_of([text]).startswith(f"M{points[0][0]} {points[0][1]}L")


@given(st.text(max_size=20))
def test_whatever_is_sent_is_a_stroke_on_the_grid_or_refused(text: str) -> None:
    try:
        points = points_of(text)
    except ValueError:
        assert not is_within(text, LARGEST, LARGEST)
        return
    assert all(0 <= x <= LARGEST and 0 <= y <= LARGEST for x, y in points)


def test_the_same_points_have_the_same_text_in_the_browser() -> None:
    assert stroke_of([(0, 0), (40, 0), (40, 3)]) == "0000qWqWWZ", "strokes.test.ts says the same"


def test_a_drawing_is_bounded_and_says_in_words_what_cannot_be_drawn() -> None:
    line = stroke_of([(1, 1), (9, 9)])
    assert checked_answer(DRAWING, ("=con  bướm ", line)) == (line, "=con bướm")
    refused = [
        (), ("=",), ("=a", "=b"), ("=" + "x" * 201,), ("",), ("000",), ("00!0",),
        (stroke_of([(CANVAS_WIDTH + 1, 0)]),), (line,) * 61,
        ("0000" + "WW" * (LONGEST_STROKE // 2),), ("0000" + "WW" * 200,) * (LONGEST_DRAWING // 400),
    ]  # fmt: skip
    for answer in refused:
        with pytest.raises(InvalidError):
            checked_answer(DRAWING, answer)


def test_a_drawing_reaches_the_projector_only_when_it_was_let_through() -> None:
    one, other = (stroke_of([(1, 1)]),), (stroke_of([(2, 2)]), "=hai")
    assert public_tally(DRAWING, [one, other]) == {}
    assert public_tally(DRAWING, [one, other], {drawing_key(other)}) == {"\n".join(other): 1}


def test_a_slide_takes_no_answer_and_does_not_say_where_its_file_lies() -> None:
    slide = DECKS[1][2]
    with pytest.raises(InvalidError):
        checked_answer(slide, ("A",))
    assert shown_question(slide) == {
        "kind": "slide", "question": "Trang 3", "points": 1, "page": 3, "high": 1152,
    }  # fmt: skip


SLIDES: Final = st.sampled_from([slide for slides in DECKS.values() for slide in slides])


@given(
    st.lists(
        SLIDES | contents(st.sampled_from([Kind.TEXT, Kind.SINGLE, Kind.DRAWING])), min_size=1, max_size=8
    )
)
def test_slides_stand_between_questions_in_a_plans_text(order: list[Content]) -> None:
    assert must_read(written(order, DECKS), DECKS) == tuple(order)


def test_slides_are_written_in_ranges_and_questions_keep_their_own_numbers() -> None:
    order = [*DECKS[1][:3], Content(Kind.TEXT, "Vì sao?"), DECKS[3][0], Content(Kind.DRAWING, "Vẽ đi")]
    text = written(order, DECKS)
    assert text == (
        "[tệp 1, trang 1-3]\n\nCâu 1. Vì sao? [câu hỏi mở]\n\n[tệp 3, trang 1]\n\nCâu 2. Vẽ đi [vẽ hình]"
    )
    assert must_read("[trang 2 – 3]\nCâu 1. Vì sao? [câu hỏi mở]\n[Tệp 3 trang 4]", DECKS)[:2] == tuple(
        DECKS[1][1:3]
    )
    with pytest.raises(InvalidError, match="tệp trình chiếu số 2"):
        must_read("[tệp 2, trang 1]", DECKS)
    with pytest.raises(InvalidError, match="từ 1 đến 8"):
        must_read("[tệp 1, trang 5-9]", DECKS)
    many = "\n".join(["[tệp 1, trang 1-8]"] * (MOST_SLIDES // 8 + 1))
    assert read_questions(many, DECKS).faults
