"""Kinds that are answered with letters: one choice, several, true or false, four statements, the quick question."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import N_, say
from classroom.activities.rules.content import (
    BLANK,
    Answer,
    Content,
    Kind,
    check_options,
    refuse_content,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

TRUE, FALSE = "T", "F"
MOST_STATEMENTS: Final = 4
STATEMENT_SHARES: Final = (Fraction(0), Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(1))
"""Share of the points for 0 to 4 right statements: 0,1 · 0,25 · 0,5 · 1 point (graduation examination from 2025,
structure published with Quyết định 764/QĐ-BGDĐT of 8 March 2024)."""


def check_choices(content: Content) -> None:
    """Refuse a choice whose solution is not among its letters; a single choice has at most one."""
    if content.kind is Kind.QUICK and not any(content.options):
        if not 2 <= len(content.options) <= len(content.letters):  # noqa: PLR2004 - one letter asks nothing
            refuse_content("options", N_("Cần ít nhất 2 lựa chọn."))
    else:
        check_options(content)
    if not set(content.solution) <= set(content.letters):
        refuse_content("solution", N_("Đáp án đúng không hợp lệ. Hãy chọn lại đáp án đúng."))
    if len(content.solution) > 1 and content.kind is not Kind.MULTIPLE:
        refuse_content("solution", N_("Câu này chỉ có một đáp án đúng."))


def read_choices(content: Content, answer: Answer) -> Answer:
    """Return the chosen letters once each, in order."""
    letters = tuple(sorted(set(answer)))
    if not letters or not set(letters) <= set(content.letters):
        raise InvalidError(say("Câu trả lời này không có trong các lựa chọn."))
    if len(letters) > 1 and content.kind is not Kind.MULTIPLE:
        raise InvalidError(say("Câu này chỉ chọn một đáp án."))
    return letters


def share_of_choices(content: Content, answer: Answer) -> Fraction | None:
    """All or nothing: the letters of the solution and no other. None when nothing is right (a poll)."""
    if not content.solution:
        return None
    return Fraction(answer == tuple(sorted(content.solution)))


def tally_letters(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {letter: how many chose it}; with several letters in an answer each counts."""
    counts = dict.fromkeys(content.letters, 0)
    for answer in answers:
        for letter in answer:
            counts[letter] += 1
    return counts


# --- true or false ------------------------------------------------------------------------------------------------


def check_truth(content: Content) -> None:
    """Refuse a solution that is neither true nor false; none at all asks for opinions."""
    if content.options or content.solution not in {(), (TRUE,), (FALSE,)}:
        refuse_content("solution", N_("Đáp án của câu này là Đúng hoặc Sai."))


def read_truth(content: Content, answer: Answer) -> Answer:
    """Return ("T",) or ("F",)."""
    del content
    if answer not in {(TRUE,), (FALSE,)}:
        raise InvalidError(say("Em hãy chọn Đúng hoặc Sai."))
    return answer


def tally_truth(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return how many said true and false."""
    del content
    counts = Counter(answer[0] for answer in answers)
    return {TRUE: counts[TRUE], FALSE: counts[FALSE]}


# --- statements ---------------------------------------------------------------------------------------------------


def check_statements(content: Content) -> None:
    """Refuse more than four statements, or a solution that does not judge each of them."""
    check_options(content, most=MOST_STATEMENTS)
    if len(content.solution) != len(content.options) or any(
        one not in {TRUE, FALSE} for one in content.solution
    ):
        refuse_content("solution", N_("Hãy ghi Đúng hoặc Sai cho từng ý."))


def read_statements(content: Content, answer: Answer) -> Answer:
    """Return one of "T", "F", "-" for each statement; at least one must be judged."""
    fits = len(answer) == len(content.options) and all(one in {TRUE, FALSE, BLANK} for one in answer)
    if not fits or all(one == BLANK for one in answer):
        raise InvalidError(say("Em hãy chọn Đúng hoặc Sai cho từng ý."))
    return answer


def share_of_statements(content: Content, answer: Answer) -> Fraction | None:
    """Return the share of the examination: by how many of four are right; with fewer statements in proportion."""
    right = sum(one == solved for one, solved in zip(answer, content.solution, strict=True))
    if len(content.solution) == MOST_STATEMENTS:
        return STATEMENT_SHARES[right]
    return Fraction(right, len(content.solution))


def tally_statements(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {"1T": how many judged the first statement true, "1F": …}."""
    counts = {f"{n}{judged}": 0 for n in range(1, len(content.options) + 1) for judged in (TRUE, FALSE)}
    for answer in answers:
        for number, judged in enumerate(answer, 1):
            if judged != BLANK:
                counts[f"{number}{judged}"] += 1
    return counts
