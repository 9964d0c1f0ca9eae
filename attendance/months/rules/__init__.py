"""Months: which days they are, and the fingerprint of all that their registers say. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class
from app.audit.rules import canonical
from app.errors import InvalidError
from app.i18n import say

if TYPE_CHECKING:
    from collections.abc import Iterable

VIEW_MONTHS: Final = Permission("months.view", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
CLOSE_MONTH: Final = Permission("months.close", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
REOPEN_MONTH: Final = Permission("months.reopen", everywhere(Role.PRINCIPAL))
TYPE_PAPER: Final = Permission(
    "register.type_paper", everywhere(Role.OFFICE_CLERK) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER)
)
"""Typing a paper register in: a teacher of the class, or the office in a teacher's name."""


CLOSE_JOB: Final = "months.close"


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar; `first` is its first day."""

    first: date

    @classmethod
    def of(cls, day: date) -> Month:
        """Return the month in which a day falls."""
        return cls(day.replace(day=1))

    @classmethod
    def read(cls, text: str) -> Month:
        """Return the month of "2026-10"; raise InvalidError when it is none."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError as error:
            raise InvalidError(
                say("Tháng viết như 2026-10, không phải “%(text)s”.", text=text[:20])
            ) from error

    @property
    def after_last(self) -> date:
        """The first day of the next month."""
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def days(self) -> list[date]:
        """All its days."""
        return [self.first + timedelta(days=n) for n in range((self.after_last - self.first).days)]

    @property
    def text(self) -> str:
        """How it stands in an address: 2026-10."""
        return f"{self.first:%Y-%m}"

    @property
    def words(self) -> str:
        """How it is written: 10/2026."""
        return f"{self.first:%m/%Y}"

    @property
    def before(self) -> Month:
        """The month before."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def next(self) -> Month:
        """The month after."""
        return Month(self.after_last)

    def require_over(self, today: date) -> None:
        """Raise InvalidError while the month is not over."""
        if today < self.after_last:
            raise InvalidError(say("Tháng %(month)s chưa hết, chưa chốt được.", month=self.words))


@dataclass(frozen=True, slots=True)
class Snapped:
    """What a fingerprint knows of one register: what it is of, whether it counts, its sums, its marks [pupil, code]."""

    class_id: int
    day: str
    slot_kind: str
    slot: int
    standing: str
    counters: tuple[int, ...]
    marks: tuple[tuple[int, int], ...]


def fingerprint(registers: Iterable[Snapped]) -> str:
    """Return the SHA-256 of the registers' canonical JSON lines, in the order class, day, kind, slot.

    `standing` is "taken", "not_held" or "missing": closing and opening a month changes no fingerprint.
    """
    lines = sorted(registers, key=lambda one: (one.class_id, one.day, one.slot_kind, one.slot))
    digest = hashlib.sha256()
    for line in lines:
        digest.update(canonical(asdict(line)).encode() + b"\n")
    return digest.hexdigest()
