"""What a gate may send, how it is signed, and how each scan is judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.access import Permission, Role, everywhere
from app.signing import Profile

MANAGE_GATES: Final = Permission(
    "gates.manage", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
)
_COVERED: Final = ("@method", "@path", "content-type", "content-digest")
SIGNED: Final = Profile("bangxanh-gate", _COVERED, _COVERED)
"""The path and not the whole address: a gate in the school's network knows the server by another name."""
MOST_SCANS: Final = 200
LARGEST_BODY: Final = 64 * 1024
"""Bytes: two hundred scans and room."""
AHEAD: Final = timedelta(minutes=2)
"""How far a gate's clock may be ahead of ours."""
OLDEST: Final = timedelta(days=3)
"""As long as a teacher usually may change a register; what was kept over a weekend without a network still counts."""
LONGEST_ID: Final = 40


class Outcome(StrEnum):
    """What became of one scan. Only `stored` means that it is kept; the others do not change by sending it again."""

    STORED = "stored"
    UNKNOWN_CARD = "unknown_card"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"
    ID_REUSED = "id_reused"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Scan:
    """A card that was read: its code, when (UTC), and the gate's own id of the scan."""

    id: str
    code: str
    at: datetime


def card_code(text: str) -> str:
    """Return the code of a card as the reader gives it: the code itself, or the address in the card's QR code."""
    return text.rpartition("#")[2].strip().upper()


def instant(text: str) -> datetime | None:
    """Return an ISO 8601 time with its offset as UTC, None for any other text: a time without zone is no instant."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def own_id(code: str, at: datetime) -> str:
    """Return the id of a scan for which the gate made none: one card is read once in a second."""
    return f"{code[:20]}@{int(at.timestamp())}"


def judged(at: datetime, now: datetime) -> Outcome:
    """Say whether a scan's time will do."""
    if at > now + AHEAD:
        return Outcome.IN_FUTURE
    return Outcome.TOO_OLD if at < now - OLDEST else Outcome.STORED


def source_of(gate_id: int, scan_id: str) -> str:
    """Return the reference that makes a scan sent twice harmless; each gate has its own ids."""
    return f"gate:{gate_id}:{scan_id}"
