"""Where a slice stands on its way to the hub, why it failed, and when to try again."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from app.access import Permission, Role, everywhere
from app.i18n import N_

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
TRANSIENT_STATUSES: Final = frozenset({429, 502, 503, 504})
WATCH_EXCHANGE: Final = Permission("exchange.watch", everywhere(Role.DEPARTMENT_OFFICER))


class SliceState(StrEnum):
    """Where a slice stands on its way. RECEIVED and FAILED are final until somebody asks to send it again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RECEIVED = "received"
    FAILED = "failed"
    REPLACED = "replaced"


STATE_NAMES: Final = {
    SliceState.QUEUED: N_("Đang chờ"),
    SliceState.SENDING: N_("Đang gửi"),
    SliceState.SENT: N_("Đã gửi"),
    SliceState.RECEIVED: N_("Đã tiếp nhận"),
    SliceState.FAILED: N_("Lỗi"),
    SliceState.REPLACED: N_("Đã có bản mới"),
}


WAITING: Final = (SliceState.QUEUED, SliceState.SENDING)


class Failure(StrEnum):
    """Why a slice did not arrive, as noted beside it. Codes that the hub answers are here too."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    UNREADABLE_RECEIPT = "unreadable_receipt"
    LOST_AT_HUB = "lost_at_hub"
    NEWER_AT_HUB = "newer_at_hub"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown_key"
    EXPIRED = "expired"
    BAD_DIGEST = "bad_digest"
    BAD_SIGNATURE = "bad_signature"
    BAD_ENVELOPE = "bad_envelope"
    UNPROTECTED = "unprotected"
    KEY_REUSED = "key_reused"
    SEQUENCE_REUSED = "sequence_reused"
    TOO_LARGE = "too_large"
    REFUSED = "refused"


FAILURE_TEXTS: Final = {
    Failure.NO_ANSWER: N_("Không kết nối được với kho dữ liệu. Hệ thống sẽ tự gửi lại."),
    Failure.BUSY: N_("Kho dữ liệu đang bận. Hệ thống sẽ tự gửi lại."),
    Failure.UNREADABLE_RECEIPT: N_("Đã gửi nhưng chưa đọc được biên nhận. Lần đối chiếu tới sẽ xác nhận."),
    Failure.LOST_AT_HUB: N_("Kho dữ liệu không còn bản này; hệ thống gửi lại."),
    Failure.NEWER_AT_HUB: N_(
        "Kho dữ liệu giữ một bản mới hơn, khác với bản ở đây. Hãy liên hệ nơi vận hành kho."
    ),
    Failure.UNSIGNED: N_("Kho dữ liệu không thấy chữ ký. Kiểm tra máy chủ trung gian giữa hai hệ thống."),
    Failure.UNKNOWN_KEY: N_(
        "Kho dữ liệu chưa biết khóa của hệ thống này. Hãy gửi khóa công khai cho nơi vận hành kho."
    ),
    Failure.EXPIRED: N_("Chữ ký hết hạn. Kiểm tra đồng hồ của hai máy chủ."),
    Failure.BAD_DIGEST: N_("Nội dung bị thay đổi trên đường truyền."),
    Failure.BAD_SIGNATURE: N_("Chữ ký không khớp. Kiểm tra địa chỉ kho và máy chủ trung gian."),
    Failure.BAD_ENVELOPE: N_("Kho dữ liệu không hiểu nội dung này; hai bên có thể khác phiên bản."),
    Failure.UNPROTECTED: N_("Kho dữ liệu từ chối vì có số liệu dưới ngưỡng bảo mật."),
    Failure.KEY_REUSED: N_("Kho dữ liệu đã nhận một nội dung khác mang cùng mã."),
    Failure.SEQUENCE_REUSED: N_("Kho dữ liệu đã có một bản khác mang cùng số thứ tự."),
    Failure.TOO_LARGE: N_("Nội dung quá lớn."),
    Failure.REFUSED: N_("Kho dữ liệu từ chối."),
}


def is_transient(status: int | None) -> bool:
    """Say whether trying again later makes sense. None stands for no answer at all (the network).

    Everything else is terminal: sending the same thing again would get the same answer.
    """
    return status is None or status in TRANSIENT_STATUSES


def wait_before_retry(attempts: int, jitter: float, retry_after: timedelta | None) -> timedelta:
    """Return how long to wait after `attempts` failed tries: doubling from 5 s to 1 h, times 0.5 to 1 by `jitter`.

    `jitter` is in [0, 1). The hub's Retry-After is a lower limit, itself limited to a day.
    """
    doubled = min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)
    return max(doubled * (0.5 + jitter / 2), min(retry_after or timedelta(), timedelta(days=1)))


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (seconds or an HTTP date, RFC 9110 10.2.3); None when absent or not understood."""
    if not value:
        return None
    if value.strip().isdecimal():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(moment - now, timedelta())
