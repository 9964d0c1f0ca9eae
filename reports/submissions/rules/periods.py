"""The periods that a school hands something in for: a month, or an official day of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from app.i18n import Phrase, say
from reports.cubes.rules import Month
from reports.official.rules import Occasion, OfficialPeriod
from reports.submissions.rules.months import due_on

if TYPE_CHECKING:
    from datetime import date

    from reports.submissions.rules.steps import Finding

Period: TypeAlias = Month | OfficialPeriod
"""As text, e.g. "2026-10" or "2026-2027-start"."""


class Report(Protocol):
    """What a school hands in for a period, as every step looks at it."""

    @property
    def school_id(self) -> int:
        """The school."""

    @property
    def name(self) -> str:
        """The school's name."""

    @property
    def period(self) -> Period:
        """The period."""

    @property
    def is_there(self) -> bool:
        """Whether there is anything to hand in."""

    @property
    def is_due(self) -> bool:
        """Whether the school owes it."""

    @property
    def digest(self) -> str:
        """The SHA-256 of its figures, in hex."""

    @property
    def text(self) -> str:
        """Its figures as canonical JSON: what is kept with a step."""

    def findings(self, today: date) -> list[Finding]:
        """Check it before it goes on; the heaviest findings come first."""

    def changed_since(self, text: str) -> tuple[str, ...]:
        """Return the names of the parts that are not as an earlier `text` has them."""

    def changed_in_words(self, parts: tuple[str, ...]) -> Phrase:
        """Say that these parts changed after the approval."""


def parse_period(text: str) -> Period | None:
    """Return the period that a text such as "2026-10" or "2026-2027-start" names, None for any other text."""
    return Month.parse(text) or OfficialPeriod.parse(text)


def due_of(period: Period) -> date:
    """Return the last day on which a school approves a period in time."""
    return period.due_on if isinstance(period, OfficialPeriod) else due_on(period)


def words_of(period: Period) -> Phrase:
    """Name a period."""
    if isinstance(period, Month):
        return say("Tháng %(month)s/%(year)s", month=period.month, year=period.year)
    if period.occasion is Occasion.START:
        return say("Báo cáo đầu năm học %(year)s", year=period.year_code)
    return say("Báo cáo cuối năm học %(year)s", year=period.year_code)
