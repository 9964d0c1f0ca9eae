"""Kinds that are arranged or rated: ordering, matching, a scale, the exit ticket.

What is to be arranged is stored in the order in which everybody sees it, shuffled once when the question is made, so
that no screen holds the right order before the reveal.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import N_, say
from app.text import clean_text
from classroom.activities.rules.content import (
    BLANK,
    FEWEST_OPTIONS,
    LETTERS,
    LONGEST_TEXT,
    Answer,
    Content,
    check_options,
    refuse_content,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEWEST_STEPS, MOST_STEPS = 2, 10
EXIT_STEPS: Final = 3
"""Exit ticket: 1 lost, 2 in part, 3 got it; then what is still unclear, if anything."""


def shuffled(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts in an order that depends on them alone, and is another one if there is another."""
    chance = random.Random(hashlib.sha256("\n".join(texts).encode()).digest())  # noqa: S311 - hides nothing for long
    order = list(texts)
    chance.shuffle(order)
    return tuple(order if order != list(texts) else [*order[1:], *order[:1]])


def letters_of(wanted: Sequence[str], shown: Sequence[str]) -> Answer:
    """Return the letters of the texts as they are shown."""
    return tuple(LETTERS[shown.index(text)] for text in wanted)


# --- ordering -----------------------------------------------------------------------------------------------------


def check_ordering(content: Content) -> None:
    """Refuse a solution that is no order of all entries."""
    check_options(content)
    if sorted(content.solution) != list(content.letters):
        refuse_content("solution", N_("Thứ tự đúng phải có mọi mục, mỗi mục một lần."))


def read_ordering(content: Content, answer: Answer) -> Answer:
    """Return the order; every entry once."""
    if sorted(answer) != list(content.letters):
        raise InvalidError(say("Em hãy xếp mọi mục, mỗi mục một lần."))
    return answer


def share_of_places(content: Content, answer: Answer) -> Fraction | None:
    """Return the share of entries in their right place."""
    right = sum(one == solved for one, solved in zip(answer, content.solution, strict=True))
    return Fraction(right, len(content.solution))


def tally_orders(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {"BAC": how many arranged it so}, the most frequent first."""
    del content
    counts = Counter("".join(answer) for answer in answers)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


# --- matching -----------------------------------------------------------------------------------------------------


def check_matching(content: Content) -> None:
    """Refuse left-hand sides without a right-hand side of their own."""
    check_options(content)
    enough = len(content.options) <= len(content.targets) <= len(LETTERS)
    if not enough or len(set(content.targets)) != len(content.targets) or not all(content.targets):
        refuse_content("targets", N_("Mỗi vế trái cần một vế phải riêng."))
    letters = set(content.target_letters)
    if len(content.solution) != len(content.options) or len(set(content.solution) & letters) != len(
        content.options
    ):
        refuse_content("solution", N_("Mỗi vế trái cần một vế phải riêng."))


def read_matching(content: Content, answer: Answer) -> Answer:
    """Return for each left-hand side the letter of a right-hand side, or "-"; no right-hand side twice."""
    used = [one for one in answer if one != BLANK]
    fits = len(answer) == len(content.options) and set(used) <= set(content.target_letters)
    if not fits or not used or len(set(used)) != len(used):
        raise InvalidError(say("Em hãy ghép mỗi vế trái với một vế phải, không dùng vế nào hai lần."))
    return answer


def tally_pairs(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {"1B": how many matched the first left-hand side with B}."""
    counts = {
        f"{n}{letter}": 0 for n in range(1, len(content.options) + 1) for letter in content.target_letters
    }
    for answer in answers:
        for number, letter in enumerate(answer, 1):
            if letter != BLANK:
                counts[f"{number}{letter}"] += 1
    return counts


# --- scale and exit ticket ----------------------------------------------------------------------------------------


def check_scale(content: Content) -> None:
    """Refuse a scale without two ends, or with fewer than 2 or more than 10 steps."""
    if not FEWEST_STEPS <= content.most <= MOST_STEPS:
        refuse_content("most", N_("Thang đo có từ 2 đến 10 mức."))
    if len(content.options) not in {0, FEWEST_OPTIONS} or content.solution:
        refuse_content("options", N_("Thang đo chỉ ghi lời cho hai đầu."))


def read_scale(content: Content, answer: Answer) -> Answer:
    """Return the step, from "1"."""
    if len(answer) != 1 or answer[0] not in _steps(content.most):
        raise InvalidError(say("Em hãy chọn một mức."))
    return answer


def tally_steps(content: Content, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {step: how many chose it}."""
    counts = Counter(answer[0] for answer in answers)
    return {step: counts[step] for step in _steps(content.most)}


def check_exit(content: Content) -> None:
    """Refuse anything but the three steps of the exit ticket."""
    if content.most != EXIT_STEPS or content.options or content.solution:
        refuse_content("most", N_("Phiếu cuối tiết luôn có ba mức."))


def read_exit(content: Content, answer: Answer) -> Answer:
    """Return the step and, if something was written, the text."""
    text = clean_text(answer[1]) if len(answer) == 2 else ""  # noqa: PLR2004 - the step and the text
    if len(answer) not in {1, 2} or answer[0] not in _steps(content.most) or len(text) > LONGEST_TEXT:
        raise InvalidError(say("Em hãy chọn một mức."))
    return (answer[0], text) if text else (answer[0],)


def _steps(most: int) -> tuple[str, ...]:
    return tuple(str(step) for step in range(1, most + 1))
