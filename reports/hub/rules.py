"""What the hub accepts: protected aggregates only. It checks that itself, whoever the sender is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.access import Permission, Role, everywhere
from reports.cubes.rules import Month
from reports.envelope.rules import EnvelopeError
from reports.indicators.rules import Counts
from reports.official.rules import FORM_DATASET, FORM_SCHEMA, OfficialPeriod, read_form_rows
from reports.official.rules.dataset import is_protected
from reports.releases.rules import DATASET, PUBLISHED_COUNTS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports.envelope.rules import Slice
    from reports.official.rules.dataset import TravellingLine

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
    if rows[0].counts is not None and sum(row.counts is None for row in rows[1:]) == 1:
        message = "one class alone is withheld: it is the organisation less the others"
        raise UnprotectedError(message)
    return rows


def read_form(piece: Slice) -> list[TravellingLine]:
    """Return the lines of the form of an official day, the whole first; raises as `read_rows`."""
    if piece.content.get("schema") != FORM_SCHEMA or OfficialPeriod.parse(piece.address.period) is None:
        message = "the schema or the official day is not known"
        raise EnvelopeError(message)
    name = piece.content.get("organisation_name")
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        message = "the name of the organisation is missing"
        raise EnvelopeError(message)
    try:
        lines = read_form_rows(piece.content["rows"])
    except ValueError as error:
        raise EnvelopeError(str(error)) from error
    if not is_protected(lines):
        message = "the form tells of a group below the threshold"
        raise UnprotectedError(message)
    return lines


def check(piece: Slice) -> None:
    """Raise EnvelopeError or UnprotectedError unless a slice is of a data set that the hub takes, and protected."""
    if piece.address.dataset == FORM_DATASET:
        read_form(piece)
    else:
        read_rows(piece)


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
