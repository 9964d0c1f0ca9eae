"""A month as a report: what is checked before it goes on, and what of it changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import Phrase, say
from reports.cubes.rules import classes_that_differ, read_classes
from reports.indicators.rules import COVERAGE_THRESHOLD, Counts
from reports.submissions.rules.steps import Finding, Weight

if TYPE_CHECKING:
    from datetime import date

    from reports.cubes.rules import Month, SchoolMonth

DUE_DAY: Final = 5
"""A month is to be approved by its school until this day of the next month, inclusive."""


@dataclass(frozen=True, slots=True)
class MonthReport:
    """The month of a school."""

    figures: SchoolMonth

    @property
    def school_id(self) -> int:
        """The school."""
        return self.figures.school_id

    @property
    def name(self) -> str:
        """The school's name."""
        return self.figures.name

    @property
    def period(self) -> Month:
        """The month."""
        return self.figures.month

    @property
    def is_there(self) -> bool:
        """Whether there is anything to hand in."""
        return bool(self.figures.classes)

    @property
    def is_due(self) -> bool:
        """Whether the school owes it: it had sessions."""
        return bool(self.figures.counts.sessions_due)

    @property
    def digest(self) -> str:
        """The SHA-256 of its figures, in hex."""
        return self.figures.digest

    @property
    def text(self) -> str:
        """Its figures as canonical JSON."""
        return self.figures.as_text()

    def findings(self, today: date) -> list[Finding]:
        """Check it before it goes on; the heaviest findings come first."""
        return findings_of(self.figures, today)

    def changed_since(self, text: str) -> tuple[str, ...]:
        """Return the names of the classes that are not as `text` has them."""
        return tuple(classes_that_differ(read_classes(text), self.figures.classes))

    def changed_in_words(self, parts: tuple[str, ...]) -> Phrase:
        """Say that so many classes changed after the approval."""
        return say("%(count)s lớp thay đổi số liệu sau khi nhà trường duyệt.", count=len(parts))


def due_on(month: Month) -> date:
    """Return the last day on which a school approves a month in time."""
    return month.after_last.replace(day=DUE_DAY)


def findings_of(month: SchoolMonth, today: date) -> list[Finding]:
    """Check a month before it is accepted; the heaviest findings come first."""
    counts = month.counts
    if not counts.sessions_taken:
        return [Finding(Weight.BLOCK, say("Chưa có sổ điểm danh nào được nộp trong tháng này."))]
    found = []
    if today < month.month.after_last:
        found.append(Finding(Weight.WARN, say("Tháng chưa kết thúc; số liệu mới tính đến hôm nay.")))
    if _is_below_threshold(counts):
        found.append(Finding(Weight.WARN, _coverage_text(counts)))
    found += [
        Finding(
            Weight.WARN,
            say(
                "Lớp %(name)s: mới điểm danh %(taken)s trên %(due)s buổi.",
                name=row.name,
                taken=row.counts.sessions_taken,
                due=row.counts.sessions_due,
            ),
            row.class_id,
        )
        for row in month.classes
        if _is_below_threshold(row.counts)
    ]
    if counts.pending:
        found.append(
            Finding(
                Weight.NOTE,
                say("%(count)s lượt vắng chưa rõ lý do (có phép hay không phép).", count=counts.pending),
            )
        )
    return found


def _is_below_threshold(counts: Counts) -> bool:
    return counts.sessions_taken < COVERAGE_THRESHOLD * counts.sessions_due


def _coverage_text(counts: Counts) -> Phrase:
    return say(
        "Mới điểm danh %(taken)s trên %(due)s buổi, dưới mức %(percent)s%%: tỷ lệ chuyên cần là số tạm tính.",
        taken=counts.sessions_taken,
        due=counts.sessions_due,
        percent=int(COVERAGE_THRESHOLD * 100),
    )
