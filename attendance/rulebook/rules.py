"""Windows in which who may change a register, and which suggestions there are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

EDIT_RULEBOOK: Final = Permission(
    "attendance.rulebook", everywhere(Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
)
MOST_DAYS: Final = 366
LEAST_PAPER_DAYS: Final = 7
LEAST_SCAN_DAYS: Final = 7
"""Longer than a gate may bring its scans late (three days), so that nothing that was deleted comes again."""
LONGEST_LETTER: Final = 4


class SuggestionKind(StrEnum):
    """What a suggestion on a sheet comes from."""

    EXCUSE = "excuse"
    PREVIOUS = "previous"
    OUTING = "outing"
    GATE = "gate"
    LESSON = "lesson"


SUGGESTION_NAMES: Final = {
    SuggestionKind.EXCUSE: N_("Đơn xin nghỉ học đã duyệt"),
    SuggestionKind.PREVIOUS: N_("Vắng buổi hoặc tiết liền trước"),
    SuggestionKind.OUTING: N_("Hoạt động của trường"),
    SuggestionKind.GATE: N_("Quẹt thẻ cổng"),
    SuggestionKind.LESSON: N_("Đã vào tiết học tương tác"),
}


class Hand(StrEnum):
    """Whose hand changes a register: who takes it, the office, the principal."""

    TEACHER = "teacher"
    OFFICE = "office"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A school's decisions. Days are counted from the register's own day: 0 is "on the day itself only"."""

    teacher_days: int = 3
    office_days: int = 14
    order: tuple[SuggestionKind, ...] = tuple(SuggestionKind)
    paper_days: int = 180
    """How long papers of excuses are kept, counted from the last day excused."""
    scan_days: int = 90
    """How long it is kept when a pupil was seen (gate, live lesson), counted from that day."""

    def last_day(self, hand: Hand, day: date) -> date | None:
        """Return the last day on which this hand may change a register of `day`; None: until the month is closed."""
        days = {Hand.TEACHER: self.teacher_days, Hand.OFFICE: self.office_days}.get(hand)
        return None if days is None else day + timedelta(days=days)

    def is_open(self, hand: Hand, day: date, today: date) -> bool:
        """Say whether this hand may still change a register of `day` today."""
        last = self.last_day(hand, day)
        return last is None or today <= last


USUAL: Final = Rulebook()
"""Before a school decides otherwise: a teacher has three days, the office two weeks."""


def order_of(wanted: Iterable[SuggestionKind]) -> tuple[SuggestionKind, ...]:
    """Return every kind once: those that were named first, in their order, then the others in the usual one."""
    return tuple(dict.fromkeys([*wanted, *SuggestionKind]))


@dataclass(frozen=True, slots=True)
class Letter:
    """How a school writes one code."""

    code_id: int
    letter: str
    name: str
    is_offered: bool


def check_letters(letters: Sequence[Letter]) -> None:
    """Raise InvalidError, with the lines to mend, unless each code has a letter and a name, and no letter is twice."""
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for one in letters:
        folded = one.letter.casefold()
        if not one.letter or len(one.letter) > LONGEST_LETTER or " " in one.letter:
            wrong[f"letter-{one.code_id}"] = say("Ký hiệu gồm 1 đến 4 chữ, không có khoảng trắng.")
        elif folded in seen:
            wrong[f"letter-{one.code_id}"] = say("Ký hiệu “%(letter)s” dùng hai lần.", letter=one.letter)
        if not one.name:
            wrong[f"name-{one.code_id}"] = say("Ghi tên của ký hiệu.")
        seen.add(folded)
    if not any(one.is_offered for one in letters):
        wrong["letters"] = say("Cần ít nhất một ký hiệu đang dùng.")
    if wrong:
        raise InvalidError(say("Ký hiệu chưa hợp lệ. Kiểm tra các dòng được đánh dấu."), wrong)


def check_windows(teacher_days: int, office_days: int) -> None:
    """Raise InvalidError unless both are 0 to 366 days and the office has at least as long as a teacher."""
    if not (0 <= teacher_days <= MOST_DAYS and 0 <= office_days <= MOST_DAYS):
        raise InvalidError(say("Hạn sửa từ 0 đến %(most)s ngày.", most=MOST_DAYS))
    if office_days < teacher_days:
        raise InvalidError(
            say("Hạn của văn phòng không được ngắn hơn hạn của giáo viên."),
            {"office_days": say("Nhập ít nhất %(days)s ngày.", days=teacher_days)},
        )
