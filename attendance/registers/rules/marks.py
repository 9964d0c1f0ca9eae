"""Codes, marks and counters, and how operations of several people on one register are merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

PRESENT: Final = ""
"""The letter of nothing special: present is the absence of a mark."""


TEACHER: Final = "teacher"
OFFICE: Final = "office"
"""Who made a mark first."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a letter means. Rules and reports use the flags. `weight`: hundredths of a session missed."""

    id: int
    letter: str
    name: str
    is_present: bool = False
    is_authorised: bool = False
    is_pending: bool = False
    is_late: bool = False
    is_early_leave: bool = False
    is_on_site: bool = False
    needs_reason: bool = False
    weight: int = 100

    @property
    def is_school_event(self) -> bool:
        """Whether it stands for being elsewhere on the school's business: counted as present, not in the house."""
        return self.is_present and not (self.is_on_site or self.is_late or self.is_early_leave)


SEED_CODES: Final = (
    Code(1, "P", N_("Vắng có phép"), is_authorised=True),
    Code(2, "K", N_("Vắng không phép")),
    Code(3, "T", N_("Đi trễ"), is_present=True, is_late=True, is_on_site=True, weight=0),
)
"""The letters that southern schools write (vietnam.md 2.3); a school may write others and switch on those below."""
MORE_CODES: Final = (
    Code(4, "CR", N_("Vắng chưa rõ lý do"), is_pending=True),
    Code(5, "S", N_("Về sớm"), is_present=True, is_early_leave=True, is_on_site=True, weight=0),
    Code(6, "H", N_("Hoạt động của trường"), is_present=True, needs_reason=True, weight=0),
)
"""Known to every installation, offered only where a school has switched them on."""


@dataclass(frozen=True, slots=True)
class MarkValue:
    """What is said of one pupil in one register. `arrived` and `left` are wall-clock times "HH:MM"."""

    letter: str = PRESENT
    minutes_late: int | None = None
    arrived: str | None = None
    left: str | None = None
    reason: str = ""
    note: str = ""

    @property
    def is_exception(self) -> bool:
        """Whether there is anything to store: only exceptions are."""
        return self.letter != PRESENT

    def tidied(self) -> MarkValue:
        """Return the value without details that mean nothing: a present pupil has no minutes and no reason."""
        return self if self.is_exception else MarkValue()


def clock_time(text: str | None) -> time | None:
    """Return the time of day of "HH:MM", None for None; raise InvalidError when it is none."""
    if text is None:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(say("Giờ viết như 07:30, không phải “%(text)s”.", text=text[:20])) from error


@dataclass(frozen=True, slots=True)
class Counters:
    """What a taken register adds up to: present + excused + unexcused + pending = expected."""

    expected: int = 0
    present: int = 0
    excused: int = 0
    unexcused: int = 0
    pending: int = 0
    late: int = 0
    left_early: int = 0


def count(expected: int, codes: Iterable[Code]) -> Counters:
    """Count a register of `expected` pupils whose exceptions carry these codes, one for each pupil of the roster."""
    found = list(codes)
    absent = [code for code in found if not code.is_present]
    excused = sum(code.is_authorised for code in absent)
    pending = sum(code.is_pending and not code.is_authorised for code in absent)
    return Counters(
        expected=expected,
        present=expected - len(absent),
        excused=excused,
        unexcused=len(absent) - excused - pending,
        pending=pending,
        late=sum(code.is_late for code in found),
        left_early=sum(code.is_early_leave for code in found),
    )


PROGRAM: Final = "api:"
"""With what the device of a program that writes marks begins; the rest is its client id."""


def program_of(device: str) -> str:
    """Return the client id of the program that wrote with this device, "" when a person did."""
    return device.removeprefix(PROGRAM) if device.startswith(PROGRAM) else ""


# --- merging ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, with which device (a random id that the device made for itself).

    `on_behalf_of` is the account of whoever said it, when another person only writes it down; it tells no two authors
    apart.
    """

    user_id: int
    device: str
    on_behalf_of: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One tap of one person. `base` is the version of the register that the person was looking at."""

    id: str
    pupil_id: int
    value: MarkValue
    base: int
    device_time: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A stored change of one pupil's mark to something else: the version of the register that it made, and by whom."""

    pupil_id: int
    version: int
    author: Author


class Refusal(StrEnum):
    """Why an operation was not applied."""

    CHANGED = "changed"
    NOT_IN_CLASS = "not_in_class"


@dataclass(frozen=True, slots=True)
class Conflict:
    """An operation that waits for a person to decide: what holds now stands beside what was wished."""

    operation: Operation
    refusal: Refusal
    current: MarkValue
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """An operation to store: the value before and after it."""

    operation: Operation
    before: MarkValue
    after: MarkValue


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds before a merge: the roster, each exception, the changes since the oldest base, known operation ids."""

    roster: AbstractSet[int]
    marks: Mapping[int, MarkValue]
    changes: Sequence[Change] = ()
    known: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome: what to store, in order, and what a person must decide. What was stored before is in neither."""

    applied: tuple[Applied, ...]
    conflicts: tuple[Conflict, ...]


def merge(operations: Iterable[Operation], standing: Standing, author: Author) -> Merge:
    """Merge operations into what stands: per pupil, nothing overwritten unseen, nothing applied twice.

    An operation conflicts when somebody else changed the same pupil after its base to something different. What the
    same person did with the same device is no surprise to that person, whatever the base says: an acknowledgement
    may have been lost on the way.
    """
    marks = dict(standing.marks)
    last = {change.pupil_id: change for change in sorted(standing.changes, key=lambda found: found.version)}
    known = set(standing.known)
    applied: list[Applied] = []
    conflicts: list[Conflict] = []
    for operation in operations:
        if operation.id in known:
            continue
        known.add(operation.id)
        before, after = marks.get(operation.pupil_id, MarkValue()), operation.value.tidied()
        refusal = _refusal(operation, before, last.get(operation.pupil_id), standing.roster, author)
        if refusal is not None:
            conflicts.append(Conflict(operation, refusal, before, last.get(operation.pupil_id)))
            continue
        applied.append(Applied(operation, before, after))
        marks[operation.pupil_id] = after
    return Merge(tuple(applied), tuple(conflicts))


def _refusal(
    operation: Operation, before: MarkValue, last: Change | None, roster: AbstractSet[int], author: Author
) -> Refusal | None:
    if operation.pupil_id not in roster:
        return Refusal.NOT_IN_CLASS
    if before == operation.value.tidied() or last is None or last.version <= operation.base:
        return None
    return None if last.author == author else Refusal.CHANGED
