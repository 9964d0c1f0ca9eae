"""The month of a school on its way: computed -> accepted (locked) -> reopened -> accepted again.

Nobody types anything that the registers already know: a month is computed, and an officer accepts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.i18n import N_, Phrase, say
from reports.indicators.rules import COVERAGE_THRESHOLD, Counts

if TYPE_CHECKING:
    from datetime import date

    from reports.cubes.rules import SchoolMonth

VIEW_SUBMISSIONS: Final = Permission("submission.view", everywhere(Role.PRINCIPAL, Role.DEPARTMENT_OFFICER))
ACCEPT_MONTH: Final = Permission("submission.accept", everywhere(Role.DEPARTMENT_OFFICER))
LONGEST_REASON: Final = 500


class SubmissionState(StrEnum):
    """Where a month stands. A computed one has no row yet; an accepted one is locked."""

    COMPUTED = "computed"
    ACCEPTED = "accepted"
    REOPENED = "reopened"


STATE_NAMES: Final = {
    SubmissionState.COMPUTED: N_("Chưa chốt"),
    SubmissionState.ACCEPTED: N_("Đã chốt, đã khóa số liệu"),
    SubmissionState.REOPENED: N_("Đã mở khóa"),
}


class Weight(StrEnum):
    """How much a finding weighs: it blocks, it asks for a reason, or it is only told."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a validation rule found, naming the class at fault where there is one."""

    weight: Weight
    text: Phrase
    class_id: int | None = None


@dataclass(frozen=True, slots=True)
class Flags:
    """What this person may do with this month now; no screen guesses."""

    may_accept: bool
    may_reopen: bool
    needs_reason: bool


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


def flags_of(state: SubmissionState, findings: list[Finding], *, may_act: bool) -> Flags:
    """Say what may be done; `may_act` is whether the person holds the permission for this school at all."""
    weights = {finding.weight for finding in findings}
    is_open = state is not SubmissionState.ACCEPTED
    return Flags(
        may_accept=may_act and is_open and Weight.BLOCK not in weights,
        may_reopen=may_act and not is_open,
        needs_reason=Weight.WARN in weights,
    )
