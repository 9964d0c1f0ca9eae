"""What the hub accepts: protected aggregates only. It checks that itself, whoever the sender is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.access import Permission, Role, everywhere
from reports.cubes.rules import Month
from reports.envelope.rules import EnvelopeError
from reports.indicators.rules import Counts
from reports.releases.rules import DATASET, PUBLISHED_COUNTS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports.envelope.rules import Slice

VIEW_HUB: Final = Permission("hub.view", everywhere(Role.HUB_OPERATOR))
LEAST_THRESHOLD: Final = 10
LONGEST_NAME: Final = 200
LARGEST_COUNT: Final = 10**9


class UnprotectedError(ValueError):
    """A published cell describes fewer people than may be published."""


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """A school or class as received. `counts` is None when the sender withheld it."""

    key: str
    name: str
    counts: Counts | None


def read_rows(piece: Slice) -> list[ReceivedRow]:
    """Return the rows of a slice, the school first.

    Raises EnvelopeError when they have a wrong shape, UnprotectedError when a published one is below the threshold.
    """
    if piece.address.dataset != DATASET or piece.content.get("schema") != SCHEMA:
        message = "the dataset or its schema is not known"
        raise EnvelopeError(message)
    if Month.parse(piece.address.period) is None:
        message = "the period is not a month such as 2026-10"
        raise EnvelopeError(message)
    rows = [_read_row(row) for row in piece.content["rows"]]
    if not rows or rows[0].key or not all(row.key for row in rows[1:]):
        message = "the first row must be the organisation, the others its classes"
        raise EnvelopeError(message)
    return rows


def _read_row(row: Mapping[str, Any]) -> ReceivedRow:
    key, name = row.get("key"), row.get("name")
    if not isinstance(key, str) or not isinstance(name, str) or max(len(key), len(name)) > LONGEST_NAME:
        message = "a row lacks its key or name"
        raise EnvelopeError(message)
    if row.get("status") == "withheld" and "counts" not in row:
        return ReceivedRow(key, name, None)
    counts = row.get("counts")
    if (
        row.get("status") != "published"
        or not isinstance(counts, dict)
        or counts.keys() != set(PUBLISHED_COUNTS)
    ):
        message = f"row {key!r} is neither published with its counts nor withheld without any"
        raise EnvelopeError(message)
    if not all(type(value) is int and 0 <= value <= LARGEST_COUNT for value in counts.values()):
        message = f"row {key!r} has a count that is none"
        raise EnvelopeError(message)
    return ReceivedRow(key, name, _checked(key, counts))


def _checked(key: str, received: Mapping[str, int]) -> Counts:
    if (any(received.values()) and received["pupils"] < LEAST_THRESHOLD) or 0 < received[
        "expected"
    ] < LEAST_THRESHOLD:
        message = f"row {key!r} is published below the threshold"
        raise UnprotectedError(message)
    known = {name: value for name, value in received.items() if name != "absent"}
    pending = received["absent"] - received["excused"] - received["unexcused"]
    if pending < 0 or received["absent"] + received["late"] > received["expected"]:
        message = f"row {key!r} has parts larger than their whole"
        raise EnvelopeError(message)
    return Counts(pending=pending, **known)
