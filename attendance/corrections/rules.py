"""States of a request to correct a register after its window."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.i18n import N_


class CorrectionState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


CORRECTION_NAMES: Final = {
    CorrectionState.WAITING: N_("Chờ duyệt"),
    CorrectionState.APPROVED: N_("Đã duyệt"),
    CorrectionState.REJECTED: N_("Đã từ chối"),
}
