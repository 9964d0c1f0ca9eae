"""Kinds without letters and words: a drawing that a pupil makes with a finger, and a slide, which asks nothing.

A drawing is a list of strokes (see `strokes`) and, behind them, perhaps a text that begins with "=": whoever cannot
draw says in words what the picture would show.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from app.i18n import N_
from app.text import clean_text
from classroom.activities.rules.content import Answer, Content, refuse_answer, refuse_content, shows_page
from classroom.activities.rules.strokes import CANVAS_HEIGHT, CANVAS_WIDTH, is_within

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_STROKES, LONGEST_STROKE, LONGEST_DRAWING, LONGEST_WORDS = 60, 500, 6_000, 200
IN_WORDS: Final = "="


# --- drawings -----------------------------------------------------------------------------------------------------


def check_drawing(content: Content) -> None:
    """Refuse nothing: a drawing needs no more than its question."""
    del content


def read_drawing(content: Content, answer: Answer) -> Answer:
    """Return the strokes and the words behind them; refuse what is no stroke on the canvas, and what is too much."""
    del content
    strokes = [entry for entry in answer if not entry.startswith(IN_WORDS)]
    words = [clean_text(entry.removeprefix(IN_WORDS)) for entry in answer if entry.startswith(IN_WORDS)]
    if len(words) > 1 or any(not text or len(text) > LONGEST_WORDS for text in words):
        refuse_answer(N_("Phần mô tả bằng chữ quá dài."))
    if not strokes and not words:
        refuse_answer(N_("Em chưa vẽ gì."))
    if len(strokes) > MOST_STROKES or sum(map(len, strokes)) > LONGEST_DRAWING:
        refuse_answer(N_("Hình vẽ có quá nhiều nét. Em bỏ bớt vài nét rồi gửi lại."))
    if not all(
        len(stroke) <= LONGEST_STROKE and is_within(stroke, CANVAS_WIDTH, CANVAS_HEIGHT) for stroke in strokes
    ):
        refuse_answer(N_("Hình vẽ không đọc được. Em xóa rồi vẽ lại."))
    return (*strokes, *(f"{IN_WORDS}{text}" for text in words))


def strokes_in(answer: Answer) -> list[str]:
    """Return the strokes of a drawing."""
    return [entry for entry in answer if not entry.startswith(IN_WORDS)]


def words_in(answer: Answer) -> str:
    """Return what was said in words of a drawing, "" without."""
    return next((entry.removeprefix(IN_WORDS) for entry in answer if entry.startswith(IN_WORDS)), "")


def drawing_key(answer: Answer) -> str:
    """Return the short name by which a teacher lets a drawing through to the projector."""
    return hashlib.sha256("\n".join(answer).encode()).hexdigest()[:12]


def tally_drawings(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {the whole drawing, its entries on lines: how many drew just this}, in the order of drawing."""
    del content
    counts: dict[str, int] = {}
    for answer in answers:
        counts["\n".join(answer)] = counts.get("\n".join(answer), 0) + 1
    return counts


# --- slides -------------------------------------------------------------------------------------------------------


def check_slide(content: Content) -> None:
    """Refuse a slide that names no page of a drawn file, or one whose picture has no size."""
    if not shows_page(content):
        refuse_content("page", N_("Trang chiếu này không có trong tệp nào."))


def read_nothing(content: Content, answer: Answer) -> Answer:
    """Refuse every answer: a slide asks nothing."""
    del content, answer
    refuse_answer(N_("Trang chiếu không có câu trả lời."))
    return ()


def tally_nothing(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return nothing: nobody answers a slide."""
    del content, answers
    return {}
