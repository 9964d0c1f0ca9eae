"""Questions as teachers type and paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from classroom.activities.rules import Content, Kind, shown_question
from classroom.activities.rules.reading import must_read, read_questions
from classroom.activities.rules.writing import written
from classroom.slides.rules import Page, slides_of
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


SHEET = """TRƯỜNG THCS LÊ LỢI
Họ và tên: ........... Lớp: ....
PHẦN I. Câu trắc nghiệm nhiều phương án lựa chọn.
Thí sinh trả lời từ câu 1 đến câu 4.
Câu 1 (NB): Thủ đô của nước ta là
A.Huế\tB.Hà Nội\tC.Đà Nẵng\tD.Cần Thơ
Câu 2. [TH] Giá trị của \\(2^3\\) là: A. 6 B. 8 C. 9 D. 5
Câu 3: Chọn khẳng định đúng.
a. Một
b. Hai
c. Ba
Câu 4 (0,25 điểm). Cây xanh nhả khí nào?
A/ Ô-xi
B/ Các-bô-níc
PHẦN II. Câu trắc nghiệm đúng sai.
Câu 1. Xét hàm số $$y=x^2$$
a) Đi qua gốc
b) Luôn đồng biến
c) Trục đối xứng Oy
d) Nhỏ nhất là 1
PHẦN III. Câu trắc nghiệm trả lời ngắn.
Câu 1. Tính 2,5 . 5
Câu 2. Ai lãnh đạo khởi nghĩa Lam Sơn?
-----HẾT-----
Thí sinh không được sử dụng tài liệu.
ĐÁP ÁN
PHẦN I
Câu\t1\t2\t3\t4
Đáp án\tB\tB\tC\tA
PHẦN II
Câu 1: a) Đ b) S c) Đ d) S
PHẦN III
Câu\t1\t2
Đáp án\t12,5\tLê Lợi
"""


def test_a_sheet_in_the_form_of_the_examination_is_read_with_its_table_of_answers() -> None:
    reading = read_questions(SHEET)
    assert reading.faults == ()
    assert [(one.kind, one.question, one.solution) for one in reading.questions] == [
        (Kind.SINGLE, "Thủ đô của nước ta là", ("B",)),
        (Kind.SINGLE, "Giá trị của $2^3$ là:", ("B",)),
        (Kind.SINGLE, "Chọn khẳng định đúng.", ("C",)),
        (Kind.SINGLE, "Cây xanh nhả khí nào?", ("A",)),
        (Kind.STATEMENTS, "Xét hàm số $y=x^2$", ("T", "F", "T", "F")),
        (Kind.NUMBER, "Tính 2,5 . 5", ("12,5",)),
        (Kind.SHORT, "Ai lãnh đạo khởi nghĩa Lam Sơn?", ("Lê Lợi",)),
    ]
    assert reading.questions[1].options == ("6", "8", "9", "5")
    assert "TRƯỜNG THCS LÊ LỢI" in reading.left_out
    assert len(reading.left_out_shortly) == 4
    assert read_questions(written(reading.questions)).questions == reading.questions


@pytest.mark.parametrize(
    "table",
    ["ĐÁP ÁN\n1.B 2.C", "Bảng đáp án:\n1-B; 2-C", "ĐÁP ÁN ĐỀ 101\nCâu 1: B. Vì đúng.\nCâu 2: Chọn C",
     "ĐÁP ÁN\n| Câu | 1 | 2 |\n|---|---|---|\n| Đáp án | B | C |", "ĐÁP ÁN\n1\tB\n2\tC",
     "Đáp án\nCâu 1 - B\nCâu 2 - C"],
)  # fmt: skip
def test_tables_of_answers_come_in_many_forms(table: str) -> None:
    text = f"Câu 1. Một?\nA. a\nB. b\nC. c\nCâu 2. Hai?\nA. a\nB. b\nC. c\n{table}"
    assert [one.solution for one in must_read(text)] == [("B",), ("C",)]


@pytest.mark.parametrize(
    "answer",
    ["Đáp án: B", "Đáp án B", "ĐÁP ÁN ĐÚNG: B. Hà Nội", "Chọn B.", "=> Chọn đáp án B", "Đáp án: Hà Nội",
     "**Đáp án: B**",
     "Lời giải\nChọn B\nVì là thủ đô.", "ĐA: B", "Đáp án đúng là: B"],
)  # fmt: skip
def test_what_is_right_is_said_in_many_ways(answer: str) -> None:
    content = one(f"Câu 1. Thủ đô?\nA. Huế\nB. Hà Nội\nC. Đà Nẵng\n{answer}")
    assert (content.kind, content.question, content.solution) == (Kind.SINGLE, "Thủ đô?", ("B",))


@pytest.mark.parametrize(
    "options",
    [
        "A. Huế\nB. Hà Nội (đúng)",
        "- **A.** Huế\n- **B. Hà Nội**",
        "a) Huế\n*b) Hà Nội",
        "A. Huế\nB. Hà Nội ✅",
    ],
)
def test_the_right_option_is_marked_in_many_ways(options: str) -> None:
    content = one(f"**Câu 1:** Thủ đô?\n{options}")
    assert (content.question, content.options, content.solution) == ("Thủ đô?", ("Huế", "Hà Nội"), ("B",))


def test_an_explanation_goes_on_and_letters_in_a_sentence_are_no_options() -> None:
    content = one(
        "Câu 1. Chọn\nA. Hai điểm A và B. Khi đó thẳng hàng\nB. Khác\nĐáp án: A\nLời giải:\nVì đúng.\nVà rõ."
    )
    assert content.options == ("Hai điểm A và B. Khi đó thẳng hàng", "Khác")
    assert content.explanation == "Vì đúng. Và rõ."


def test_a_part_of_a_poem_is_no_part_of_the_sheet() -> None:
    content = one("Câu 1. Đọc bài thơ.\nPhần 1 của bài nói gì?\nA. Mưa\n*B. Nắng")
    assert (content.question, content.solution) == ("Đọc bài thơ.\nPhần 1 của bài nói gì?", ("B",))


def test_a_list_that_is_numbered_is_one_question() -> None:
    first, second = must_read("1. Xếp.\nThứ tự:\n1. Một\n2. Hai\n3. Ba\n\n2. Đúng?\nĐáp án: Đúng")
    assert (first.kind, len(first.options), second.kind) == (Kind.ORDERING, 3, Kind.TRUE_FALSE)


def test_a_line_names_the_picture_of_a_question() -> None:
    decks = {2: slides_of("a" * 64, [Page(1152, "Một"), Page(900, "Hai")])}
    text = "Câu 1. Hình gì?\n[hình 2, trang 2]\nTrả lời: hình tròn"
    (content,) = must_read(text, decks)
    assert (content.kind, content.question, content.file, content.page, content.high) == (
        Kind.SHORT, "Hình gì?", "a" * 64, 2, 900,
    )  # fmt: skip
    assert written([content], decks) == text
    assert written([content]) == "Câu 1. Hình gì?\nTrả lời: hình tròn", (
        "asked again where there is no such file"
    )
    assert shown_question(content)["high"] == 900
    assert "a" * 64 not in str(shown_question(content))
    with pytest.raises(InvalidError, match="tệp"):
        must_read(text)
