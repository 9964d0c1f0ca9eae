"""A school's report on its way: computed -> submitted -> approved -> accepted (locked) -> reopened -> and again.

A report is a month, or the form of an official day (reports.submissions.rules.reports). Nobody types what the registers
and class lists already know: it is computed, the school's office submits it, the principal approves it, an officer of
the department accepts it. Whoever may do a later step may do it without the earlier one; what was skipped is a warning
that asks for a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.i18n import N_, Phrase, say

if TYPE_CHECKING:
    from datetime import date

VIEW_SUBMISSIONS: Final = Permission(
    "submission.view", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER)
)
SUBMIT_MONTH: Final = Permission("submission.submit", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
APPROVE_MONTH: Final = Permission("submission.approve", everywhere(Role.PRINCIPAL))
RETURN_MONTH: Final = Permission("submission.return", everywhere(Role.PRINCIPAL, Role.DEPARTMENT_OFFICER))
ACCEPT_MONTH: Final = Permission("submission.accept", everywhere(Role.DEPARTMENT_OFFICER))
LONGEST_REASON: Final = 500


class SubmissionState(StrEnum):
    """Where a report stands. A computed one has no row yet; an accepted one is locked."""

    COMPUTED = "computed"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REOPENED = "reopened"


STATE_NAMES: Final = {
    SubmissionState.COMPUTED: N_("Chưa chốt"),
    SubmissionState.SUBMITTED: N_("Chờ duyệt"),
    SubmissionState.APPROVED: N_("Trường đã duyệt"),
    SubmissionState.RETURNED: N_("Trả lại để chỉnh sửa"),
    SubmissionState.ACCEPTED: N_("Đã chốt, đã khóa số liệu"),
    SubmissionState.REOPENED: N_("Đã mở khóa"),
}


EVENT_NAMES: Final = {
    "submitted": N_("Trình duyệt"),
    "approved": N_("Trường duyệt"),
    "returned": N_("Trả lại để chỉnh sửa"),
    "reopened": N_("Mở khóa"),
}
"""What is written of a step in a report's log; acceptances are counted."""


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
    """What this person may do with this report now; no screen guesses."""

    may_submit: bool
    may_approve: bool
    may_return: bool
    may_accept: bool
    may_reopen: bool
    may_remind: bool
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class Abilities:
    """Which steps a person may take at a school at all, whatever the state of the report."""

    submit: bool = False
    approve: bool = False
    give_back: bool = False
    accept: bool = False


OPEN_AT_SCHOOL: Final = frozenset(
    {SubmissionState.COMPUTED, SubmissionState.RETURNED, SubmissionState.REOPENED}
)
"""The school's office has the next step."""
BEFORE_APPROVAL: Final = OPEN_AT_SCHOOL | {SubmissionState.SUBMITTED}
RETURNABLE: Final = frozenset({SubmissionState.SUBMITTED, SubmissionState.APPROVED})


def days_late(due: date, state: SubmissionState, today: date) -> int:
    """Return for how many days a report has been waiting for its school beyond the due day; 0 when it is not late."""
    return max(0, (today - due).days) if state in BEFORE_APPROVAL else 0


def findings_of_state(state: SubmissionState, changed: Phrase | None) -> list[Finding]:
    """Return what stands against accepting: nobody approved it, or, in words, what is not as approved."""
    if state in BEFORE_APPROVAL:
        return [Finding(Weight.WARN, say("Nhà trường chưa duyệt số liệu kỳ này."))]
    if state is SubmissionState.APPROVED and changed:
        return [Finding(Weight.WARN, changed)]
    return []


def flags_of(
    state: SubmissionState, findings: list[Finding], able: Abilities, *, is_changed: bool = False
) -> Flags:
    """Say what a person who is `able` may do now; `is_changed`: the figures are not those of the last step."""
    weights = {finding.weight for finding in findings}
    is_sound = Weight.BLOCK not in weights
    may_approve = state in BEFORE_APPROVAL or (state is SubmissionState.APPROVED and is_changed)
    stands_at_school = state is SubmissionState.SUBMITTED if able.approve else state in RETURNABLE
    return Flags(
        may_submit=able.submit and not able.approve and is_sound and state in OPEN_AT_SCHOOL,
        may_approve=able.approve and is_sound and may_approve,
        may_return=able.give_back and stands_at_school,
        may_accept=able.accept and is_sound and state is not SubmissionState.ACCEPTED,
        may_reopen=able.accept and state is SubmissionState.ACCEPTED,
        may_remind=able.accept and state in BEFORE_APPROVAL,
        needs_reason=Weight.WARN in weights,
    )
