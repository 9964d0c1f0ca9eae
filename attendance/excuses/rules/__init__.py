"""Excuses: states, from which session to which, and which registers one reaches. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from app.access import Permission, Reach, Role, everywhere, own_class
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say

VIEW_EXCUSES: Final = Permission(
    "excuse.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL)
    | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER)
    | {Role.GUARDIAN: Reach.SELF},
)
REQUEST_EXCUSE: Final = Permission(
    "excuse.request",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL)
    | own_class(Role.HOMEROOM_TEACHER)
    | {Role.GUARDIAN: Reach.SELF},
)
DECIDE_EXCUSE: Final = Permission(
    "excuse.decide", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.HOMEROOM_TEACHER)
)
VIEW_SCHOOL_EXCUSES: Final = Permission("excuse.school", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
MOST_DAYS: Final = 60
LONGEST_TEXT: Final = 200


class ExcuseState(StrEnum):
    """Where an excuse stands. A draft is its writer's alone; who decides may ask back and then waits for an answer."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Final = {
    ExcuseState.DRAFT: N_("Bản nháp"),
    ExcuseState.SUBMITTED: N_("Chờ duyệt"),
    ExcuseState.NEEDS_INFO: N_("Cần bổ sung"),
    ExcuseState.APPROVED: N_("Đã duyệt"),
    ExcuseState.REJECTED: N_("Đã từ chối"),
    ExcuseState.WITHDRAWN: N_("Đã rút"),
}


class Source(StrEnum):
    """Who brought the excuse."""

    GUARDIAN = "guardian"
    HOMEROOM = "homeroom"
    OFFICE = "office"


SOURCE_NAMES: Final = {
    Source.GUARDIAN: N_("Phụ huynh gửi"),
    Source.HOMEROOM: N_("Giáo viên chủ nhiệm ghi"),
    Source.OFFICE: N_("Văn phòng ghi"),
}


class Step(StrEnum):
    """What may be done with an excuse."""

    SUBMIT = "submit"
    ASK = "ask"
    ANSWER = "answer"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


STEP_NAMES: Final = {
    Step.SUBMIT: N_("Gửi đơn"),
    Step.ASK: N_("Hỏi lại"),
    Step.ANSWER: N_("Trả lời"),
    Step.APPROVE: N_("Duyệt"),
    Step.REJECT: N_("Từ chối"),
    Step.WITHDRAW: N_("Rút đơn"),
}
_NEXT: Final = {
    (ExcuseState.DRAFT, Step.SUBMIT): ExcuseState.SUBMITTED,
    (ExcuseState.SUBMITTED, Step.SUBMIT): ExcuseState.SUBMITTED,
    (ExcuseState.SUBMITTED, Step.ASK): ExcuseState.NEEDS_INFO,
    (ExcuseState.SUBMITTED, Step.ANSWER): ExcuseState.SUBMITTED,
    (ExcuseState.NEEDS_INFO, Step.ASK): ExcuseState.NEEDS_INFO,
    (ExcuseState.NEEDS_INFO, Step.ANSWER): ExcuseState.SUBMITTED,
    (ExcuseState.NEEDS_INFO, Step.APPROVE): ExcuseState.APPROVED,
    (ExcuseState.NEEDS_INFO, Step.REJECT): ExcuseState.REJECTED,
    (ExcuseState.NEEDS_INFO, Step.WITHDRAW): ExcuseState.WITHDRAWN,
    (ExcuseState.SUBMITTED, Step.APPROVE): ExcuseState.APPROVED,
    (ExcuseState.SUBMITTED, Step.REJECT): ExcuseState.REJECTED,
    (ExcuseState.SUBMITTED, Step.WITHDRAW): ExcuseState.WITHDRAWN,
    (ExcuseState.APPROVED, Step.APPROVE): ExcuseState.APPROVED,
    (ExcuseState.APPROVED, Step.WITHDRAW): ExcuseState.WITHDRAWN,
    (ExcuseState.REJECTED, Step.REJECT): ExcuseState.REJECTED,
    (ExcuseState.REJECTED, Step.APPROVE): ExcuseState.APPROVED,
    (ExcuseState.WITHDRAWN, Step.WITHDRAW): ExcuseState.WITHDRAWN,
}


def state_after(state: ExcuseState, step: Step) -> ExcuseState:
    """Return the state after a step; a rejection may still become an approval. Raises ConflictError otherwise."""
    after = _NEXT.get((state, step))
    if after is None:
        raise ConflictError(N_("Đơn này đã được xử lý. Hãy tải lại trang."), {"state": state.value})
    return after


NEEDS_NOTE: Final = {
    Step.REJECT: N_("Hãy ghi lý do từ chối."),
    Step.ASK: N_("Hãy ghi điều cần hỏi."),
    Step.ANSWER: N_("Hãy ghi câu trả lời hoặc gửi kèm giấy tờ."),
}
"""What is said when a step that must explain itself does not."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a session of a day up to one of another, both included; slots 1 morning, 2 afternoon, 3 evening."""

    first_day: date
    first_slot: int
    last_day: date
    last_slot: int

    def covers(self, day: date, slot: int) -> bool:
        """Say whether a session is inside."""
        return (self.first_day, self.first_slot) <= (day, slot) <= (self.last_day, self.last_slot)

    def checked(self) -> Span:
        """Return it, or raise InvalidError when it ends before it begins or is longer than sixty days."""
        if (self.last_day, self.last_slot) < (self.first_day, self.first_slot):
            raise InvalidError(
                N_("Ngày nghỉ cuối phải sau ngày đầu."),
                {"last_day": N_("Chọn ngày cuối không trước ngày đầu.")},
            )
        if self.last_day - self.first_day > timedelta(days=MOST_DAYS):
            raise InvalidError(
                say("Đơn dài nhất %(days)s ngày. Nghỉ lâu hơn: hãy gửi thêm đơn.", days=MOST_DAYS),
                {"last_day": say("Chọn ngày cuối gần hơn.")},
            )
        return self
