"""What a gate may send, how it is signed, and how each scan is judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

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


_TEXT: Final = {"type": "string"}
_SCAN: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["card", "time"],
    "properties": {
        "card": {**_TEXT, "maxLength": 300, "description": "The card's code, or what its QR code says."},
        "time": {
            **_TEXT,
            "format": "date-time",
            "description": "With its offset: 2026-10-05T06:52:10+07:00.",
        },
        "id": {
            **_TEXT,
            "maxLength": LONGEST_ID,
            "description": "The gate's own; the same again has one effect.",
        },
        "gate": {**_TEXT, "description": "The key id, if it is sent at all."},
    },
}
DOCUMENT: Final[dict[str, Any]] = {
    "paths": {
        "/api/v1/evidence": {
            "post": {
                "operationId": "sendScans",
                "summary": "Cards that a gate read: shown beside names, never a mark.",
                "security": [{"gate": []}],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "oneOf": [
                                    _SCAN,
                                    {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "required": ["scans"],
                                        "properties": {
                                            "scans": {
                                                "type": "array",
                                                "minItems": 1,
                                                "maxItems": MOST_SCANS,
                                                "items": _SCAN,
                                            }
                                        },
                                    },
                                ]
                            }
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "`results`, one for each scan in order.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "results": {
                                            "type": "array",
                                            "items": {
                                                "type": "object",
                                                "properties": {
                                                    "id": {"type": ["string", "null"]},
                                                    "result": {"enum": [one.value for one in Outcome]},
                                                },
                                            },
                                        }
                                    },
                                }
                            }
                        },
                    },
                    "401": {
                        "description": "unsigned, unknown_key, expired, bad_digest, bad_signature. Date is our time."
                    },
                    "413": {"description": "More than 64 kB."},
                    "422": {"description": "Neither a scan nor 1 to 200 of them."},
                    "429": {"description": "Too many messages of this gate."},
                },
            }
        }
    },
    "components": {
        "securitySchemes": {
            "gate": {
                "type": "http",
                "scheme": "signature",
                "description": "HTTP Message Signatures (RFC 9421), Ed25519, tag bangxanh-gate.",
            }
        }
    },
}
"""What a gate sends, as a part of the OpenAPI 3.1 document."""
