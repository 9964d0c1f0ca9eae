"""The form of an official day as a report: what is checked before it goes on, and what of it changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.i18n import Phrase, say
from reports.official.rules import Column, Form, Gaps, OfficialPeriod, grades_that_differ
from reports.submissions.rules.steps import Finding, Weight

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class FormReport:
    """The complete official form of a school."""

    school_id: int
    figures: Form
    period: OfficialPeriod
    gaps: Gaps

    @property
    def name(self) -> str:
        """The school's name."""
        return self.figures.name

    @property
    def is_there(self) -> bool:
        """Whether there is anything to hand in."""
        return any(line.grade for line in self.figures.lines)

    @property
    def is_due(self) -> bool:
        """Whether the school owes it: it had pupils."""
        return self.is_there

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
        if today < self.period.as_of:
            day = f"{self.period.as_of:%d/%m/%Y}"
            return [Finding(Weight.BLOCK, say("Chưa đến ngày %(day)s, ngày lấy số liệu.", day=day))]
        if not self.is_there:
            return [Finding(Weight.BLOCK, say("Ngày ấy chưa có học sinh nào trong danh sách lớp."))]
        return [*_findings_of_pupils(self.gaps), *_findings_of_classes(self.gaps)]

    def changed_since(self, text: str) -> tuple[str, ...]:
        """Return the grades that are not as `text` has them."""
        return tuple(grades_that_differ(text, self.figures))

    def changed_in_words(self, parts: tuple[str, ...]) -> Phrase:
        """Say that so many grades changed after the approval."""
        return say("%(count)s khối thay đổi số liệu sau khi nhà trường duyệt.", count=len(parts))

    @property
    def whole(self) -> dict[Column, int]:
        """The numbers of the whole school."""
        return {column: count or 0 for column, count in self.figures.lines[-1].counts.items()}


def _findings_of_pupils(gaps: Gaps) -> list[Finding]:
    found = [
        (
            gaps.without_class,
            say(
                "%(count)s học sinh của trường chưa ở lớp nào vào ngày ấy: không có trong biểu.",
                count=gaps.without_class,
            ),
        ),
        (
            gaps.without_sex,
            say("%(count)s học sinh chưa ghi giới tính: không tính là nữ.", count=gaps.without_sex),
        ),
        (
            gaps.without_ethnicity,
            say("%(count)s học sinh chưa ghi dân tộc: tính như dân tộc Kinh.", count=gaps.without_ethnicity),
        ),
    ]
    return [Finding(Weight.WARN, text) for count, text in found if count]


def _findings_of_classes(gaps: Gaps) -> list[Finding]:
    return [
        Finding(Weight.NOTE, say("Lớp %(name)s không có học sinh nào vào ngày ấy.", name=name), class_id)
        for class_id, name in gaps.empty_classes
    ]
