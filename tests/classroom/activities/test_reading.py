"""Questions as teachers type and paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from classroom.activities.rules import Content, Kind
from classroom.activities.rules.reading import must_read, read_questions
from classroom.activities.rules.writing import written
from tests.classroom.activities.samples import contents


@given(st.lists(contents(), min_size=1, max_size=4))
def test_what_is_written_is_read_back(questions: list[Content]) -> None:
    reading = read_questions(written(questions))
    assert reading.faults == ()
    assert list(reading.questions) == questions


@given(st.text("CâuABa1.)*:[]{}=-\n đápánthứtự", max_size=200))
def test_whatever_is_typed_is_read_or_said_what_is_wrong(text: str) -> None:
    reading = read_questions(text)
    assert all(fault.message and fault.line >= 1 for fault in reading.faults)


def one(text: str) -> Content:
    (content,) = must_read(text)
    return content


def test_options_pasted_on_one_line_come_apart() -> None:
    content = one("Câu 7: Thủ đô của nước ta?\nA. Huế  B. Hà Nội\tC. Đà Nẵng\nĐáp án: B")
    assert content.options == ("Huế", "Hà Nội", "Đà Nẵng")
    assert (content.kind, content.solution) == (Kind.SINGLE, ("B",))


def test_two_stars_make_several_answers_and_braces_a_misconception() -> None:
    content = one("1. Số nào chia hết cho 3?\n*A. 12\nB. 14 {chỉ nhìn chữ số cuối}\n*C. 27")
    assert (content.kind, content.solution) == (Kind.MULTIPLE, ("A", "C"))
    assert content.misconceptions == ("", "chỉ nhìn chữ số cuối", "")


def test_statements_may_be_judged_on_one_line() -> None:
    content = one("Câu 1. Xét:\na) một\nb) hai\nc) ba\nd) bốn\nĐáp án: Đ S Đ S")
    assert (content.kind, content.solution) == (Kind.STATEMENTS, ("T", "F", "T", "F"))


def test_a_question_that_cannot_be_read_is_named_by_number_and_line() -> None:
    with pytest.raises(InvalidError, match=r"Câu 2 \(dòng 4\)"):
        must_read("Câu 1. Được\nĐáp án: Sai\n\nCâu 2. Không rõ")


def test_an_empty_text_is_no_plan() -> None:
    with pytest.raises(InvalidError):
        must_read("  \n ")
