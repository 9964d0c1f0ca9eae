"""What an import did to the tables, as a document: rows made, old values of rows changed, how everybody stood after.

It is made by comparing the rows of the pupils concerned before and after the writing, not by the writing itself: a
field that somebody adds to an import later is taken back like the others.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = Mapping[str, Any]
    Rows = Mapping[str, Mapping[int, Row]]
    """Rows by table and id; every value as JSON has it, dates in ISO form."""

DIGEST_LENGTH: Final = 16
MEMBERSHIP: Final = "class_membership"
CONTACT: Final = "pupil_contact"


@dataclass(frozen=True, slots=True)
class Journal:
    """What an import did. `stood` are digests of all rows of each pupil right after it, `since` an ISO date."""

    made: dict[str, list[int]] = field(default_factory=dict)
    changed: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    stood: dict[int, str] = field(default_factory=dict)
    rosters: list[int] = field(default_factory=list)
    since: str = ""

    @property
    def made_pupils(self) -> list[int]:
        """The pupils whom the installation did not know before."""
        return self.made.get("pupil", [])

    @property
    def made_classes(self) -> list[int]:
        """The classes that were not there before."""
        return self.made.get("school_class", [])

    def without_contacts(self, ids: Iterable[int]) -> Journal:
        """Return the journal without some contact rows: they were deleted for good, and their old values with them."""
        gone = set(ids)
        made = self.made | {CONTACT: [row for row in self.made.get(CONTACT, []) if row not in gone]}
        kept = {row: old for row, old in self.changed.get(CONTACT, {}).items() if row not in gone}
        return Journal(made, self.changed | {CONTACT: kept}, self.stood, self.rosters, self.since)


def journal_of(before: Rows, after: Rows, made_classes: Iterable[int]) -> Journal:
    """Return what lies between two states of the rows of some pupils."""
    made = {
        table: sorted(rows.keys() - before.get(table, {}).keys()) for table, rows in sorted(after.items())
    }
    made["school_class"] = sorted(made_classes)
    changed = {
        table: {
            row_id: old for row_id, row in rows.items() if (old := _old_values(before, table, row_id, row))
        }
        for table, rows in sorted(after.items())
    }
    rosters, since = _touched_rosters(before, after)
    return Journal(made, changed, digests(after), sorted(rosters | set(made["school_class"])), since)


def _old_values(before: Rows, table: str, row_id: int, row: Row) -> dict[str, Any]:
    old = before.get(table, {}).get(row_id)
    return {} if old is None else {name: value for name, value in old.items() if value != row[name]}


def _touched_rosters(before: Rows, after: Rows) -> tuple[set[int], str]:
    """Return the classes whose roster differs, and the first day on which one does ("" when none does)."""
    old, new = before.get(MEMBERSHIP, {}), after.get(MEMBERSHIP, {})
    pairs = [(old.get(row_id), row) for row_id, row in new.items() if old.get(row_id) != row]
    rosters = {row["class_id"] for pair in pairs for row in pair if row is not None}
    return rosters, min((_first_day(was, row) for was, row in pairs), default="")


def _first_day(was: Row | None, row: Row) -> str:
    """Return from when a membership differs: its first day, or the earlier of two last days when only that changed."""
    if was is None or was["class_id"] != row["class_id"] or was["starts_on"] != row["starts_on"]:
        return min(str(found["starts_on"]) for found in (was, row) if found is not None)
    return min(str(end) for end in (was["ends_on"], row["ends_on"]) if end is not None)


def digests(rows: Rows) -> dict[int, str]:
    """Return {pupil: digest of all the pupil's rows}. Contacts are left out: a school may have them all deleted."""
    by_pupil: dict[int, list[object]] = {}
    for table in sorted(rows.keys() - {CONTACT}):
        for row_id in sorted(rows[table]):
            row = rows[table][row_id]
            pupil_id = row_id if table == "pupil" else row["pupil_id"]
            by_pupil.setdefault(pupil_id, []).append([table, row_id, sorted(row.items())])
    return {
        pupil_id: hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()[:DIGEST_LENGTH]
        for pupil_id, found in by_pupil.items()
    }


# --- storage ------------------------------------------------------------------------------------------------------


def packed(journal: Journal) -> bytes:
    """Return the journal as compressed JSON: a school's first import makes thousands of rows."""
    said = {
        "made": journal.made,
        "changed": journal.changed,
        "stood": journal.stood,
        "rosters": journal.rosters,
        "since": journal.since,
    }
    return zlib.compress(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def unpacked(content: bytes) -> Journal:
    """Return the journal that `packed` stored."""
    said = json.loads(zlib.decompress(content))
    return Journal(
        made=said["made"],
        changed={
            table: {int(row_id): old for row_id, old in rows.items()}
            for table, rows in said["changed"].items()
        },
        stood={int(pupil_id): digest for pupil_id, digest in said["stood"].items()},
        rosters=said["rosters"],
        since=said["since"],
    )
