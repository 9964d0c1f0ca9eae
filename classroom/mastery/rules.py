"""What somebody can do, as pure values: right answers of all, with the uncertainty that so few answers leave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Z_95: Final = 1.959963984540054
"""The 97.5 % point of the standard normal distribution: two-sided 95 %."""
MASTERED: Final = 0.6
"""From this share on something is known; below it the class missed it (the line of the lesson page)."""
FEWEST: Final = 3
"""Answers below which nothing is said but how many there are."""


class Verdict(StrEnum):
    """What the answers show: known, not known, or too few to say."""

    KNOWN = "known"
    MISSED = "missed"
    UNSURE = "unsure"


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval for the share that `right` of `total` answers estimate; (0, 1) for none.

    Source: Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, Journal of the
    American Statistical Association 22, 209-212. Unlike p ± z·s it stays inside [0, 1] and is honest for a handful of
    answers (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133, recommend it for small n).
    """
    if total <= 0:
        return 0.0, 1.0
    share, spread = right / total, Z_95**2 / total
    middle = (share + spread / 2) / (1 + spread)
    reach = Z_95 / (1 + spread) * sqrt(share * (1 - share) / total + Z_95**2 / (4 * total**2))
    low = 0.0 if right == 0 else max(0.0, middle - reach)
    high = 1.0 if right == total else min(1.0, middle + reach)
    return low, high


NOBODY: Final = 0
"""Whose an answer is that the school no longer keeps."""


@dataclass(frozen=True, slots=True)
class Result:
    """One answer in time to a question that has something right: whose, about what, wholly right or not.

    Of answers that are gone only the class's counts stay: they are NOBODY's.
    """

    pupil_id: int
    objective: str
    is_right: bool
    times: int = 1


@dataclass(frozen=True, slots=True)
class Mastery:
    """Right answers of all about an objective; `low` and `high` are the ends of the 95 % interval of the share."""

    objective: str
    right: int
    total: int

    @property
    def share(self) -> float:
        """The share that is right."""
        return self.right / self.total

    @property
    def low(self) -> float:
        """The lower end."""
        return wilson(self.right, self.total)[0]

    @property
    def high(self) -> float:
        """The upper end."""
        return wilson(self.right, self.total)[1]

    @property
    def verdict(self) -> Verdict:
        """KNOWN or MISSED only where the whole interval says so."""
        if self.total < FEWEST:
            return Verdict.UNSURE
        if self.low >= MASTERED:
            return Verdict.KNOWN
        return Verdict.MISSED if self.high < MASTERED else Verdict.UNSURE

    @property
    def words(self) -> str:
        """The verdict as a message; where it is open, what to do about it."""
        if self.verdict is Verdict.UNSURE:
            return N_("Nên hỏi lại") if self.is_to_ask_again else N_("Chưa đủ để kết luận")
        return N_("Đã nắm") if self.verdict is Verdict.KNOWN else N_("Chưa nắm, nên hỏi lại")

    @property
    def is_to_ask_again(self) -> bool:
        """Whether the answers so far give a reason to ask: missed, or more wrong than the line with doubt left."""
        return self.verdict is Verdict.MISSED or (self.verdict is Verdict.UNSURE and self.share < MASTERED)


def by_objective(results: Iterable[Result]) -> list[Mastery]:
    """Return the mastery of each objective, what needs asking again first; spellings that differ in case are one."""
    names: dict[str, str] = {}
    counts: dict[str, list[int]] = {}
    for result in results:
        key = fold(result.objective)
        names.setdefault(key, result.objective)
        count = counts.setdefault(key, [0, 0])
        count[0] += result.is_right * result.times
        count[1] += result.times
    found = [Mastery(names[key], right, total) for key, (right, total) in counts.items() if total]
    return sorted(found, key=lambda one: (not one.is_to_ask_again, one.high, fold(one.objective)))


def by_pupil(results: Iterable[Result]) -> dict[int, list[Mastery]]:
    """Return {pupil: mastery by objective}."""
    own: dict[int, list[Result]] = {}
    for result in results:
        own.setdefault(result.pupil_id, []).append(result)
    return {pupil_id: by_objective(mine) for pupil_id, mine in own.items()}


def shrunk_shares(results: Iterable[Result]) -> dict[int, float]:
    """Return {pupil: share right}, drawn to the middle where there are few answers: (right + 1) / (total + 2).

    Laplace's rule of succession; it is for putting pupils in an order, not for judging any.
    """
    counts: dict[int, list[int]] = {}
    for result in results:
        count = counts.setdefault(result.pupil_id, [0, 0])
        count[0] += result.is_right * result.times
        count[1] += result.times
    return {pupil_id: (right + 1) / (total + 2) for pupil_id, (right, total) in counts.items()}


def sheet_of(
    whole: Iterable[Mastery], own: Mapping[int, Sequence[Mastery]], names: Mapping[int, str]
) -> tuple[list[str], list[list[str | int | float]]]:
    """Return heads and rows of a workbook: the class by objective, then each pupil of `names` in their order.

    Shares and the ends of the 95 % interval are per cent.
    """
    heads = [
        say("Họ và tên"), say("Mục tiêu"), say("Đúng"), say("Câu trả lời"), say("Tỷ lệ đúng (phần trăm)"),
        say("Khoảng tin cậy từ"), say("Khoảng tin cậy đến"), say("Nhận xét"),
    ]  # fmt: skip
    rows = [_row(say("Cả lớp"), one) for one in whole]
    rows += [_row(name, one) for pupil, name in names.items() for one in own.get(pupil, ())]
    return [*heads], rows


def _row(name: str, one: Mastery) -> list[str | int | float]:
    shares = (round(100 * share, 1) for share in (one.share, one.low, one.high))
    return [name, one.objective, one.right, one.total, *shares, say(one.words)]
