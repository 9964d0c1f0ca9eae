"""How an entry is hashed: canonical JSON (sorted keys, no spaces), then SHA-256 with the previous hash in front."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

from app.i18n import say

GENESIS: Final = "0" * 64
FORGOTTEN: Final = "pupil.forgotten"
"""The action whose entry names the links of chains that were emptied; it is never emptied itself."""
IS_FORGOTTEN: Final = say(
    "Dữ liệu của em đã được xóa theo yêu cầu nên hồ sơ không đổi được nữa. "
    "Nếu em trở lại, hãy ghi danh như học sinh mới."
)
EMPTIED: Final = '{"forgotten":true}'
"""The details of an entry whose words were taken out."""


_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is hashed of an entry. `at` is ISO 8601 in UTC; `details` is canonical JSON text."""

    sequence: int
    at: str
    user_id: int | None
    user_name: str
    action: str
    subject_kind: str
    subject_id: str
    details: str


def canonical(value: object) -> str:
    """Return JSON text in which equal values are equal texts."""
    return _CANONICAL.encode(value)


def entry_hash(previous: str, entry: Entry) -> str:
    """Return the hexadecimal SHA-256 of the previous hash followed by the entry's canonical JSON."""
    return hashlib.sha256((previous + canonical(asdict(entry))).encode()).hexdigest()
